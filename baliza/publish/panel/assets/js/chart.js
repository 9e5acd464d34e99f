// Bars over time, drawn by uPlot; the same numbers in a table behind each.
"use strict";
(() => {
  const { el, format } = Painel;
  const HEIGHT = 240;
  const drawn = new Set();

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const options = (points, width, read) => {
    const soft = colour("--soft");
    const label = (point) => (point === undefined ? "" : point.short);
    const series = (stroke, fill) => ({
      stroke,
      fill,
      width: 1,
      points: { show: false },
      paths: uPlot.paths.bars({ size: [0.72, 56], radius: 0.12 }),
    });
    return {
      width,
      height: HEIGHT,
      legend: { show: false },
      padding: [12, 8, 0, 0],
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: { x: { time: false, range: [-0.6, points.length - 0.4] }, y: { range: (_, __, most) => [0, most > 0 ? most * 1.06 : 1] } },
      series: [{}, series(colour("--bar"), colour("--bar")), series(colour("--bar"), colour("--bar-open"))],
      axes: [
        {
          stroke: soft,
          grid: { show: false },
          ticks: { stroke: colour("--line"), size: 4 },
          font: "12px sans-serif",
          incrs: [1, 2, 3, 6, 12, 24],
          space: 56,
          values: (_, splits) => splits.map((at) => label(points[at])),
        },
        {
          stroke: soft,
          grid: { stroke: colour("--line"), width: 1 },
          ticks: { show: false },
          font: "12px sans-serif",
          size: 64,
          values: (_, splits) => splits.map(format.axis),
        },
      ],
      hooks: { setCursor: [(plot) => read(points[plot.cursor.idx])] },
    };
  };

  // Points: { label, short, value, n, proven }; proven is null where nothing is known of it.
  Painel.chart = (title, points) => {
    const canvas = el("div", { class: "canvas", role: "img", "aria-label": `${title}. Os números estão na tabela abaixo.` });
    const most = points.reduce((one, other) => (other.value > one.value ? other : one), points[0]);
    const reading = el("p", { class: "reading" });
    const open = points.some((one) => one.proven === false);
    const figure = el(
      "div",
      { class: "chart" },
      canvas,
      reading,
      open &&
        el(
          "ul",
          { class: "key" },
          el("li", {}, el("span", { class: "swatch" }), "período provado por inteiro"),
          el("li", {}, el("span", { class: "swatch open" }), "com dias não provados: pode faltar valor"),
        ),
      behind(title, points),
    );
    const read = (point) => {
      const told = point ?? most;
      if (!told) return;
      const words = `${told.label}: ${format.money(told.value)} em ${format.plural(told.n, "contrato", "contratos")}`;
      reading.textContent = point ? words : `O maior, ${words}`;
    };
    read();
    const data = [
      points.map((_, n) => n),
      points.map((one) => (one.proven === false ? null : one.value)),
      points.map((one) => (one.proven === false ? one.value : null)),
    ];
    const entry = { canvas, draw: () => draw(entry, points, data, read) };
    drawn.add(entry);
    new ResizeObserver(entry.draw).observe(canvas);
    return figure;
  };

  const draw = (entry, points, data, read) => {
    const width = Math.floor(entry.canvas.clientWidth);
    if (!entry.canvas.isConnected || width === 0) return;
    entry.plot?.destroy();
    entry.plot = new uPlot(options(points, width, read), data, entry.canvas);
  };

  const behind = (title, points) =>
    el(
      "details",
      { class: "behind" },
      el("summary", {}, "Ver em tabela"),
      Painel.table(
        title,
        [["Período"], ["Valor contratado", true], ["Contratos", true], ["Provado"]],
        points.map((one) => ({
          cells: [
            one.label,
            format.money(one.value),
            format.count(one.n),
            one.proven === null ? "não se sabe" : one.proven ? "sim" : "não por inteiro",
          ],
        })),
      ),
    );

  // One who changes from light to dark sees the new colours at once.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const entry of drawn) {
      if (entry.canvas.isConnected) entry.draw();
      else drawn.delete(entry);
    }
  });
})();
