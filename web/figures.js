// Draws the charts of the figures' page from the tables that stand below them. Without this file the
// tables say the same. Black and white, print and colour blindness: a closed bar is filled, an open one
// is hatched, lines differ by dashes, and each has its words beside it.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "./figures.css";

// In the colours of the page as it is shown, dark or with high contrast too.
const INK = getComputedStyle(document.body).color;
const named = (name, otherwise) => getComputedStyle(document.documentElement).getPropertyValue(name).trim() || otherwise;
const FILL = named("--x-deep", "#0d5752"), GRID = named("--x-dash", "#b9c6c2");
const PAPER = getComputedStyle(document.body).backgroundColor;
const FONT = '15px "Be Vietnam Pro", "Noto Sans", sans-serif';

const number = (cell) => Number(cell.textContent.replace(/[^\d]/g, ""));

// The table's columns: texts of the first, numbers of the others.
function columns(table) {
  const rows = [...table.tBodies[0].rows];
  return [...rows[0].cells].map((_, i) => rows.map((row) => (i ? number(row.cells[i]) : row.cells[0].textContent.trim())));
}

function hatch() {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = PAPER;
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = INK;
  pen.lineWidth = 2;
  for (const from of [-8, 0, 8]) {
    pen.moveTo(from, 8);
    pen.lineTo(from + 8, 0);
  }
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

const axis = (more) => ({ stroke: INK, font: FONT, grid: { stroke: GRID, width: 1 }, ticks: { stroke: INK, width: 1 }, ...more });
const whole = (_, values) => values.map((v) => (Number.isInteger(v) ? String(v) : ""));

function base(box, height) {
  return { width: box.clientWidth, height, padding: [14, 12, 0, 0], cursor: { show: false }, legend: { show: false } };
}

// A key in words, beside a sample of how it is drawn.
function key(box, entries) {
  const list = document.createElement("p");
  list.className = "x-chart__key";
  for (const [kind, text] of entries) {
    const sample = document.createElement("span");
    sample.className = `x-chart__sample x-chart__sample-${kind}`;
    list.append(sample, ` ${text} `);
  }
  box.append(list);
}

function months(box, table) {
  const [labels, received, closed] = columns(table);
  const bars = uPlot.paths.bars({ size: [0.7, 60] });
  const at = labels.map((_, i) => i);
  const pattern = hatch();
  const few = box.clientWidth < 480 ? Math.ceil(labels.length / 4) : 1;
  key(box, [["closed", box.dataset.xClosed], ["open", box.dataset.xOpen]]);
  // The whole bar first, hatched; the part that ended is drawn over it.
  return new uPlot({
    ...base(box, 260),
    scales: { x: { time: false, range: () => [-0.6, labels.length - 0.4] }, y: { range: (_, low, high) => [0, Math.max(high, 4) * 1.05] } },
    axes: [
      axis({ grid: { show: false }, splits: () => at, values: () => labels.map((text, i) => ((labels.length - 1 - i) % few ? "" : text)) }),
      axis({ size: 52, values: whole }),
    ],
    series: [{}, { paths: bars, stroke: INK, width: 2, fill: () => pattern, points: { show: false } }, { paths: bars, stroke: INK, width: 2, fill: FILL, points: { show: false } }],
  }, [at, received, closed], box);
}

function curve(box, table) {
  const [days, share] = columns(table);
  const x = days.map(Number);
  key(box, [["line", table.tHead.rows[0].cells[1].textContent], ["dash", box.dataset.xHalf]]);
  return new uPlot({
    ...base(box, 260),
    scales: { x: { time: false, range: () => [0, Math.max(x[x.length - 1], 1)] }, y: { range: () => [0, 100] } },
    axes: [
      axis({ label: box.dataset.xDays, labelFont: FONT, values: whole }),
      axis({ size: 60, values: (_, values) => values.map((v) => `${v} %`) }),
    ],
    series: [{}, { paths: uPlot.paths.stepped({ align: 1 }), stroke: FILL, width: 3, points: { show: true, size: 7, fill: PAPER, stroke: FILL } },
      { stroke: INK, width: 2, dash: [6, 6], points: { show: false } }],
  }, [x, share, x.map(() => 50)], box);
}

for (const box of document.querySelectorAll("[data-x-chart]")) {
  const table = document.getElementById(box.dataset.xTable);
  if (!table || !table.tBodies[0].rows.length) continue;
  box.hidden = false;
  const draw = { months, curve }[box.dataset.xChart];
  const plot = draw(box, table);
  let width = box.clientWidth;
  new ResizeObserver(() => {
    if (box.clientWidth === width || !box.clientWidth) return;
    width = box.clientWidth;
    plot.setSize({ width, height: plot.height });
  }).observe(box);
}
