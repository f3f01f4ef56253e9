'use strict';
// Go on from your digit: turn its units, walk in the plane, step to another
// digit, draw digits out of nothing.

/** Call a function with where in a box a pointer is that presses or hovers. */
function follow(element, moved, hovers = false) {
  const at = event => moved(...within(element, event).map(
    value => clamp(value, 1)));
  element.onpointerdown = event => {
    element.setPointerCapture(event.pointerId);
    at(event);
  };
  element.onpointermove = event => {
    if (hovers || element.hasPointerCapture(event.pointerId)) at(event);
  };
}

// --- Turn the units ---

let turned, sliders;            // the model, and an input for each unit

function chooseUnits(name) {
  turned = models[name];
  sliders = turned.largest.map((largest, i) => make('input', {
    type: 'range', min: 0, max: largest || 1, step: 'any', autocomplete: 'off',
    disabled: largest === 0, oninput: drawTurned,
    ariaLabel: `unit ${i + 1}${largest ? '' : ', dead'}`}));
  byId('units').replaceChildren(...sliders);
  setUnits(yours.results[name].code);
}

function setUnits(code) {
  sliders.forEach((slider, i) => { slider.value = code[i]; });
  drawTurned();
}

function drawTurned() {
  for (const slider of sliders) {
    slider.style.setProperty('--value', slider.value / slider.max);
    slider.ariaValueText = Number(slider.value).toFixed(2);
  }
  const image = turned.decode(Float32Array.from(
    sliders, slider => slider.disabled ? 0 : slider.value));
  show(byId('turned'), image);
  byId('turned-loss').textContent =
    `${crossEntropy(yours.image, image).toFixed(1)} nats from your digit`;
}

follow(byId('units'), (x, y) => {
  const across = sliders.filter(
    slider => slider.offsetTop === sliders[0].offsetTop).length;
  const rows = Math.ceil(sliders.length / across);
  const row = Math.min(Math.floor(y * rows), rows - 1);
  const slider = sliders[
    row * across + Math.min(Math.floor(x * across), across - 1)];
  if (!slider) return;                      // the last row may be shorter
  slider.focus({preventScroll: true});
  slider.value = (row + 1 - y * rows) * slider.max;
  drawTurned();
});
const ownCode = () => setUnits(yours.results[turned.name].code);
byId('own-code').onclick = ownCode;
byId('no-code').onclick = () => setUnits(sliders.map(() => 0));
for (const choice of document.getElementsByName('units-of'))
  choice.onchange = () => chooseUnits(choice.value);

// --- Walk in the VAE's plane, which goes from -reach to reach ---

const vae = models.variational, reach = vae.reach;
let here = [0, 0];

function put(element, [x, y]) {
  element.style.left = `${(x / reach + 1) * 50}%`;
  element.style.top = `${(1 - y / reach) * 50}%`;
}

function drawPoints() {
  const pen = byId('points').getContext('2d'), side = pen.canvas.width / 2;
  const means = floats(vae.means);
  pen.globalAlpha = 0.6;
  bytes(data.labels).forEach((label, i) => {
    pen.fillStyle = data.colors[label];
    pen.fillRect((means[2 * i] / reach + 1) * side - 1.5,
                 (1 - means[2 * i + 1] / reach) * side - 1.5, 3, 3);
  });
  vae.places.forEach((place, label) => {
    const name = make('span', {className: 'class', textContent: label});
    name.style.borderColor = data.colors[label];
    put(name, place);
    byId('plane').append(name);
  });
}

function drawYours() {
  const {code, logVar} = yours.results.variational, {style} = byId('yours');
  put(byId('yours'), code);
  [style.width, style.height] = Array.from(
    logVar, value => `${Math.exp(value / 2) / reach * 100}%`);
}

function walk(...z) {
  here = z.map(value => clamp(value, reach, -reach));
  put(byId('here'), here);
  show(byId('walked'), vae.decode(here));
  byId('walked-at').textContent =
    `z = (${here.map(value => value.toFixed(2)).join(', ')})`;
}

async function drawEverywhere() {
  const n = 21, canvas = byId('everywhere'), tile = digitCanvas();
  canvas.width = canvas.height = n * SIDE;
  for (let i = 0; i < n * n; i++) {
    const row = Math.floor(i / n), column = i % n;
    if (!column) await new Promise(requestAnimationFrame);      // row by row
    show(tile, vae.decode([column, n - 1 - row].map(
      step => ((2 * step + 1) / n - 1) * reach)));
    canvas.getContext('2d').drawImage(tile, column * SIDE, row * SIDE);
  }
}

follow(byId('plane'), (x, y) => walk((2 * x - 1) * reach, (1 - 2 * y) * reach),
       true);
byId('plane').onkeydown = event => {
  if (!(event.key in ARROWS)) return;
  event.preventDefault();
  const [right, down] = ARROWS[event.key];
  walk(here[0] + right * reach / 40, here[1] - down * reach / 40);
};
byId('everywhere-too').onchange = ({target: {checked}}) => {
  byId('everywhere').hidden = !checked;
  byId('plane').classList.toggle('drawn', checked);
  if (checked) drawEverywhere();
};

// --- From one digit to another, and out of nothing ---

let goal = digits[2];

/** Return a row of images beside its name: one picture. */
function strip(name, images) {
  return make('div', {className: 'strip'}, make('span', {}, name), make(
    'div', {role: 'img', ariaLabel: `${name}: ${images.length} digits`},
    ...images.map(image => show(digitCanvas(), image))));
}

function drawSteps() {
  const steps = (from, to) => [0, 1, 2, 3, 4, 5, 6, 7, 8].map(
    step => from.map((value, i) => value + step / 8 * (to[i] - value)));
  byId('steps').replaceChildren(
    strip('pixels', steps(yours.image, goal)),
    ...Object.values(models).map(model => strip(model.name, steps(
      yours.results[model.name].code, model.encode(goal).code
    ).map(model.decode))));
}

function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) *
    Math.cos(2 * Math.PI * Math.random());
}

function drawSamples() {
  const row = (name, model, sample) => strip(name, Array.from({length: 8},
    () => model.decode(Float32Array.from(model.largest, sample))));
  const shuffled = model => {
    model.codes ??= digits.map(digit => model.encode(digit).code);
    return row(`${model.name}, each unit's value from a test digit`, model,
      (_, unit) => model.codes[Math.floor(Math.random() * digits.length)][unit]);
  };
  byId('samples').replaceChildren(
    row('variational, z from N(0, 1)', vae, normal),
    row('vanilla, code from N(0, 1)', models.vanilla, normal),
    shuffled(models.vanilla), shuffled(models.convolutional));
}

byId('again').onclick = drawSamples;
offer(byId('goals'), digits.slice(0, 10), image => {
  goal = image;
  tellGoal();
  drawSteps();
});
function tellGoal() {
  [...byId('goals').children].forEach((button, i) => {
    button.ariaPressed = String(digits[i] === goal);
  });
}
tellGoal();

look();
tell();
drawBoard();
chooseUnits('vanilla');
drawPoints();
drawYours();
walk(0, 0);
drawSteps();
setTimeout(drawSamples);        // after what is on the screen first
followers.push(ownCode, drawYours, drawSteps);
