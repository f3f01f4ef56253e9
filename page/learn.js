'use strict';
// A variational autoencoder that learns, in a worker of the page: pixels →
// hidden, relu → mean, log variance → z → hidden, relu → pixels, sigmoid.
// Keras's initial weights and Keras's Adam.

const BETAS = [0.9, 0.999], EPSILON = 1e-7;

/** Return a sample of N(0, 1). */
function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) *
    Math.cos(2 * Math.PI * Math.random());
}

/** A layer: x times the kernel, (inputs, outputs) row by row, plus the bias. */
class Dense {
  constructor(inputs, outputs) {
    const limit = Math.sqrt(6 / (inputs + outputs));        // Glorot's
    this.kernel = Float32Array.from({length: inputs * outputs},
      () => limit * (2 * Math.random() - 1));
    this.bias = new Float32Array(outputs);
    this.parts = ['kernel', 'bias'].map(name => {
      const values = this[name], zeros = () => new Float32Array(values.length);
      return {values, gradient: zeros(), mean: zeros(), square: zeros()};
    });
  }

  apply(x, relu = false) {
    const sums = Float32Array.from(this.bias), n = sums.length;
    for (let i = 0; i < x.length; i++) {
      if (!x[i]) continue;                  // black pixels, units at rest
      for (let j = 0, k = i * n; j < n; j++) sums[j] += x[i] * this.kernel[k + j];
    }
    return relu ? sums.map(value => Math.max(value, 0)) : sums;
  }

  /** Add an example's gradient, from that by the output; return the input's.
   * An input of 0 is a black pixel or a relu at rest: it has and needs none. */
  back(x, slope) {
    const [{gradient}, {gradient: bias}] = this.parts, n = slope.length;
    const result = new Float32Array(x.length);
    for (let j = 0; j < n; j++) bias[j] += slope[j];
    for (let i = 0; i < x.length; i++) {
      if (!x[i]) continue;
      let sum = 0;
      for (let j = 0, k = i * n; j < n; j++) {
        sum += this.kernel[k + j] * slope[j];
        gradient[k + j] += x[i] * slope[j];
      }
      result[i] = sum;
    }
    return result;
  }

  /** Take Adam's step number `step` with the mean of n gradients; forget them. */
  update(step, n, rate) {
    const [a, b] = BETAS;
    const size = rate * Math.sqrt(1 - b ** step) / (1 - a ** step);
    for (const {values, gradient, mean, square} of this.parts)
      for (let i = 0; i < values.length; i++) {
        const slope = gradient[i] / n;
        mean[i] += (slope - mean[i]) * (1 - a);
        square[i] += (slope * slope - square[i]) * (1 - b);
        values[i] -= size * mean[i] / (Math.sqrt(square[i]) + EPSILON);
        gradient[i] = 0;
      }
  }
}

class Vae {
  constructor(pixels, hidden, latent) {
    Object.assign(this, {
      hidden: new Dense(pixels, hidden), mean: new Dense(hidden, latent),
      logVar: new Dense(hidden, latent), unfold: new Dense(latent, hidden),
      drawn: new Dense(hidden, pixels), step: 0});
  }

  encode(x) {
    const h = this.hidden.apply(x, true);
    return {h, mean: this.mean.apply(h), logVar: this.logVar.apply(h)};
  }

  decode(z) {
    const g = this.unfold.apply(z, true);
    return {g, image: this.drawn.apply(g).map(x => 1 / (1 + Math.exp(-x)))};
  }

  /** Add an image's gradients of cross-entropy + beta * divergence. */
  add(x, noise, beta) {
    const {h, mean, logVar} = this.encode(x);
    const deviation = logVar.map(value => Math.exp(value / 2));
    const z = mean.map((value, i) => value + deviation[i] * noise[i]);
    const {g, image} = this.decode(z);
    const toG = this.drawn.back(g, image.map((value, i) => value - x[i]));
    const toZ = this.unfold.back(z, toG);
    const ofMean = this.mean.back(h, toZ.map((s, i) => s + beta * mean[i]));
    const ofLogVar = this.logVar.back(h, toZ.map((s, i) =>
      (s * noise[i] * deviation[i] + beta * (deviation[i] ** 2 - 1)) / 2));
    this.hidden.back(x, ofMean.map((s, i) => s + ofLogVar[i]));
  }

  /** Return cross-entropy + beta * divergence of an image, z its mean. */
  loss(x, beta) {
    const {mean, logVar} = this.encode(x), {image} = this.decode(mean);
    return image.reduce((sum, p, i) => {
      const q = Math.min(Math.max(p, 1e-7), 1 - 1e-7);      // as Keras
      return sum - x[i] * Math.log(q) - (1 - x[i]) * Math.log(1 - q);
    }, 0) + beta * mean.reduce((sum, m, i) =>
      sum + (Math.exp(logVar[i]) + m * m - 1 - logVar[i]) / 2, 0);
  }

  /** Take a step of Adam for n images that were added. */
  update(n, rate) {
    this.step++;
    for (const name of ['hidden', 'mean', 'logVar', 'unfold', 'drawn'])
      this[name].update(this.step, n, rate);
  }
}

// --- The worker: it trains while it is told to, and tells what it has. ---

const HIDDEN = 128, BATCH = 32, RATE = 0.004;
const TURN = 40, PAUSE = 250;           // milliseconds: training, and telling
const JUDGED = 250;                     // held-out digits of the loss
const state = {running: false, beta: 1, round: 0, train: [], held: [],
               shown: []};
let vae = null, begun, asked = false;
let told = 0;                           // when the page had drawn; Infinity: it has not

function tell() {
  const {step} = vae, {beta, held, shown} = state;
  const judged = held.slice(0, JUDGED);
  told = Infinity;                          // a slow page is not told more
  postMessage({
    step, round: begun, means: held.map(x => vae.encode(x).mean),
    loss: judged.reduce((sum, x) => sum + vae.loss(x, beta), 0) / judged.length,
    images: shown.map(x => vae.decode(vae.encode(x).mean).image)});
}

function turn() {
  asked = false;
  const end = performance.now() + TURN;
  while (state.running && performance.now() < end) {
    for (let i = 0; i < BATCH; i++)
      vae.add(state.train[Math.floor(Math.random() * state.train.length)],
              [normal(), normal()], state.beta);
    vae.update(BATCH, RATE);
  }
  if (!state.running || performance.now() > told + PAUSE) tell();
  if (state.running && !asked) asked = Boolean(setTimeout(turn));
}

self.onmessage = ({data}) => {
  if (data.drawn) return void (told = performance.now());
  Object.assign(state, data);
  if (!state.train.length) return;          // they are still unpacked
  if (begun !== state.round) {               // the first, or started again
    begun = state.round;
    vae = new Vae(state.train[0].length, HIDDEN, 2);
    tell();
  }
  if (!asked) turn();
};
