// Everything works without this file; it only spares some people some work. On every page; what single
// pages need is in files of their own.
import { displayPanel } from "./display.js";
import { leaveApp } from "./inapp.js";
import { leaveAtOnce } from "./leave.js";
import { readButton } from "./read.js";

// The first thing to read on a page that came back with errors.
function focusErrors() {
  const summary = document.querySelector("[data-x-focus]");
  if (summary) summary.focus();
}

// A link of the error summary goes to the field itself, with its label in sight.
function linkErrors() {
  for (const link of document.querySelectorAll(".govuk-error-summary a[href^='#']")) {
    link.addEventListener("click", (event) => {
      const input = document.getElementById(link.hash.slice(1));
      if (!input) return;
      event.preventDefault();
      const label = input.closest("fieldset") || document.querySelector(`label[for="${CSS.escape(input.id)}"]`);
      (label || input).scrollIntoView();
      input.focus({ preventScroll: true });
    });
  }
}

// Asks the phone where it is and writes six decimals into the inputs "lat" and "lon":
// <div data-x-position hidden> around <button data-x-locate> and
// <p data-x-located data-found="…" data-failed="…">.
function positionButton() {
  const box = document.querySelector("[data-x-position]");
  if (!box || !("geolocation" in navigator)) return;
  const button = box.querySelector("[data-x-locate]");
  const told = box.querySelector("[data-x-located]");
  box.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    told.textContent = "…";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        document.getElementById("lat").value = coords.latitude.toFixed(6);
        document.getElementById("lon").value = coords.longitude.toFixed(6);
        told.textContent = told.dataset.found;
        button.disabled = false;
      },
      () => {
        told.textContent = told.dataset.failed;
        button.disabled = false;
      },
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 },
    );
  });
}

// <button type="button" hidden data-x-print>
function printButton() {
  const button = document.querySelector("[data-x-print]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// Counts the seconds until a step that can be taken back is done, then shows the page as it is:
// <section data-x-wait="27"> with <span data-x-wait-left data-left="{} seconds" data-over="…">.
// Where something is being typed the page stays and says so.
function waitingStep() {
  const box = document.querySelector("[data-x-wait]");
  const told = box && box.querySelector("[data-x-wait-left]");
  if (!told) return;
  const end = performance.now() + Number(box.dataset.xWait) * 1000;
  const timer = setInterval(() => {
    const left = Math.ceil((end - performance.now()) / 1000);
    if (left > 0) {
      told.textContent = told.dataset.left.replace("{}", left);
      return;
    }
    clearInterval(timer);
    const typing = [...document.querySelectorAll("textarea, input[type=text], input[type=file]")]
      .some((field) => field.value !== field.defaultValue);
    told.textContent = told.dataset.over;
    if (!typing) setTimeout(() => location.replace(location.pathname), 1000);
  }, 250);
}

// A double tap is one sending. (The server gives the same receipt for both; this saves the wait.)
function oneTap() {
  let last = 0;
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-prevent-double-click]")) return;
    if (event.timeStamp - last < 1000 && last > 0) event.preventDefault();
    else last = event.timeStamp;
  });
}

focusErrors();
linkErrors();
positionButton();
printButton();
waitingStep();
oneTap();
displayPanel();
readButton();
leaveApp();
leaveAtOnce();
