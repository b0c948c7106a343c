// Light or dark: what the system asks for until the button is pressed; charts are drawn anew in the other colours.
const root = document.documentElement;
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");
const redraws = [];
let chosen = null;

function isDark() { return (chosen || (systemDark.matches ? "dark" : "light")) === "dark"; }

function applyTheme() {
  if (chosen) root.dataset.theme = chosen;
  document.getElementById("theme").textContent = isDark() ? "Light theme" : "Dark theme";
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

// A colour of the style sheet as it stands now, as "rgb(r, g, b)".
function colour(name) {
  const probe = document.getElementById("card");
  probe.style.color = `var(--${name})`;
  const found = getComputedStyle(probe).color;
  probe.style.color = "";
  return found;
}
