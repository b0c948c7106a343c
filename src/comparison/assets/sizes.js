// Error against code size, with PCA's curve: where there is more than one size.
function startSizes() {
  const sizes = new Set(data.variants.map((variant) => variant.size).filter((size) => size !== null));
  const metrics = usedMetrics(2);
  if (sizes.size < 2 || !metrics.length) return;
  let redraw = () => {};
  const which = choices("sizes-which", metrics, sortedBy(metrics), () => redraw());
  redraw = chart("sizes", () => {
    const traces = familyLines(which());
    const pca = data.pca.filter((one) => one.size !== null && one.values[which()] !== null).sort((a, b) => a.size - b.size);
    if (pca.length) traces.push(pcaLine(pca, which()));
    const ticks = [...new Set([...sizes, ...pca.map((one) => one.size)])].sort((a, b) => a - b);
    const log = ticks[ticks.length - 1] / ticks[0] >= 4 && ticks[0] > 0;
    const x = axis("code size", { type: log ? "log" : "linear", tickvals: ticks.length > 12 ? undefined : ticks, ticktext: ticks.map(String) });
    return { traces, layout: layout(x, axis(data.metrics[which()].label), { uirevision: which() }) };
  }, (point) => ({ variant: point.customdata, name: point.text, metrics: [which()] }));
}

function familyLines(metric) {
  const families = [...new Set(data.variants.map((variant) => variant.family))];
  return families.flatMap((family) => {
    const f = data.variants.findIndex((variant) => variant.family === family); // its colour in the other charts
    const members = data.variants
      .map((variant, i) => ({ i, size: variant.size, cell: data.cells[i][metric], family: variant.family }))
      .filter((one) => one.family === family && one.size !== null && one.cell)
      .sort((a, b) => a.size - b.size);
    if (!members.length) return [];
    return [{
      x: members.map((one) => one.size), y: members.map((one) => one.cell[0]), customdata: members.map((one) => one.i),
      error_y: { type: "data", array: members.map((one) => one.cell[1] || 0), color: lineColour(f), thickness: 1, width: 0 },
      name: plain(family), type: "scatter", mode: "lines+markers", hoverinfo: "none",
      line: { color: lineColour(f), width: 2, dash: lineDash(f) }, marker: { color: lineColour(f), size: 9, symbol: symbol(f) },
    }];
  });
}

function pcaLine(pca, metric) {
  return {
    x: pca.map((one) => one.size), y: pca.map((one) => one.values[metric]), text: pca.map((one) => plain(one.name)),
    customdata: pca.map((one) => -1 - data.pca.indexOf(one)), name: "PCA", type: "scatter", mode: "lines+markers", hoverinfo: "none",
    line: { color: colour("muted"), width: 2, dash: "dash" }, marker: { color: colour("muted"), size: 9, symbol: "diamond-open", line: { width: 2 } },
  };
}
