// Light or dark: what the system asks for until the button is pressed; charts are drawn anew in the other colours.
const root = document.documentElement;
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");
const redraws = [];
let chosen = null;

function isDark() { return (chosen || (systemDark.matches ? "dark" : "light")) === "dark"; }

function applyTheme() {
  root.dataset.theme = isDark() ? "dark" : "light";
  document.getElementById("theme").textContent = isDark() ? "Light" : "Dark";
  for (const redraw of redraws) redraw();
}

function startTheme() {
  document.getElementById("theme").addEventListener("click", () => {
    chosen = isDark() ? "light" : "dark";
    applyTheme();
  });
  systemDark.addEventListener("change", applyTheme);
  applyTheme();
}

function colour(name) { return getComputedStyle(root).getPropertyValue(`--${name}`).trim(); }
