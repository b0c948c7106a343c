// Learning curves: a line a variant, with its band over seeds.
const MOST_BANDS = 8;

function startCurves() {
  const names = Object.keys(data.curves);
  if (!names.length) return;
  const log = document.getElementById("curves-log");
  const bands = document.getElementById("curves-bands");
  let redraw = () => {};
  const which = choices("curves-which", names.map((name) => [name, name]), names[0], () => redraw());
  log.addEventListener("change", () => redraw());
  bands.addEventListener("change", () => redraw());
  const anyBand = names.some((name) => data.curves[name].some((curve) => curve && curve.std.some((s) => s !== null)));
  bands.parentElement.hidden = !anyBand;
  bands.checked = data.variants.length <= MOST_BANDS; // more of them cover each other

  redraw = chart("curves", () => {
    const curves = data.curves[which()];
    const traces = curves.flatMap((curve, i) => (curve ? [...(bands.checked ? band(curve, i) : []), line(curve, i)] : []));
    const y = axis(which(), { type: log.checked ? "log" : "linear" });
    const last = Math.max(...curves.flatMap((curve) => (curve ? curve.epoch : [0])));
    const x = axis("epoch", last <= 10 ? { dtick: 1 } : { nticks: 10 });
    return { traces, layout: layout(x, y, { uirevision: "curves" }) };
  });
}

function line(curve, i) {
  const values = curve.mean.map((mean, e) => {
    const spread = curve.std[e] === null ? "" : ` ± ${curve.std[e].toPrecision(2)}`;
    return [plain(data.variants[i].name, 80), `${mean.toPrecision(5)}${spread}`, curve.seeds[e] === 1 ? "1 seed" : `${curve.seeds[e]} seeds`];
  });
  return {
    x: curve.epoch, y: curve.mean, customdata: values, name: plain(data.variants[i].name), legendgroup: `v${i}`,
    type: "scatter", mode: curve.epoch.length > 1 ? "lines" : "markers",
    line: { color: lineColour(i), width: data.variants.length > 12 ? 1.5 : 2, dash: lineDash(i) }, marker: { color: lineColour(i), size: 8, symbol: symbol(i) },
    hovertemplate: "<b>%{customdata[0]}</b><br>epoch %{x}<br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
  };
}

function band(curve, i) {
  const known = curve.epoch.map((_, e) => e).filter((e) => curve.std[e] !== null);
  if (known.length < 2) return [];
  const x = known.map((e) => curve.epoch[e]);
  const above = known.map((e) => curve.mean[e] + curve.std[e]);
  const below = known.map((e) => curve.mean[e] - curve.std[e]);
  return [{
    x: [...x, ...x.slice().reverse()], y: [...above, ...below.reverse()], fill: "toself", type: "scatter", mode: "lines",
    line: { width: 0 }, fillcolor: translucent(lineColour(i), isDark() ? 0.22 : 0.15), hoverinfo: "skip",
    legendgroup: `v${i}`, showlegend: false,
  }];
}
