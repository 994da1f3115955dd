// <a data-x-leave href>: the link, and the Esc key, put another page in this one's place: it is gone from the
// browser's way back, too. Without a script the link is a link.
export function leaveAtOnce() {
  const link = document.querySelector("[data-x-leave]");
  if (!link) return;
  const told = document.querySelector("[data-x-leave-key]");
  if (told) told.hidden = false;
  const leave = (event) => {
    event.preventDefault();
    document.body.hidden = true;
    document.title = "…";
    location.replace(link.href);
  };
  link.addEventListener("click", leave);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") leave(event); });
}
