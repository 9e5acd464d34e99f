// Elements made of names and texts: what PNCP publishes is never read as HTML.
"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";

  const fill = (element, attributes, children) => {
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
    return element;
  };

  Painel.el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
  Painel.svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

  Painel.section = (id, title, ...children) =>
    Painel.el("section", { "aria-labelledby": `h-${id}` }, Painel.el("h2", { id: `h-${id}` }, title), children);

  Painel.missing = (table) =>
    Painel.el(
      "p",
      { class: "missing", role: "note" },
      `A tabela ${table} não foi feita neste arquivo: `,
      Painel.el("code", {}, `baliza build --no-fetch --target ${table.replace(".", "_")}`),
    );

  // A table; a phone shows each row as a card. The roles stay when its boxes are no table's any more.
  // Columns: [heading, is a number].
  Painel.table = (caption, columns, rows) => {
    const { el } = Painel;
    const head = columns.map(([name, numeric]) => el("th", { scope: "col", role: "columnheader", class: numeric ? "num" : null }, name));
    const body = rows.map(({ cells, rest }) =>
      el(
        "tr",
        { role: "row", class: rest ? "rest" : null },
        cells.map((cell, n) => {
          const numeric = columns[n][1] ? "num" : null;
          return n === 0
            ? el("th", { scope: "row", role: "rowheader", class: numeric }, cell)
            : el("td", { role: "cell", class: numeric, "data-label": columns[n][0] }, cell);
        }),
      ),
    );
    return el(
      "div",
      { class: "scroll stacks", tabindex: "0", role: "region", "aria-label": caption },
      el(
        "table",
        { role: "table" },
        el("caption", {}, caption),
        el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, head)),
        el("tbody", { role: "rowgroup" }, body),
      ),
    );
  };

  Painel.figures = (figures) =>
    Painel.el(
      "dl",
      { class: "figures" },
      figures
        .filter(Boolean)
        .map(([name, value, note]) =>
          Painel.el("div", {}, Painel.el("dt", {}, name), Painel.el("dd", {}, value, note && Painel.el("small", {}, note))),
        ),
    );
})();
