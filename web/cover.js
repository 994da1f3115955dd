// A photo under a grid of cells to tick: arrow keys go from cell to cell, and a finger or the mouse that is drawn
// over cells ticks them, or takes the ticks away, as it did with the first. Without this file each is ticked by itself.
export function cover() {
  const box = document.querySelector("[data-x-cover]");
  if (!box) return;
  const rows = [...box.querySelectorAll(".x-cover__row")].map((row) => [...row.querySelectorAll("input")]);
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  box.addEventListener("keydown", (event) => {
    const step = steps[event.key], row = rows.findIndex((cells) => cells.includes(event.target));
    if (!step || row < 0) return;
    const to = rows[row + step[0]]?.[rows[row].indexOf(event.target) + step[1]];
    event.preventDefault();
    if (to) to.focus();
  });
  const under = (event) => {
    const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest(".x-cover__cell");
    return cell && box.contains(cell) ? cell.querySelector("input") : null;
  };
  // A finger that scrolls is no finger that draws: with one, each cell is tapped.
  let drawn = null, first = null, moved = false;
  box.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || event.button !== 0) return;
    first = under(event);
    drawn = first ? !first.checked : null;
    moved = false;
  });
  box.addEventListener("pointermove", (event) => {
    if (drawn === null) return;
    const cell = under(event);
    if (!cell || (cell === first && !moved)) return;
    moved = true;
    first.checked = drawn;
    cell.checked = drawn;
  });
  const end = () => { drawn = null; };
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", end);
  // The click that ends a draw on the cell where it began would turn that one round again.
  box.addEventListener("click", (event) => { if (moved && event.target === first) { event.preventDefault(); moved = false; } });
}
