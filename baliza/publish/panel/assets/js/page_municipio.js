// A municipality: the órgãos that buy there, and how much over time.
"use strict";
(async () => {
  const SHOWN = 50;
  const { el, format, section } = Painel;
  try {
    const panel = await Painel.load("painel");
    const place = await Painel.find("municipios", Painel.asked());
    if (place) show(panel, place);
    else if (!panel.tabelas.includes("mart.spending")) document.getElementById("pagina").replaceChildren(Painel.missing("mart.spending"));
    else Painel.say("Este município não está neste arquivo. Procure-o pelo nome ou pelo código do IBGE.");
  } catch (error) {
    Painel.failed(error);
  }

  function show(panel, place) {
    const name = `${place.nome ?? place.doc}${place.uf ? ` (${place.uf})` : ""}`;
    document.title = `${name} · baliza`;
    const parts = { figures: el("div", {}), months: el("div", {}), kinds: el("div", {}), orgaos: el("div", {}) };
    const rows = place.meses.map(([month, category, esfera, n, value]) => ({ month, category, esfera, n, value }));
    const esferas = [...new Set(rows.map((row) => row.esfera))];
    const filters = Painel.filters(
      [
        // The town is its own órgãos; a federal campus stands in it, but is not of it.
        ["esfera", "Esfera", [["", "Todas as esferas"], ...esferas.map((one) => [String(one), format.esfera(one)])], esferas.includes("M") ? "M" : ""],
        ["ano", "Ano de publicação", Painel.years(rows.map((row) => Number(row.month?.slice(0, 4))).filter((year) => year))],
        ["categoria", "Categoria", Painel.categories(panel.categorias, rows.map((row) => row.category))],
      ],
      (chosen) => draw(panel, place, rows, parts, chosen),
    );
    document.getElementById("pagina").replaceChildren(
      el(
        "div",
        { class: "hero" },
        el("p", { class: "over" }, "Município"),
        el("h1", {}, el("bdi", {}, name)),
        el("p", { class: "about" }, `Código IBGE ${place.doc}. Contratos de unidades que compram neste município: as da prefeitura e, noutras esferas, as do estado e da União que ficam nele.`),
      ),
      filters.form,
      parts.figures,
      section("meses", "Valor contratado por mês", parts.months),
      section("categorias", "Por categoria", parts.kinds),
      section("orgaos", "Órgãos", parts.orgaos),
    );
    filters.start();
  }

  function draw(panel, place, rows, parts, chosen) {
    const ofEsfera = (esfera) => !chosen.esfera || String(esfera) === chosen.esfera;
    const some = rows.filter((row) => ofEsfera(row.esfera) && Painel.isChosen(chosen, row.month?.slice(0, 4), row.category));
    const value = Painel.sum(some, (row) => row.value);
    const contracts = Painel.sum(some, (row) => row.n);
    const kept = place.linhas.filter(([orgao, year, category]) => ofEsfera(place.quem[orgao][3]) && Painel.isChosen(chosen, year, category));
    const orgaos = [...Painel.groups(kept, (row) => row[0], [(row) => row[4], (row) => row[3]])].sort((a, b) => b[1][0] - a[1][0]);
    parts.figures.replaceChildren(
      Painel.figures([
        ["Contratado", format.money(value), format.plural(contracts, "contrato", "contratos")],
        ["Órgãos com contratos", format.count(orgaos.length)],
      ]),
    );
    const [first, last] = Painel.span(panel.mesesProvados, rows.map((row) => row.month), chosen.ano);
    parts.months.replaceChildren(Painel.chart("Valor contratado por mês de publicação", Painel.monthly(some, first, last, panel.mesesProvados)));
    const kinds = [...Painel.groups(some, (row) => row.category, [(row) => row.value])].sort((a, b) => b[1][0] - a[1][0]);
    parts.kinds.replaceChildren(Painel.bars(kinds.map(([code, [sum]]) => ({ name: Painel.categoryName(panel.categorias, code), value: sum })), value));
    parts.orgaos.replaceChildren(table(place, orgaos, value));
    return `Nesta escolha: ${format.money(value)} em ${format.plural(contracts, "contrato", "contratos")}.`;
  }

  function table(place, orgaos, total) {
    if (orgaos.length === 0) return el("p", { class: "quiet" }, "Nenhum contrato nesta escolha.");
    const share = (value) => (total > 0 ? format.percent((100 * value) / total) : "–");
    const rows = orgaos.slice(0, SHOWN).map(([at, [value, n]]) => {
      const [id, shown, name, esfera] = place.quem[at];
      return {
        cells: [el("a", { href: `orgao.html?id=${encodeURIComponent(id)}` }, name ?? format.document(shown)), format.esfera(esfera), format.money(value), share(value), format.count(n)],
      };
    });
    const rest = orgaos.slice(SHOWN);
    if (rest.length) {
      const sum = Painel.sum(rest, ([, [value]]) => value);
      rows.push({ rest: true, cells: [`Outros ${format.count(rest.length)}`, "", format.money(sum), share(sum), format.count(Painel.sum(rest, ([, [, n]]) => n))] });
    }
    return Painel.table("Órgãos por valor contratado", [["Órgão"], ["Esfera"], ["Contratado", true], ["Parte", true], ["Contratos", true]], rows);
  }
})();
