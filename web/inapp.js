// Browsers inside chat apps keep nothing and often can't save pictures: say how to leave them.
const APPS = /\bZalo|FBAN|FBAV|FB_IAB|FBIOS|MessengerForiOS|Orca-Android|MicroMessenger|\bLine\/|Instagram|musical_ly|BytedanceWebview|Viber|KAKAOTALK|Snapchat|Twitter for/i;

export function insideApp(agent) {
  return APPS.test(agent);
}

export function leaveApp() {
  const box = document.querySelector("[data-x-inapp]");
  if (!box || !insideApp(navigator.userAgent)) return;
  box.hidden = false;
  const button = box.querySelector("[data-x-copy]");
  if (!navigator.clipboard) {
    button.hidden = true;
    return;
  }
  button.addEventListener("click", () => {
    navigator.clipboard.writeText(location.href).then(
      () => { button.textContent = button.dataset.copied; },
      () => { button.hidden = true; },
    );
  });
}
