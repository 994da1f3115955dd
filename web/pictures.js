// The receipt as two pictures: one with the code, one with the PIN and the QR code, so that nobody who finds one
// of them can open the report with it (the QR code opens it alone, and goes with the PIN).
const WIDTH = 800, EDGE = 48;

function lines(g, text, width) {
  const out = [""];
  for (const word of text.split(/\s+/)) {
    const longer = out[out.length - 1] ? `${out[out.length - 1]} ${word}` : word;
    if (g.measureText(longer).width <= width || !out[out.length - 1]) out[out.length - 1] = longer;
    else out.push(word);
  }
  return out;
}

// blocks: {text, size, bold, mono} or {path, side} (squares of a QR code, and how many of them)
export function drawCard(blocks) {
  const canvas = document.createElement("canvas");
  const g = canvas.getContext("2d");
  const font = (b) => `${b.bold ? "700" : "400"} ${b.size}px ${b.mono ? "ui-monospace, 'DejaVu Sans Mono', Menlo, monospace" : getComputedStyle(document.body).fontFamily}`;
  const laid = [];
  let y = EDGE;
  for (const b of blocks) {
    if (b.path) {
      laid.push({ ...b, y });
      y += 480 + 24;
      continue;
    }
    g.font = font(b);
    for (const text of lines(g, b.text, WIDTH - 2 * EDGE)) {
      laid.push({ ...b, text, y });
      y += Math.round(b.size * 1.5);
    }
    y += 14;
  }
  canvas.width = WIDTH;
  canvas.height = y + EDGE;
  g.fillStyle = "#fff";
  g.fillRect(0, 0, canvas.width, canvas.height);
  g.fillStyle = "#0d5752";
  g.fillRect(0, 0, canvas.width, 16);
  g.textBaseline = "top";
  for (const b of laid) {
    g.fillStyle = "#14211f";
    if (b.path) {
      g.save();
      g.translate((WIDTH - 480) / 2, b.y);
      g.scale(480 / b.side, 480 / b.side);
      g.fillStyle = "#000";
      g.fill(new Path2D(b.path));
      g.restore();
    } else {
      g.font = font(b);
      g.fillText(b.text, EDGE, b.y);
    }
  }
  return canvas;
}

function card(root, box, which) {
  const text = (selector) => (root.querySelector(selector) || { textContent: "" }).textContent.trim();
  const head = [{ text: box.dataset.ward, size: 34, bold: true }, { text: box.dataset.title, size: 30 }];
  if (which === "code") {
    const rows = [...root.querySelectorAll(".x-receipt .govuk-summary-list__row")].map((r) => ({
      text: `${r.querySelector("dt").textContent.trim()}: ${r.querySelector("dd").textContent.trim()}`, size: 28,
    }));
    return [...head, { text: text("[data-x-code]"), size: 60, bold: true, mono: true }, ...rows, { text: text(".x-receipt a[href$='/follow']"), size: 26 }];
  }
  const qr = root.querySelector(".x-qr svg");
  return [...head, { text: `PIN ${text("[data-x-pin]")}`, size: 60, bold: true, mono: true },
    ...(qr ? [{ path: qr.querySelector("path").getAttribute("d"), side: Number(qr.getAttribute("viewBox").split(" ")[2]) }, { text: box.dataset.warn, size: 26 }] : [])];
}

async function hand(canvas, name) {
  const blob = await new Promise((done) => { canvas.toBlob(done, "image/png"); });
  if (!blob) throw new Error("no picture");
  const file = new File([blob], name, { type: "image/png" });
  if (navigator.canShare && navigator.canShare({ files: [file] }) && matchMedia("(pointer: coarse)").matches) {
    try {
      await navigator.share({ files: [file] });
      return;
    } catch (e) {
      if (e.name === "AbortError") return; // the person changed their mind
    }
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

export function pictureButtons(root = document) {
  const box = root.querySelector("[data-x-pictures]");
  if (!box) return;
  box.hidden = false;
  const told = box.querySelector("[data-x-picture-told]");
  for (const button of box.querySelectorAll("[data-x-picture]"))
    button.addEventListener("click", () => {
      const which = button.dataset.xPicture;
      told.textContent = "";
      // The names tell what is inside and nothing of what was reported.
      hand(drawCard(card(root, box, which)), which === "code" ? "xom-1.png" : "xom-2.png").catch(() => { told.textContent = box.dataset.failed; });
    });
}
