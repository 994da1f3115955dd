// On the form's pages, before they are drawn: this tab has shown the receipt of this very form. What Back brings out of
// the browser's memory gives way to a page without its words. receipt.js leaves the mark.
const { form, sent } = document.currentScript.dataset;
function look() {
  try {
    if (sessionStorage.getItem(`xom-sent ${form}`) !== "1") return;
  } catch (e) {
    return; // no storage: the server alone knows
  }
  document.documentElement.hidden = true;
  location.replace(sent);
}
look();
addEventListener("pageshow", (event) => { if (event.persisted) look(); });
