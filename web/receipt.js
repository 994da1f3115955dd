// The receipt's page: pictures of it, and the end of the draft that it came from.
import { forget } from "./keep.js";
import { pictureButtons } from "./pictures.js";

pictureButtons();
try {
  const { sent } = document.querySelector("[data-x-pictures]").dataset;
  if (sent) sessionStorage.setItem(`xom-sent ${sent}`, "1"); // its pages give way: spent.js
  if (sessionStorage.getItem("xom-own-phone") === "1") {
    sessionStorage.removeItem("xom-own-phone");
    forget(document.querySelector("[data-x-pictures]").dataset.form).catch(() => {});
  }
} catch (e) {
  // No storage: then there is no draft either.
}
