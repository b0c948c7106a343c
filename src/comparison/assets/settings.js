// Parallel coordinates: every number that differs between variants on an axis of its own, the metric on the last one.
function startSettings() {
  const metrics = usedMetrics(2);
  if (!data.axes.length || !metrics.length) return;
  let redraw = () => {};
  const which = choices("settings-which", metrics, sortedBy(metrics), () => redraw());
  redraw = chart("settings", () => {
    const metric = data.metrics[which()];
    const last = { label: metric.label, values: data.cells.map((row) => (row[which()] ? row[which()][0] : null)), log: false };
    const scales = [...data.axes, last].map(scale);
    const lines = data.variants.map((_, i) => i).filter((i) => last.values[i] !== null);
    const traces = lines.map((i) => settingsLine(i, scales));
    return { traces, layout: settingsLayout(scales) };
  }, (point) => ({ variant: point.customdata, metrics: [which()] }));
}

function scale(one) {
  const known = one.values.filter((value) => value !== null);
  const through = one.log ? Math.log : (value) => value;
  const [low, high] = [through(Math.min(...known)), through(Math.max(...known))];
  const at = (value) => (value === null ? null : high === low ? 0.5 : (through(value) - low) / (high - low));
  const distinct = [...new Set(known)].sort((a, b) => a - b);
  const ticks = distinct.length <= 6 ? distinct : [distinct[0], distinct[distinct.length - 1]];
  return { ...one, at, ticks };
}

// From one end of the metric to the other, by lightness as much as by hue.
function shade(t) {
  const [from, to] = isDark() ? [[96, 140, 205], [253, 214, 104]] : [[24, 62, 120], [214, 132, 20]];
  return `rgb(${from.map((value, k) => Math.round(value + t * (to[k] - value))).join(",")})`;
}

function settingsLine(i, scales) {
  const y = scales.map((one) => one.at(one.values[i]));
  const end = y[y.length - 1];
  return {
    x: scales.map((_, k) => k), y, customdata: scales.map(() => i), name: plain(data.variants[i].name), type: "scatter",
    mode: "lines+markers", line: { color: shade(end), width: 2, shape: "linear" }, marker: { color: shade(end), size: 7 },
    hoverinfo: "none", showlegend: false, connectgaps: true,
  };
}

function settingsLayout(scales) {
  const short = (label) => (narrow() && label.includes(".") ? label.slice(label.lastIndexOf(".") + 1) : label);
  const ticks = scales.flatMap((one, k) => one.ticks.map((value) => ({
    x: k, y: one.at(value), text: String(Number(value.toPrecision(4))), showarrow: false, xanchor: "left", xshift: 8,
    font: { size: px(12), color: colour("muted") }, bgcolor: colour("paper"), opacity: 0.9,
  })));
  const heads = scales.map((one, k) => ({
    x: k, y: 1.06, text: plain(short(one.label) + (one.log ? " (log)" : ""), narrow() ? 14 : 34), showarrow: false, yanchor: "bottom",
    xanchor: k === 0 ? "left" : k === scales.length - 1 ? "right" : "center", font: { size: px(13), color: colour("ink") },
  }));
  const poles = scales.map((_, k) => ({ type: "line", x0: k, x1: k, y0: 0, y1: 1, line: { color: colour("rule"), width: 1 }, layer: "below" }));
  const bare = { visible: false, fixedrange: true };
  return layout(
    { ...bare, range: [-0.05, scales.length - 1 + (narrow() ? 0.3 : 0.12)] }, { ...bare, range: [-0.05, 1.16] },
    { annotations: [...ticks, ...heads], shapes: poles, dragmode: false },
  );
}
