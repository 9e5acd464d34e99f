// The choice of year and category, kept in the address so that a link shows the same.
"use strict";
(() => {
  const { el } = Painel;
  const ALL = "";

  const read = () => new URLSearchParams(location.hash.slice(1));

  // A control, which has an id, under its label.
  Painel.field = (label, control) => el("div", {}, el("label", { for: control.id }, label), control);

  // Choices: [name, label, [[value, text]...], value at first]. Calls `changed` with what is chosen, now too.
  Painel.filters = (choices, changed) => {
    const said = el("p", { role: "status", "aria-live": "polite" });
    const selects = choices.map(([name, , options, initial]) => {
      const select = el("select", { name, id: `filtro-${name}` }, options.map(([value, text]) => el("option", { value }, text)));
      const asked = read().get(name) ?? initial ?? ALL;
      select.value = options.some(([value]) => String(value) === asked) ? asked : options[0][0];
      select.addEventListener("change", () => apply());
      return select;
    });
    const chosen = () => Object.fromEntries(selects.map((select) => [select.name, select.value]));
    const apply = (atFirst) => {
      const values = chosen();
      said.textContent = changed(values) ?? "";
      if (atFirst) return;
      // Replaced, not added: going back leads to the page before, not through every choice.
      location.replace(`#${new URLSearchParams(values)}`);
    };
    const form = el(
      "form",
      { class: "filters", "aria-label": "Filtros", onsubmit: (event) => event.preventDefault() },
      choices.map(([, label], n) => Painel.field(label, selects[n])),
      said,
    );
    return { form, start: () => apply(true) };
  };

  Painel.years = (years) => [
    [ALL, "Todos os anos"],
    ...[...new Set(years.filter((one) => one !== null))].sort((a, b) => b - a).map((year) => [String(year), String(year)]),
  ];

  // Those of the file's categories that are used here; a record may have none.
  Painel.categories = (all, used) => {
    const codes = new Set(used);
    return [
      [ALL, "Todas as categorias"],
      ...all.filter(([code]) => codes.has(code)).map(([code, name]) => [String(code), name ?? `Categoria ${code}`]),
      ...(codes.has(null) ? [["null", "Sem categoria"]] : []),
    ];
  };
})();
