// What all charts share. plotly.js lies in the page packed, and is unpacked when the first chart comes near.
const data = JSON.parse(document.getElementById("charts-data").textContent);
const DASHES = ["solid", "dash", "dot", "dashdot"];
const SYMBOLS = ["circle", "square", "triangle-up", "cross", "star", "pentagon", "x", "hexagon", "triangle-down", "bowtie"];
// Pixels that grow with the text of the page, as it does on a projector.
function px(size) { return size * parseFloat(getComputedStyle(root).fontSize) / 16; }
const narrow = () => window.innerWidth < 640;
const still = window.matchMedia("(pointer: coarse)");
let unpacked = null;

function plotly() {
  unpacked ??= (async () => {
    const packed = atob(document.getElementById("plotly-packed").textContent);
    const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
    return window.Plotly;
  })();
  return unpacked;
}

// plotly reads its texts as a small HTML: a name is shown as it is written.
function plain(text, longest = window.innerWidth < 1500 ? 28 : 44) {
  const cut = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return cut.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function lineColour(i) { return colour(`c${i % 10}`); }
function lineDash(i) { return DASHES[Math.floor(i / 10) % DASHES.length]; }
function symbol(i) { return SYMBOLS[(i + Math.floor(i / 10)) % SYMBOLS.length]; }

function translucent(rgb, alpha) { return rgb.replace("rgb(", "rgba(").replace(")", `, ${alpha})`); }

function number(value, places) {
  if (value === null) return "–";
  const small = value !== 0 && Math.abs(value) < 0.5 * 10 ** -places;
  return small ? value.toExponential(1) : value.toLocaleString("en-GB", { minimumFractionDigits: places, maximumFractionDigits: places });
}

function axis(title, more = {}) {
  return {
    title: { text: plain(title, 60), font: { size: px(13), color: colour("muted") }, standoff: 10 },
    gridcolor: colour("faint"), linecolor: colour("rule"), zeroline: false, automargin: true,
    tickfont: { size: px(12), color: colour("muted") }, exponentformat: "power", ...more,
  };
}

function layout(x, y, more = {}) {
  return {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", xaxis: x, yaxis: y, hovermode: "closest",
    font: { family: getComputedStyle(document.body).fontFamily, size: px(13), color: colour("ink") },
    hoverlabel: { bgcolor: colour("paper"), bordercolor: colour("rule"), font: { color: colour("ink"), size: px(13) }, align: "left", namelength: -1 },
    margin: { l: 8, r: narrow() ? 20 : 8, t: narrow() ? 14 : 34, b: 8 }, modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("muted"), activecolor: colour("ink") }, dragmode: still.matches ? false : "zoom",
    legend: narrow()
      ? { orientation: "h", y: -0.2, yanchor: "top", x: 0, font: { size: px(12) }, maxheight: 190 }
      : { x: 1.01, y: 1, font: { size: px(13) }, itemwidth: 30 },
    ...more,
  };
}

function config() {
  return { displaylogo: false, responsive: true, displayModeBar: narrow() ? false : "hover", modeBarButtons: [["toImage", "resetScale2d"]] };
}

// Shows a section, and draws it when it comes near: anew whenever `draw` is called, and with each change of theme.
function chart(name, draw, hover = null) {
  const section = document.getElementById(name);
  const place = document.getElementById(`${name}-chart`);
  section.hidden = false;
  document.querySelector(`nav [data-for="${name}"]`).hidden = false;
  let drawn = false;
  const redraw = async () => {
    const Plotly = await plotly();
    const { traces, layout: how } = draw();
    await Plotly.react(place, traces, how, config());
    if (!drawn && hover) {
      place.on("plotly_hover", (event) => showCard(event.points[0], event.event, hover));
      place.on("plotly_unhover", hideCard);
      // scrolling hides the card; without this the same point would not show it again
      window.addEventListener("scroll", () => Plotly.Fx.unhover(place), { passive: true });
    }
    drawn = true;
  };
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    redraw();
  }, { rootMargin: "600px" }).observe(place);
  redraws.push(() => { if (drawn) redraw(); });
  return () => { if (drawn) redraw(); };
}

function choices(id, entries, value, changed) {
  const select = document.getElementById(id);
  for (const [key, label] of entries) {
    const option = document.createElement("option");
    option.value = key;
    option.textContent = label;
    select.append(option);
  }
  select.value = value;
  select.addEventListener("change", changed);
  return () => select.value;
}

// Metrics that at least `least` variants have a figure of, as [place, label].
function usedMetrics(least = 1) {
  return data.metrics
    .map((metric, m) => [String(m), metric.label])
    .filter(([m]) => data.cells.filter((row) => row[m]).length >= least);
}

function sortedBy(metrics) {
  const place = String(data.metrics.findIndex((metric) => metric.key === data.sortedBy));
  return (metrics.find(([m]) => m === place) || metrics[0])[0];
}
