'use strict';
// The pen: strokes, of any size at any place, become an image like MNIST's.
// A stroke is a list of points [x, y]: on the board both go from 0 to 1, in an
// image they are a pixel's column and row.

const BOX = 20;             // MNIST's digits are scaled to a box of 20 pixels,
const CENTRE = 14;          // and their centre of mass is put at pixel 14
const RADIUS = 1.2;         // of the pen, in pixels: as thick as MNIST's ink
const DOT = 0.08;           // smaller strokes are a dot, not a small digit
const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0],
                ArrowUp: [0, -1], ArrowDown: [0, 1]};

const clamp = (value, top, low = 0) => Math.min(Math.max(value, low), top);

/** Draw strokes with a round pen; return the image, ink from 0 to 1. */
function rasterize(strokes) {
  const image = new Float32Array(PIXELS), reach = RADIUS + 0.5;
  const pixels = (a, b) => [Math.floor(Math.min(a, b) - reach),
                            Math.ceil(Math.max(a, b) + reach)].map(
    value => clamp(value, SIDE - 1));
  for (const stroke of strokes)
    stroke.forEach(([x1, y1], i) => {
      const [x0, y0] = stroke[Math.max(i - 1, 0)], dx = x1 - x0, dy = y1 - y0;
      const [left, right] = pixels(x0, x1), [top, bottom] = pixels(y0, y1);
      const square = dx * dx + dy * dy;
      for (let y = top; y <= bottom; y++)
        for (let x = left; x <= right; x++) {
          // The segment's nearest point: 0 at its beginning, 1 at its end.
          const along = square && clamp(
            ((x - x0) * dx + (y - y0) * dy) / square, 1);
          const right = x0 + along * dx - x, down = y0 + along * dy - y;
          const away = Math.sqrt(right * right + down * down);
          image[y * SIDE + x] = Math.max(image[y * SIDE + x],
                                         clamp(reach - away, 1));
        }
    });
  return image;
}

/** Return the image of strokes as MNIST frames a digit: scaled, centred. */
function frame(strokes) {
  const image = new Float32Array(PIXELS), points = strokes.flat();
  if (!points.length) return image;
  const ends = [0, 1].map(axis => points.map(point => point[axis])).map(
    values => [Math.min(...values), Math.max(...values)]);
  const size = Math.max(...ends.map(([low, high]) => high - low), DOT);
  const scale = (BOX - 2 * RADIUS) / size;
  // First the box is centred, then the ink, which weighs as it lies.
  const place = middle => strokes.map(stroke => stroke.map(point => point.map(
    (value, axis) => (value - middle[axis]) * scale + CENTRE)));
  const middle = ends.map(([low, high]) => (low + high) / 2);
  const ink = rasterize(place(middle));
  const total = ink.reduce((sum, value) => sum + value);
  const mass = [i => i % SIDE, i => Math.floor(i / SIDE)].map(
    at => ink.reduce((sum, value, i) => sum + value * at(i), 0) / total);
  return rasterize(place(middle.map(
    (value, axis) => value + (mass[axis] - CENTRE) / scale)));
}

/** Return where in a box a pointer is, from 0 to 1, at the top left 0. */
function within(element, {clientX, clientY}) {
  const {left, top, width, height} = element.getBoundingClientRect();
  return [(clientX - left) / width, (clientY - top) / height].map(
    value => clamp(value, 1));
}

/** A canvas to draw on, by mouse, finger, pen or keys. */
class Board {
  strokes = [];
  past = [];                                // strokes that were cleared
  pointer = null;                           // that draws: other fingers do not
  at = [0.5, 0.5];                          // where the keys' pen is,
  down = false;                             // and whether it draws
  #held = new Set();                        // arrows; two at once go across

  /** `changed` is called with whether a stroke has ended. */
  constructor(canvas, changed) {
    Object.assign(this, {canvas, changed});
    canvas.onpointerdown = event => {
      if (this.pointer !== null || event.button) return;
      this.pointer = event.pointerId;
      canvas.setPointerCapture(this.pointer);
      this.strokes.push([within(canvas, event)]);
      changed(false);
    };
    canvas.onpointermove = event => {
      if (event.pointerId !== this.pointer) return;
      const passed = event.getCoalescedEvents?.() ?? [];
      this.strokes.at(-1).push(...(passed.length ? passed : [event]).map(
        each => within(canvas, each)));
      changed(false);
    };
    canvas.onpointerup = canvas.onpointercancel = event => {
      if (event.pointerId !== this.pointer) return;
      this.pointer = null;
      changed(true);
    };
    canvas.onkeydown = event => this.#key(event);
    canvas.onkeyup = event => this.#held.delete(event.key);
    canvas.onblur = () => {
      this.#held.clear();
      if (!this.down) return;
      this.down = false;                    // the stroke ends here
      changed(true);
    };
  }

  /** Leave these strokes on the board. */
  keep(strokes) {
    this.strokes = strokes;
    this.down = false;
    this.pointer = null;                    // its stroke may be gone
    this.changed(true);
  }

  clear() {
    if (this.strokes.length) this.past.push(this.strokes);
    this.keep([]);
  }

  undo() {
    this.keep(this.strokes.length ? this.strokes.slice(0, -1)
      : this.past.pop() ?? []);
  }

  #key(event) {
    if (event.key in ARROWS) {
      this.#held.add(event.key);
      for (const arrow of this.#held)
        this.at = this.at.map((value, axis) => clamp(
          value + ARROWS[arrow][axis] / 40, 1));
      if (this.down) this.strokes.at(-1).push(this.at);
      this.changed(false);
    } else if (event.key === ' ') {
      if (event.repeat) return event.preventDefault();
      this.down = !this.down;
      if (this.down) this.strokes.push([this.at]);
      this.changed(!this.down);
    } else if (event.key === 'Backspace') this.undo();
    else if (event.key === 'Escape') this.clear();
    else return;
    event.preventDefault();                 // the page does not scroll
  }
}
