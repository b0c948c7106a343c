// Pictures side by side, one kind at a time; a click enlarges. They are decoded when their kind is first shown.
let parsed = null;
function pictures() { return (parsed ??= JSON.parse(document.getElementById("pictures-data").textContent)); }

function tile(entry, caption, more, open) {
  const figure = document.createElement("figure");
  const words = document.createElement("figcaption");
  words.textContent = caption;
  if (more) words.append(Object.assign(document.createElement("span"), { textContent: ` ${more}` }));
  const button = Object.assign(document.createElement("button"), { type: "button" });
  const image = Object.assign(document.createElement("img"), { width: entry.width, height: entry.height, alt: caption, decoding: "async", src: entry.uri });
  button.setAttribute("aria-label", `Enlarge ${caption}`);
  button.append(image);
  button.addEventListener("click", open);
  figure.append(words, button);
  return figure;
}

function groups() {
  const named = (kind) => kind.tiles.map((entry) => ({ entry, caption: data.variants[entry.variant].name, more: `seed ${entry.seed}`, kind: kind.title }));
  const wide = pictures().wide.map((entry) => ({ title: entry.title, wide: true, entries: [{ entry, caption: entry.title, more: "", kind: "" }] }));
  return [...wide, ...pictures().kinds.map((kind) => ({ title: kind.title, wide: false, entries: named(kind) }))].filter((group) => group.entries.length);
}

function showGroup(group) {
  const tiles = Object.assign(document.createElement("div"), { className: group.wide ? "tiles wide" : "tiles" });
  tiles.append(...group.entries.map((one, i) => tile(one.entry, one.caption, one.more, () => enlarge(group.entries, i))));
  document.getElementById("pictures-shown").replaceChildren(tiles);
}

function startPictures() {
  const section = document.getElementById("pictures");
  if (!section) return;
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    const all = groups();
    all.forEach((group, g) => {
      const label = document.createElement("label");
      const radio = Object.assign(document.createElement("input"), { type: "radio", name: "pictures", checked: g === 0 });
      radio.addEventListener("change", () => showGroup(group));
      label.append(radio, Object.assign(document.createElement("span"), { textContent: group.title }));
      document.getElementById("pictures-which").append(label);
    });
    showGroup(all[0]);
  }, { rootMargin: "600px" }).observe(section);
  startEnlarged();
}

let around = { entries: [], place: 0 };
function enlarge(entries, place) {
  const dialog = document.getElementById("enlarged");
  around = { entries, place: (place + entries.length) % entries.length };
  const one = entries[around.place];
  const words = [one.kind, one.caption, one.more].filter(Boolean).join(", ");
  Object.assign(dialog.querySelector("img"), { src: one.entry.uri, alt: words });
  dialog.querySelector("figcaption").textContent = words;
  for (const id of ["previous", "next"]) document.getElementById(id).hidden = entries.length < 2;
  if (!dialog.open) dialog.showModal();
}

function startEnlarged() {
  const dialog = document.getElementById("enlarged");
  const step = (by) => enlarge(around.entries, around.place + by);
  document.getElementById("previous").addEventListener("click", () => step(-1));
  document.getElementById("next").addEventListener("click", () => step(1));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
}

// What stands beside the pointer over a point: the variant, its figures, its settings, its reconstructions.
function showCard(point, pointer, about) {
  const card = document.getElementById("card");
  const { variant: i, metrics } = about(point);
  const of = i >= 0 ? data.variants[i] : data.pca[-1 - i];
  const list = document.createElement("dl");
  const add = (key, value) => list.append(...["dt", "dd"].map((kind, k) => Object.assign(document.createElement(kind), { textContent: [key, value][k] })));
  for (const m of metrics) {
    const [mean, std] = i >= 0 ? data.cells[i][m] : [of.values[m], null];
    const { label, places } = data.metrics[m];
    add(label, number(mean, places) + (std === null ? "" : ` ± ${number(std, places)}`));
  }
  for (const [key, value] of of.settings || []) add(key, value);
  card.replaceChildren(Object.assign(document.createElement("b"), { textContent: of.name }), list);
  const shown = pictures().kinds.find((kind) => kind.name === "reconstructions")?.tiles.find((entry) => entry.variant === i);
  if (shown) card.append(Object.assign(document.createElement("img"), { src: shown.uri, alt: "", width: shown.width, height: shown.height }));
  card.hidden = false;
  place(card, pointer);
}

function place(card, pointer) {
  const [x, y] = [pointer.clientX ?? 0, pointer.clientY ?? 0];
  const right = x + 18 + card.offsetWidth < window.innerWidth ? x + 18 : Math.max(8, x - 18 - card.offsetWidth);
  card.style.left = `${Math.max(8, Math.min(right, window.innerWidth - card.offsetWidth - 8))}px`;
  card.style.top = `${Math.max(8, Math.min(y + 18, window.innerHeight - card.offsetHeight - 8))}px`;
}

function hideCard() { document.getElementById("card").hidden = true; }
