'use strict';
// Draw a digit: the board, the test digits, and what each autoencoder makes of
// yours. `yours` is what the other sections go on from.

const byId = id => document.getElementById(id);
const data = JSON.parse(byId('data').textContent);
const models = Object.fromEntries(data.models.map(
  model => [model.name, autoencoder(model)]));
const pixels = Float32Array.from(bytes(data.digits), value => value / 255);
const digits = [];              // ten of each class: 0 to 9, 0 to 9, ...
for (let i = 0; i < pixels.length; i += PIXELS)
  digits.push(pixels.subarray(i, i + PIXELS));

const yours = {image: digits[7], results: {}};
const followers = [];           // called when your digit is another
const FULL = 250;               // nats, the length of a bar

/** Make an element with properties and children. */
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Make a canvas of one digit; its name is for who cannot see it. */
function digitCanvas(ariaLabel) {
  return make('canvas', {className: 'ink paper', width: SIDE, height: SIDE,
                         ...ariaLabel && {role: 'img', ariaLabel}});
}

/** Show an image on a canvas: black ink, through which the paper is seen. */
function show(canvas, image) {
  const picture = new ImageData(SIDE, SIDE);
  for (let i = 0; i < PIXELS; i++)
    picture.data[4 * i + 3] = 255 * image[i];       // rounded there
  canvas.getContext('2d').putImageData(picture, 0, 0);
  return canvas;
}

/** Fill a group with buttons of ten digits; `pick` takes the one pressed. */
function offer(group, images, pick) {
  group.replaceChildren(...images.map((image, label) => make(
    'button', {onclick: () => pick(image)},
    show(digitCanvas(`a ${label}`), image))));
}

// How a code is drawn, with black ink on a canvas of 200 by 100.
function drawBars(pen, {code}, {largest}) {
  const top = Math.max(...largest), width = 200 / code.length;
  code.forEach((value, i) => {
    const height = clamp(value / top, 1) * 100;
    pen.globalAlpha = 0.08;
    pen.fillRect(i * width, 0, width - 1, 100);
    pen.globalAlpha = 1;
    pen.fillRect(i * width, 100 - height, width - 1, height);
  });
}

function drawMaps(pen, {code}, {shape: [, columns, channels], largest}) {
  const top = Math.max(...largest), side = 42 / columns;
  code.forEach((value, i) => {
    const map = i % channels, pixel = Math.floor(i / channels);
    pen.globalAlpha = clamp(1.5 * value / top, 1);
    pen.fillRect((map % 4) * 50 + pixel % columns * side,
                 (map >> 2) * 50 + Math.floor(pixel / columns) * side,
                 side, side);
  });
}

function drawNormal(pen, {code: [x, y], logVar}) {
  const ring = (x, y, a, b) => {            // 11 is a deviation of the prior
    pen.beginPath();
    pen.ellipse(100 + 11 * x, 50 - 11 * y, 11 * a, 11 * b, 0, 0, 2 * Math.PI);
  };
  pen.globalAlpha = 0.4;
  for (const radius of [1, 2, 3]) { ring(0, 0, radius, radius); pen.stroke(); }
  pen.globalAlpha = 1;
  ring(x, y, ...Array.from(logVar, v => Math.max(Math.exp(v / 2), 0.2)));
  pen.fill();
}

const IDEAS = {
  vanilla: 'The bottleneck: 784 pixels through 32 numbers, most of what matters kept.',
  sparse: `The same, and a price on each number that is not 0. It is the course's, of
    0.00001, and so small that it hardly shows.`,
  convolutional: `Small windows slide over the image: the code is 8 maps of 4 × 4,
    which know where a stroke is.`,
  variational: `The code is a cloud, not a point: 2 means and 2 deviations. So near
    codes draw like digits, and any code draws one.`,
};

/** Make a model's card; return functions that draw and tell a result in it. */
function card(model) {
  const {name, average, epochs, shape, largest} = model, units = largest.length;
  const image = digitCanvas(`What the ${name} autoencoder draws`);
  const code = make('canvas', {className: 'ink code', width: 200, height: 100,
                               role: 'img', ariaLabel: `Its ${units} numbers`});
  const loss = make('p', {className: 'loss'});
  const [mark, ...parts] = ['mark', 'rest', 'own', 'kl'].map(
    part => make('span', {className: `sample ${part}`}));
  mark.style.left = `${average / FULL * 100}%`;
  byId('ideas').append(make('p', {}, make('b', {}, `${name}: `), IDEAS[name]));
  byId('cards').append(make('article', {className: 'card', id: `card-${name}`},
    make('h3', {}, name, make('small', {}, `784 → ${units} → 784` +
      (epochs ? `, ${epochs} epochs` : ''))),
    make('p', {className: 'note'}, IDEAS[name]),
    make('div', {className: 'made'}, image, code), loss,
    make('div', {className: 'bar'}, ...parts, mark)));
  const drawCode = name === 'variational' ? drawNormal
    : shape.length === 1 ? drawBars : drawMaps;
  return {
    draw(result) {
      show(image, result.image);
      const pen = code.getContext('2d');
      pen.clearRect(0, 0, 200, 100);
      drawCode(pen, result, model);
    },
    tell({loss: total, kl}, unavoidable) {
      loss.replaceChildren(
        total.toFixed(1), kl ? ` + ${kl.toFixed(1)}` : '', ' nats ',
        make('small', {}, `average ${average.toFixed(1)}`));
      [unavoidable, total - unavoidable, kl].forEach((nats, i) => {
        parts[i].style.width = `${clamp(nats / FULL, 1) * 100}%`;
      });
    },
  };
}

const cards = Object.entries(models).map(([name, model]) => [name, card(model)]);

/** Draw what each autoencoder makes of your digit. */
function look() {
  show(byId('seen'), yours.image);
  for (const [name, {draw}] of cards)
    draw(yours.results[name] = evaluate(models[name], yours.image));
}

/** Tell what that costs. */
function tell() {
  const unavoidable = crossEntropy(yours.image, yours.image);
  for (const [name, {tell}] of cards) tell(yours.results[name], unavoidable);
}

/** Draw the board: your strokes, or the test digit that you took. */
function drawBoard() {
  const {canvas, strokes, at, down} = board, {width} = canvas;
  const pen = canvas.getContext('2d');
  pen.clearRect(0, 0, width, width);
  Object.assign(pen, {lineCap: 'round', lineJoin: 'round',
                      lineWidth: width / 14, imageSmoothingEnabled: false});
  for (const stroke of strokes) {
    pen.beginPath();
    for (const [x, y] of [stroke[0], ...stroke]) pen.lineTo(x * width, y * width);
    pen.stroke();
  }
  if (!strokes.length) pen.drawImage(byId('seen'), 0, 0, width, width);
  byId('hint').hidden = strokes.length > 0;
  if (!canvas.matches(':focus-visible')) return;
  pen.lineWidth = down ? 6 : 2;             // where the keys' pen is
  pen.beginPath();
  pen.arc(at[0] * width, at[1] * width, width / 28, 0, 2 * Math.PI);
  pen.stroke();
}

let frameAsked = false, strokeEnded = false, telling = null;

/** At the next frame draw your digit; after a stroke, do all that follows. */
function changed(image, ended) {
  yours.image = image;
  strokeEnded ||= ended;
  if (frameAsked) return;
  frameAsked = true;
  requestAnimationFrame(() => {
    frameAsked = false;
    look();
    drawBoard();
    // Numbers move all that is laid out, so not in each frame of a stroke.
    telling ??= setTimeout(() => { telling = null; tell(); }, 100);
    if (!strokeEnded) return;
    strokeEnded = false;
    tell();
    byId('said').textContent = Object.entries(yours.results).map(
      ([name, {loss, kl}]) => `${name} ${(loss + kl).toFixed(0)} nats`).join();
    for (const follower of followers) follower();
  });
}

const board = new Board(byId('board'),
                        ended => changed(frame(board.strokes), ended));
byId('undo').onclick = () => board.undo();
byId('clear').onclick = () => board.clear();
byId('board').addEventListener('focus', drawBoard);
byId('board').addEventListener('blur', drawBoard);

let row = 0;
function offerDigits() {
  offer(byId('digits'), digits.slice(row, row + 10), image => {
    board.clear();
    changed(image, true);
  });
}
byId('others').onclick = () => {
  row = (row + 10) % digits.length;
  offerDigits();
};
offerDigits();
byId('hint').textContent = 'draw here';
