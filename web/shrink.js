// A photo as it is sent: at most 1600 pixels on its longer side, the right way up, a fresh JPEG with
// nothing of the camera's data in it. A picture from the phone takes 50 to 400 MB when it is open, so
// whoever calls this opens one at a time.
const SIDE = 1600;
const QUALITY = 0.82;
const THUMB = 320;

export async function shrink(file) {
  const picture = await open(file);
  try {
    const full = draw(picture, SIDE);
    const blob = await toJpeg(full);
    const thumb = draw(full, THUMB);
    full.width = full.height = 0; // some browsers keep a canvas' memory until it is empty
    return { blob, thumb };
  } finally {
    if (picture.close) picture.close();
  }
}

export async function open(blob) {
  if (window.createImageBitmap) {
    try {
      return await createImageBitmap(blob, { imageOrientation: "from-image" });
    } catch (e) {
      if (!(e instanceof TypeError)) throw e; // an older browser that knows no options
      return createImageBitmap(blob);
    }
  }
  const url = await new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });
  return new Promise((done, failed) => {
    const img = new Image();
    img.onload = () => done(img);
    img.onerror = () => failed(new Error("not a picture"));
    img.src = url;
  });
}

export function draw(picture, most) {
  const width = picture.naturalWidth || picture.width, height = picture.naturalHeight || picture.height;
  if (!width || !height) throw new Error("an empty picture");
  const scale = Math.min(1, most / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const g = canvas.getContext("2d");
  g.fillStyle = "#fff"; // what was see-through
  g.fillRect(0, 0, canvas.width, canvas.height);
  g.imageSmoothingQuality = "high";
  g.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

export function toJpeg(canvas) {
  return new Promise((done, failed) => {
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture came of it"))), "image/jpeg", QUALITY);
  });
}
