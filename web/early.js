// Runs before the page is drawn, so that it never flashes in another size or colour: puts the choice
// that display.js keeps on this device on <html>.
try {
  const kept = JSON.parse(localStorage.getItem("xom-display")) || {};
  for (const name of ["size", "theme", "contrast"]) {
    if (/^[a-z0-9]{1,5}$/.test(kept[name])) document.documentElement.dataset[name] = kept[name];
  }
} catch (e) {
  // No storage here (a private window): the system's own wish counts.
}
