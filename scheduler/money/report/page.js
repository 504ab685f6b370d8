"use strict";
(() => {
  const data = JSON.parse(document.getElementById("year-data").textContent);
  const what = document.getElementById("year-what");
  const which = document.getElementById("year-which");
  const key = document.getElementById("year-key");
  const colour = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  const energy = (schedule) => ({
    z: schedule.soe, zmin: 0, zmax: 100,
    colorscale: [[0, colour("paper")], [1, colour("battery")]],
    colorbar: { title: { text: "%" } },
    hovertemplate: "%{x|%a %d %b %Y} %{y|%H:%M}<br>%{z} % in the battery<extra></extra>",
  });
  const grid = (schedule) => {
    const most = Math.max(1, ...schedule.grid.map((row) => Math.max(...row.map(Math.abs))));
    return {
      z: schedule.grid, zmin: -most, zmax: most,
      colorscale: [[0, colour("sold")], [0.5, colour("paper")], [1, colour("bought")]],
      colorbar: { title: { text: "kW" } },
      hovertemplate: "%{x|%a %d %b %Y} %{y|%H:%M}<br>%{z} kW (below 0: sold)<extra></extra>",
    };
  };
  const held = (schedule) => {
    const colours = schedule.colours.map(colour);
    const steps = colours.flatMap((each, at) => [
      [at / colours.length, each], [(at + 1) / colours.length, each],
    ]);
    return {
      z: schedule.held, zmin: -0.5, zmax: colours.length - 0.5,
      colorscale: steps, showscale: false,
      text: schedule.held.map((row) => row.map((at) => (at === null ? "" : schedule.labels[at]))),
      hovertemplate: "%{x|%a %d %b %Y} %{y|%H:%M}<br>%{text}<extra></extra>",
    };
  };
  const views = { soe: energy, grid, held };

  const draw = () => {
    const schedule = data.schedules[Number(which.value)];
    for (const option of what.options) option.disabled = !(option.value in schedule);
    if (!(what.value in schedule)) what.value = "soe";
    key.replaceChildren();
    if (what.value === "held") {
      schedule.labels.forEach((label, at) => {
        const item = document.createElement("li");
        const swatch = document.createElement("i");
        swatch.className = schedule.colours[at];
        // The labels are escaped for plotly; here they are shown as text.
        item.append(swatch, new DOMParser().parseFromString(label, "text/html").body.textContent);
        key.append(item);
      });
    }
    const trace = { type: "heatmap", x: data.days, y: data.times, ...views[what.value](schedule) };
    const small = window.innerWidth < 600;
    const font = { family: "system-ui, sans-serif", color: colour("ink") };
    const lines = { gridcolor: colour("ground"), linecolor: colour("day") };
    const layout = {
      font, paper_bgcolor: colour("paper"), plot_bgcolor: colour("paper"),
      margin: { l: 52, r: small ? 8 : 20, t: 34, b: 40 },
      xaxis: { type: "date", ...lines },
      yaxis: { type: "date", tickformat: "%H:%M", autorange: "reversed", dtick: 10800000, ...lines },
      hoverlabel: { font: { family: "system-ui, sans-serif" } },
    };
    if (trace.colorbar) {
      Object.assign(trace.colorbar, small
        ? { orientation: "h", y: -0.14, yanchor: "top", thickness: 10, title: { text: "" } }
        : { thickness: 12 });
    }
    const buttons = ["toImage", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"];
    const settings = { responsive: true, displaylogo: false, modeBarButtons: [buttons] };
    Plotly.react("year-map", [trace], layout, settings);
  };

  what.addEventListener("change", draw);
  which.addEventListener("change", draw);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
})();
