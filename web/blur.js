// A face, a plate or a door made unreadable with the finger, the mouse or the keyboard, in the pixels
// themselves: the picture is divided into 24 squares along its longer side, and each square that is touched
// becomes one of few flat colours. That can't be turned back as a soft blur can.
import { draw, open, toJpeg } from "./shrink.js";

const SQUARES = 24;
const STEP = 32; // colours are rounded, so that an average tells nothing fine either

export class Mosaic {
  constructor(canvas) {
    this.canvas = canvas;
    this.side = Math.ceil(Math.max(canvas.width, canvas.height) / SQUARES);
    this.columns = Math.ceil(canvas.width / this.side);
    this.rows = Math.ceil(canvas.height / this.side);
    this.original = document.createElement("canvas");
    this.original.width = canvas.width;
    this.original.height = canvas.height;
    this.pixels = this.original.getContext("2d", { willReadFrequently: true });
    this.pixels.drawImage(canvas, 0, 0);
    this.strokes = [];
  }

  begin() { this.strokes.push(new Set()); }

  // Every square that the round touches.
  dab(x, y, radius) {
    const { side } = this;
    for (let row = Math.floor((y - radius) / side); row <= Math.floor((y + radius) / side); row += 1)
      for (let column = Math.floor((x - radius) / side); column <= Math.floor((x + radius) / side); column += 1) {
        const dx = x - Math.max(column * side, Math.min(x, (column + 1) * side));
        const dy = y - Math.max(row * side, Math.min(y, (row + 1) * side));
        if (dx * dx + dy * dy <= radius * radius) this.cover(column, row);
      }
  }

  box(column, row, width, height) {
    this.begin();
    for (let r = row; r < row + height; r += 1) for (let c = column; c < column + width; c += 1) this.cover(c, r);
  }

  cover(column, row) {
    if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return;
    const at = row * this.columns + column;
    this.strokes[this.strokes.length - 1].add(at);
    this.fill(at);
  }

  fill(at) {
    const { side } = this;
    const x = (at % this.columns) * side, y = Math.floor(at / this.columns) * side;
    const width = Math.min(side, this.canvas.width - x), height = Math.min(side, this.canvas.height - y);
    const { data } = this.pixels.getImageData(x, y, width, height);
    const sum = [0, 0, 0];
    for (let i = 0; i < data.length; i += 4) for (let k = 0; k < 3; k += 1) sum[k] += data[i + k];
    const colour = sum.map((n) => Math.min(255, Math.floor(n / (data.length / 4) / STEP) * STEP + STEP / 2));
    const g = this.canvas.getContext("2d");
    g.fillStyle = `rgb(${colour.join(",")})`;
    g.fillRect(x, y, width, height);
  }

  undo() {
    this.strokes.pop();
    this.canvas.getContext("2d").drawImage(this.original, 0, 0);
    for (const stroke of this.strokes) for (const at of stroke) this.fill(at);
  }

  get touched() { return this.strokes.some((s) => s.size > 0); }
}

// Opens <dialog id="blur"> on a picture; gives the new JPEG, or null when nothing is to change.
export async function blurEditor(blob) {
  const dialog = document.getElementById("blur");
  const picture = await open(blob);
  const first = draw(picture, Infinity);
  if (picture.close) picture.close();
  const stage = dialog.querySelector("[data-x-stage]");
  const frame = stage.querySelector("[data-x-box]");
  const told = dialog.querySelector("[data-x-blur-told]");
  const old = stage.querySelector("canvas");
  if (old) old.remove();
  stage.prepend(first);
  told.textContent = "";
  const mosaic = new Mosaic(first);
  const ends = new AbortController();
  const on = (element, name, run) => element.addEventListener(name, run, { signal: ends.signal });
  const button = (name) => dialog.querySelector(`[data-x-blur="${name}"]`);
  const changed = () => { button("undo").disabled = button("done").disabled = !mosaic.touched; };
  changed();

  // With the finger or the mouse.
  let last = null;
  const brush = mosaic.side * 0.6;
  const point = (event) => {
    const r = first.getBoundingClientRect();
    return { x: ((event.clientX - r.left) * first.width) / r.width, y: ((event.clientY - r.top) * first.height) / r.height };
  };
  const stroke = (to) => {
    const steps = Math.max(1, Math.ceil(Math.hypot(to.x - last.x, to.y - last.y) / (mosaic.side / 2)));
    for (let i = 1; i <= steps; i += 1) mosaic.dab(last.x + ((to.x - last.x) * i) / steps, last.y + ((to.y - last.y) * i) / steps, brush);
    last = to;
    changed();
  };
  on(first, "pointerdown", (event) => {
    event.preventDefault();
    first.setPointerCapture(event.pointerId);
    mosaic.begin();
    last = point(event);
    stroke(last);
  });
  on(first, "pointermove", (event) => { if (last) stroke(point(event)); });
  for (const name of ["pointerup", "pointercancel"]) on(first, name, () => { last = null; });

  // With the keyboard: a frame that moves and grows by squares.
  const box = { column: Math.max(0, (mosaic.columns >> 1) - 2), row: Math.max(0, (mosaic.rows >> 1) - 2), size: 4 };
  const place = () => {
    box.size = Math.max(1, Math.min(box.size, Math.min(mosaic.columns, mosaic.rows)));
    box.column = Math.max(0, Math.min(box.column, mosaic.columns - box.size));
    box.row = Math.max(0, Math.min(box.row, mosaic.rows - box.size));
    frame.style.left = `${(100 * box.column * mosaic.side) / first.width}%`;
    frame.style.top = `${(100 * box.row * mosaic.side) / first.height}%`;
    frame.style.width = `${Math.min(100, (100 * box.size * mosaic.side) / first.width)}%`;
    frame.style.height = `${Math.min(100, (100 * box.size * mosaic.side) / first.height)}%`;
  };
  place();
  const here = () => {
    mosaic.box(box.column, box.row, box.size, box.size);
    told.textContent = told.dataset.done;
    changed();
  };
  const undo = () => {
    mosaic.undo();
    told.textContent = told.dataset.undone;
    changed();
  };
  const move = { ArrowLeft: ["column", -1], ArrowRight: ["column", 1], ArrowUp: ["row", -1], ArrowDown: ["row", 1], "+": ["size", 1], "=": ["size", 1], "-": ["size", -1] };
  on(stage, "keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (move[event.key]) box[move[event.key][0]] += move[event.key][1];
    else if (event.key === "Enter" || event.key === " ") here();
    else return;
    event.preventDefault();
    place();
  });
  on(button("bigger"), "click", () => { box.size += 1; place(); });
  on(button("smaller"), "click", () => { box.size -= 1; place(); });
  on(button("here"), "click", here);
  on(button("undo"), "click", undo);

  const kept = await new Promise((done) => {
    on(button("done"), "click", () => done(true));
    on(button("cancel"), "click", () => done(false));
    on(dialog, "cancel", (event) => { event.preventDefault(); done(false); });
    if (dialog.showModal) dialog.showModal();
    else dialog.setAttribute("open", "");
    stage.focus();
  });
  ends.abort();
  if (dialog.close) dialog.close();
  else dialog.removeAttribute("open");
  const result = kept && mosaic.touched ? await toJpeg(first) : null;
  first.remove();
  first.width = first.height = mosaic.original.width = mosaic.original.height = 0;
  return result;
}
