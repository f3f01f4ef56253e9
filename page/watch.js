'use strict';
// Watch one learn: a worker trains a VAE, here is what one sees of it.

const watched = {worker: null, running: false, round: 0, losses: []};

/** Return the digits that make.py packed: two pixels a byte, deflated. */
async function unpack(text) {
  const packed = new Uint8Array(await new Response(new Blob([bytes(text)])
    .stream().pipeThrough(new DecompressionStream('deflate'))).arrayBuffer());
  const all = new Float32Array(2 * packed.length);
  packed.forEach((two, i) => {
    all[2 * i] = (two >> 4) / 15;
    all[2 * i + 1] = (two & 15) / 15;
  });
  return Array.from({length: all.length / PIXELS},
    (_, i) => all.slice(i * PIXELS, (i + 1) * PIXELS));
}

const beta = () => Number(document.querySelector('[name=beta]:checked').value);
const ofNine = () => [yours.image, ...digits.slice(0, 8)];

/** Tell the worker what has changed. */
function post(change) {
  watched.worker?.postMessage(change);
}

/** Begin anew: what the worker still tells of the old one is not shown. */
function startAgain() {
  watched.losses = [];
  post({beta: beta(), round: ++watched.round});
}

const mayRun = () => watched.running && !document.hidden;

/** Train or pause; the first time, make the worker. */
async function run(running) {
  watched.running = running;
  byId('learn-run').textContent = running ? 'Pause' : 'Train';
  if (watched.worker) return post({running: mayRun()});
  if (!running) return;
  const {train, held} = data.learning;
  watched.worker = new Worker(URL.createObjectURL(new Blob(
    [byId('learn').textContent], {type: 'text/javascript'})));
  watched.worker.onmessage = ({data: told}) => learned(told);
  post({train: await unpack(train), held: await unpack(held), beta: beta(),
        round: watched.round, shown: ofNine(), running: mayRun()});
}

/** Draw what the worker tells: it has learned a little more. */
function learned({round, step, loss, means, images}) {
  if (round !== watched.round) return;
  watched.losses.push([Math.max(step, 1), loss]);
  drawLearnedPlane(means);
  drawLoss(watched.losses);
  byId('learn-drawn').replaceChildren(
    strip('digit', ofNine()), strip('drawn now', images));
  byId('learn-at').textContent = `step ${step}: ${loss.toFixed(1)} nats`;
  requestAnimationFrame(() => post({drawn: true}));
}

function drawLearnedPlane(means) {
  const pen = byId('learn-plane').getContext('2d'), side = pen.canvas.width / 2;
  const far = means.map(z => Math.max(...z.map(Math.abs))).sort((a, b) => a - b);
  const reach = Math.max(3, 1.1 * far[Math.floor(far.length * 0.995)]);
  pen.clearRect(0, 0, 2 * side, 2 * side);
  pen.strokeStyle = pen.fillStyle = 'gray';
  for (const radius of [1, 2, 3]) {         // deviations of N(0, 1)
    pen.beginPath();
    pen.arc(side, side, radius / reach * side, 0, 2 * Math.PI);
    pen.stroke();
  }
  pen.font = 'bold 13px sans-serif';
  const labels = bytes(data.labels);
  means.forEach(([x, y], i) => {
    pen.fillStyle = data.colors[labels[i]];
    pen.fillText(labels[i], (x / reach + 1) * side - 4,
                 (1 - y / reach) * side + 4);
  });
}

/** Draw the loss over the steps, both as logarithms, and the trained VAE's. */
function drawLoss(losses) {
  const pen = byId('learn-loss').getContext('2d'), {width, height} = pen.canvas;
  const [low, high] = [115, 600].map(Math.log);
  const last = Math.log10(Math.max(1000, losses.at(-1)[0]));
  const y = loss => (high - Math.log(clamp(loss, 600, 115))) / (high - low) *
    height;
  pen.clearRect(0, 0, width, height);
  pen.fillStyle = 'gray';
  pen.font = '13px sans-serif';
  for (const nats of [200, 300, 500]) {
    pen.fillRect(34, y(nats), width, 1);
    pen.fillText(nats, 4, y(nats) + 5);
  }
  for (let power = 0; power < last - 0.3; power++)
    pen.fillText(10 ** power, 36 + power / last * (width - 40), height - 4);
  pen.strokeStyle = data.colors[0];
  pen.lineWidth = 2;
  pen.beginPath();
  for (const [step, loss] of losses)
    pen.lineTo(36 + Math.log10(step) / last * (width - 40), y(loss));
  pen.stroke();
  pen.fillStyle = data.colors[8];
  pen.fillRect(34, y(vae.average), width, 2);
  pen.fillText(`${vae.average.toFixed(0)}, the trained one's, of weight 1`, 4,
               y(vae.average) + 15);
}

byId('learn-run').onclick = () => run(!watched.running);
byId('learn-again').onclick = startAgain;
for (const choice of document.getElementsByName('beta'))
  choice.onchange = startAgain;
document.addEventListener('visibilitychange', () => post({running: mayRun()}));
followers.push(() => post({shown: ofNine()}));
document.querySelector('main').inert = false;        // all of it can be used
