// Metric against metric: a point a variant; hovering shows its settings and its reconstructions.
function startTradeoff() {
  const metrics = usedMetrics();
  if (metrics.length < 2) return;
  let redraw = () => {};
  const first = sortedBy(metrics);
  const stage = (m) => data.metrics[m].key.split("/")[0];
  const others = metrics.filter(([m]) => m !== first);
  const [second] = others.find(([m]) => stage(m) !== stage(first)) || others[0]; // se against psnr says nothing
  const x = choices("tradeoff-x", metrics, second, () => redraw());
  const y = choices("tradeoff-y", metrics, first, () => redraw());
  redraw = chart("tradeoff", () => {
    const traces = data.variants.flatMap((variant, i) => {
      const [across, up] = [data.cells[i][x()], data.cells[i][y()]];
      return across && up ? [point(variant, i, across, up)] : [];
    });
    const pca = data.pca.filter((one) => one.values[x()] !== null && one.values[y()] !== null);
    if (pca.length) traces.push(pcaPoints(pca, x(), y()));
    return { traces, layout: layout(axis(data.metrics[x()].label), axis(data.metrics[y()].label), { uirevision: `${x()},${y()}` }) };
  }, (point) => ({ variant: point.customdata, name: point.text, metrics: [x(), y()] }));
}

function point(variant, i, across, up) {
  const bar = (cell) => ({ type: "data", array: [cell[1] || 0], visible: cell[1] !== null, color: lineColour(i), thickness: 1, width: 0 });
  return {
    x: [across[0]], y: [up[0]], error_x: bar(across), error_y: bar(up), customdata: [i], name: plain(variant.name),
    type: "scatter", mode: "markers", marker: { color: lineColour(i), size: 11, symbol: symbol(i) }, hoverinfo: "none", cliponaxis: false,
  };
}

function pcaPoints(pca, x, y) {
  return {
    x: pca.map((one) => one.values[x]), y: pca.map((one) => one.values[y]), text: pca.map((one) => plain(one.name)),
    customdata: pca.map((_, i) => -1 - i), name: "PCA", type: "scatter", mode: "markers+text", textposition: "top center",
    cliponaxis: false, textfont: { color: colour("muted"), size: px(12) }, hoverinfo: "none",
    marker: { color: colour("muted"), size: 11, symbol: "diamond-open", line: { width: 2 } },
  };
}
