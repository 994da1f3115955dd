import { inflateRawSync } from 'node:zlib';

// The files of a zip, by its own directory; read by nothing of the program's.
export function unzip(bytes) {
  const files = {};
  let at = bytes.lastIndexOf(Buffer.from('504b0506', 'hex'));
  let n = bytes.readUInt16LE(at + 10);
  for (at = bytes.readUInt32LE(at + 16); n > 0; n -= 1) {
    const [how, size, name, extra, note, from] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20), bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30), bytes.readUInt16LE(at + 32), bytes.readUInt32LE(at + 42)];
    const body = from + 30 + bytes.readUInt16LE(from + 26) + bytes.readUInt16LE(from + 28);
    const packed = bytes.subarray(body, body + size);
    files[bytes.toString('utf8', at + 46, at + 46 + name)] = how === 0 ? packed : inflateRawSync(packed);
    at += 46 + name + extra + note;
  }
  return files;
}
