// "Aa": three sizes, light or dark, high contrast. The choice stays on this device.
const KEY = "xom-display";

export function displayPanel() {
  const button = document.querySelector("[data-x-aa]");
  const panel = document.getElementById("aa");
  if (!button || !panel) return;
  const root = document.documentElement;
  button.hidden = false;
  button.addEventListener("click", () => {
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
  });
  for (const input of panel.querySelectorAll("input")) {
    const name = input.name.slice("aa-".length);
    input.checked = (root.dataset[name] || "") === input.value;
    input.addEventListener("change", () => {
      if (input.checked && input.value) root.dataset[name] = input.value;
      else delete root.dataset[name];
      keep(root.dataset);
    });
  }
}

function keep({ size, theme, contrast }) {
  try {
    if (size || theme || contrast) localStorage.setItem(KEY, JSON.stringify({ size, theme, contrast }));
    else localStorage.removeItem(KEY);
  } catch (e) {
    // Shown so on this page all the same.
  }
}
