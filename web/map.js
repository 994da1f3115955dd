// The public map, on its own page alone, in the place of the picture that the server has drawn: the
// same numbers, finer, to move and zoom. When anything is missing the picture stays.
import { divIcon, geoJSON, layerGroup, map as makeMap, marker, rectangle, tileLayer, tooltip, control } from "leaflet";

const NARROWEST = 44; // pixels: what a thumb hits
const SIDE_MOST = 16; // the list of cases takes squares up to so many cells

function style(href) {
  return new Promise((done, failed) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    link.onload = done;
    link.onerror = failed;
    document.head.append(link);
  });
}

async function json(href) {
  const answer = await fetch(href, { credentials: "omit" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

// Squares of `side` cells, counted from the grid's south-west corner as the server counts them.
function gather(squares, side) {
  const found = new Map();
  for (const { column, row, n } of squares) {
    const at = [Math.floor((column - 1) / side) * side, Math.floor((row - 1) / side) * side];
    const key = at.join();
    const old = found.get(key);
    if (old) old.n += n;
    else found.set(key, { column: at[0], row: at[1], n });
  }
  return [...found.values()];
}

function popup(words, square, name, url) {
  const box = document.createElement("div");
  const text = document.createElement("p");
  text.textContent = `${words.square} ${name}. ${words.cases}: ${square.n}`;
  const link = document.createElement("a");
  link.href = url;
  link.className = "govuk-link";
  link.textContent = words.open;
  box.append(text, link);
  return box;
}

function draw(map, layer, names, data, words) {
  const west = Number(data.west), south = Number(data.south);
  const lon = Number(data.cell_lon), lat = Number(data.cell_lat);
  const pixels = map.project([south, west + lon]).x - map.project([south, west]).x;
  const side = data.side * Math.max(1, Math.ceil(NARROWEST / (pixels * data.side)));
  const focused = map.getContainer().contains(document.activeElement);
  words.metres.textContent = `${side * 100} × ${side * 100} m`;
  layer.clearLayers();
  // A name stands on the line between two rows of squares, where no number is.
  for (const { tip, at } of names) tip.setLatLng([south + Math.round((at.lat - south) / lat / side) * side * lat, at.lng]);
  for (const square of gather(data.squares, side)) {
    const a = [south + square.row * lat, west + square.column * lon];
    const b = [a[0] + side * lat, a[1] + side * lon];
    const name = `C${square.column + 1}-${square.row + 1}`;
    const number = document.createElement("span");
    number.textContent = String(square.n);
    rectangle([a, b], { className: "x-map__square", interactive: false }).addTo(layer);
    const mark = marker([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], {
      icon: divIcon({ className: "x-map__mark", html: number, iconSize: [pixels * side, pixels * side] }),
    }).addTo(layer);
    mark.getElement().setAttribute("aria-label", `${words.square} ${name}, ${words.cases}: ${square.n}`);
    if (side <= SIDE_MOST) mark.bindPopup(() => popup(words, square, name, `${data.list}&cell=${name}&side=${side}`));
    else mark.on("click", () => map.setView(mark.getLatLng(), map.getZoom() + 1));
  }
  if (focused && document.activeElement === document.body) map.getContainer().focus();
}

function show(box, data, bounds) {
  const d = box.dataset;
  const words = { square: d.square, cases: d.cases, open: d.open, metres: box.querySelector(".x-map__metres") };
  const live = document.createElement("div");
  live.className = "x-map__live";
  live.setAttribute("role", "region");
  live.setAttribute("aria-label", d.label);
  box.querySelector("svg").replaceWith(live);
  const map = makeMap(live, { zoomControl: false, zoomSnap: 0.25, scrollWheelZoom: false, maxBoundsViscosity: 0.8 });
  map.attributionControl.setPrefix(false);
  control.zoom({ zoomInTitle: d.in, zoomOutTitle: d.out }).addTo(map);
  if (d.tiles) tileLayer(d.tiles, { maxZoom: 19, attribution: escape(d.credit) }).addTo(map);
  const areas = geoJSON(bounds, {
    interactive: false,
    style: (f) => ({ className: f.properties.level === "khu_vuc" ? "x-map__area" : "x-map__ward" }),
  }).addTo(map);
  // The whole ward, squares on its edge too; again when the window's size changes, until somebody has moved the map.
  const fit = () => {
    if (map.getSize().x === 0 || map.getSize().y === 0) return; // not shown, as on paper
    map.setMaxBounds(null);
    map.setMinZoom(0);
    map.fitBounds(areas.getBounds().pad(0.08), { animate: false });
    map.setMinZoom(map.getZoom());
    map.setMaxBounds(areas.getBounds().pad(0.2));
  };
  let touched = false;
  for (const event of ["pointerdown", "keydown"]) live.addEventListener(event, () => { touched = true; });
  map.on("resize", () => touched || fit());
  fit();
  const names = [];
  areas.eachLayer((area) => {
    if (area.feature.properties.level !== "khu_vuc") return;
    const name = document.createElement("span");
    name.textContent = area.feature.properties.name;
    const at = area.getCenter();
    const tip = tooltip({ permanent: true, direction: "center", className: "x-map__label" });
    names.push({ at, tip: tip.setLatLng(at).setContent(name).addTo(map) });
  });
  const layer = layerGroup().addTo(map);
  map.on("zoomend", () => draw(map, layer, names, data, words));
  draw(map, layer, names, data, words);
}

// The credit is text: Leaflet would read it as HTML.
function escape(text) {
  const p = document.createElement("p");
  p.textContent = text;
  return p.innerHTML;
}

const box = document.querySelector("[data-x-map]");
if (box && window.fetch)
  Promise.all([json(box.dataset.xMap), json(box.dataset.bounds), style(box.dataset.style)])
    .then(([data, bounds]) => show(box, data, bounds))
    .catch(() => {});
