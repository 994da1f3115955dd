// What every walk does: pages opened as people open them, an officer signed in.
import { PASSWORD } from '../../harness/xom.mjs';
import { follow, go, press } from '../browser.mjs';

export const open = (w, path) => follow(w.page, () => w.page.goto(w.home + path));
export const form = (verb) => `form[action$="/${verb}"]`;
// A step's own button; the one that fills in a reply template stands above it.
export const SEND = 'button[type=submit]:not([name=fill])';
export const NO_PHOTO = Buffer.from('Đây là chữ, không phải ảnh.');

export async function toWhere(w, kind) {
  await open(w, '/report');
  await w.page.check(`input[name=kind][value=${kind}]`);
  await go(w.page, 'next');
  await w.page.check('input[name=area][value=unsure]');
}
export async function signIn(w, login) {
  await open(w, '/sign-in');
  await w.page.fill('input[name=login]', login);
  await w.page.fill('input[type=password]', PASSWORD);
  return press(w.page, 'main form button');
}
export const signOut = (w) => press(w.page, 'form[action$="/sign-out"] button');
