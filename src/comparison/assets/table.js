// The table: a head sorts by its column, first the way that puts the best on top; what has no figure stays below.
function valueOf(body, column) {
  const cell = body.rows[0].cells[column];
  const text = cell.dataset.value;
  return column === 0 || text === "" ? text : Number(text);
}

function sortBy(table, column, direction) {
  const sign = direction === "ascending" ? 1 : -1;
  const bodies = [...table.tBodies].map((body) => ({ body, value: valueOf(body, column) }));
  bodies.sort((a, b) => {
    if (a.value === "" || b.value === "") return (a.value === "") - (b.value === "");
    if (column === 0) return sign * a.value.localeCompare(b.value, "en", { numeric: true });
    return sign * (a.value - b.value);
  });
  for (const { body } of bodies) table.append(body);
  [...table.tHead.rows[0].cells].forEach((head, i) => head.setAttribute("aria-sort", i === column ? direction : "none"));
}

function startTable() {
  const table = document.getElementById("figures");
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const now = head.getAttribute("aria-sort");
    sortBy(table, column, now === "none" ? head.dataset.first : now === "ascending" ? "descending" : "ascending");
  }));
  const first = heads.findIndex((head) => head.getAttribute("aria-sort") !== "none");
  if (first > 0) sortBy(table, first, heads[first].getAttribute("aria-sort"));
  table.addEventListener("click", (event) => {
    const button = event.target.closest("[aria-controls]");
    if (!button) return;
    const runs = document.getElementById(button.getAttribute("aria-controls"));
    runs.hidden = !runs.hidden;
    button.setAttribute("aria-expanded", String(!runs.hidden));
  });
}
