'use strict';
// The networks: what Keras computes, on Float32Arrays in Keras's order (rows,
// columns, channels). A layer, as make.py describes it, becomes a function.

const SIDE = 28, PIXELS = SIDE * SIDE;
const ACTIVATIONS = {
  linear: value => value,
  relu: value => value > 0 ? value : 0,
  sigmoid: value => 1 / (1 + Math.exp(-value)),
};

const count = shape => shape.reduce((product, side) => product * side, 1);

/** Return the bytes of a base64 text. */
function bytes(text) {
  const characters = atob(text), result = new Uint8Array(characters.length);
  for (let i = 0; i < result.length; i++) result[i] = characters.charCodeAt(i);
  return result;
}

/** Return the floats that were stored as int16 with one scale. */
function floats({scale, ints}) {
  const stored = new Int16Array(bytes(ints).buffer);
  const result = new Float32Array(stored.length);
  for (let i = 0; i < stored.length; i++) result[i] = stored[i] * scale;
  return result;
}

/** Add to sums the input times the kernel, four inputs at once. */
function multiply(sums, kernel, input) {
  const n = sums.length, whole = input.length - input.length % 4;
  for (let i = 0, k = 0; i < whole; i += 4, k += 4 * n) {
    const a = input[i], b = input[i + 1], c = input[i + 2], d = input[i + 3];
    if (!(a || b || c || d)) continue;      // black pixels, dead units
    for (let j = 0, p = k, q = k + n, r = q + n, s = r + n; j < n; j++)
      sums[j] += a * kernel[p + j] + b * kernel[q + j] +
        c * kernel[r + j] + d * kernel[s + j];
  }
  for (let i = whole, k = whole * n; i < input.length; i++, k += n)
    for (let j = 0; j < n; j++) sums[j] += input[i] * kernel[k + j];
}

/** Write the activations of sums into a result, from an index on. */
function activate(name, sums, result, at) {
  const activation = ACTIVATIONS[name];
  for (let j = 0; j < sums.length; j++) result[at + j] = activation(sums[j]);
  return result;
}

/** Call a function with each index of a shape and that in one of half sides. */
function halve([height, width, channels], [, columns], call) {
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++, i++)
        call(i, ((y >> 1) * columns + (x >> 1)) * channels + c);
}

const LAYERS = {
  Dense: ({activation, kernel, bias}) => input => {
    const sums = new Float64Array(bias);
    multiply(sums, kernel, input);
    return activate(activation, sums, new Float32Array(sums.length), 0);
  },

  // 3 x 3, of stride 1; how it is padded is seen from the shapes.
  Conv2D: ({input, output, activation, kernel, bias}) => image => {
    const [height, width, channels] = input, [rows, columns, filters] = output;
    const pad = (rows + 2 - height) / 2, across = (columns + 2) * channels;
    const padded = new Float32Array((rows + 2) * across);
    for (let y = 0; y < height; y++)
      padded.set(image.subarray(y * width * channels,
                                (y + 1) * width * channels),
                 (y + pad) * across + pad * channels);
    const result = new Float32Array(count(output));
    const sums = new Float64Array(filters);
    const window = new Float32Array(9 * channels);
    for (let y = 0, at = 0; y < rows; y++)
      for (let x = 0; x < columns; x++, at += filters) {
        sums.set(bias);
        for (let i = 0, k = 0; i < 3; i++)
          for (let j = 0, from = (y + i) * across + x * channels;
               j < 3 * channels; j++)
            window[k++] = padded[from + j];
        multiply(sums, kernel, window);
        activate(activation, sums, result, at);
      }
    return result;
  },

  // 2 x 2; where a side is odd, the last row or column stands alone.
  MaxPooling2D: ({input, output}) => image => {
    const result = new Float32Array(count(output)).fill(-Infinity);
    halve(input, output, (i, half) => {
      if (image[i] > result[half]) result[half] = image[i];
    });
    return result;
  },

  // 2 x 2, each pixel repeated.
  UpSampling2D: ({input, output}) => image => {
    const result = new Float32Array(count(output));
    halve(output, input, (i, half) => { result[i] = image[half]; });
    return result;
  },
};

/** Return the function that a list of layers computes. */
function network(layers) {
  const functions = layers.map(layer => LAYERS[layer.kind]({
    ...layer, kernel: layer.kernel && floats(layer.kernel),
    bias: layer.bias && floats(layer.bias)}));
  return input => functions.reduce((x, compute) => compute(x), input);
}

/** Return an autoencoder: its halves, the code's shape, what make.py adds. */
function autoencoder({hidden, code, logVar, decoder, ...more}) {
  const toHidden = network(hidden), toCode = network([code]);
  const toLogVar = logVar && network([logVar]);
  return {
    ...more, shape: decoder[0].input,
    decode: network(decoder),
    /** Return the code of an image; a VAE's mean, and its log variance. */
    encode(image) {
      const x = toHidden(image);
      return {code: toCode(x), logVar: toLogVar ? toLogVar(x) : null};
    },
  };
}

/** Return the cross-entropy of an image with its target, in nats. */
function crossEntropy(target, image) {
  let sum = 0;
  for (let i = 0; i < PIXELS; i++) {
    const p = Math.min(Math.max(image[i], 1e-7), 1 - 1e-7);     // as Keras
    sum -= target[i] * Math.log(p) + (1 - target[i]) * Math.log(1 - p);
  }
  return sum;
}

/** Return the KL divergence of N(mean, exp(logVar)) from N(0, 1), in nats. */
function divergence(mean, logVar) {
  return mean.reduce((sum, m, i) => sum + (
    Math.exp(logVar[i]) + m * m - 1 - logVar[i]) / 2, 0);
}

/** Return what a model makes of an image, and what that costs. */
function evaluate(model, image) {
  const {code, logVar} = model.encode(image), drawn = model.decode(code);
  return {code, logVar, image: drawn, loss: crossEntropy(image, drawn),
          kl: logVar ? divergence(code, logVar) : 0};
}
