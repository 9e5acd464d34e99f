// A supplier: its history and its buyers.
"use strict";
(async () => {
  const { el, format, section } = Painel;
  try {
    const panel = await Painel.load("painel");
    const supplier = await Painel.find("fornecedores", Painel.asked());
    if (supplier) show(panel, supplier);
    else Painel.say("Este fornecedor não está neste arquivo. Procure-o pelo nome ou pelo CNPJ.");
  } catch (error) {
    Painel.failed(error);
  }

  function show(panel, supplier) {
    const name = supplier.nome ?? format.document(supplier.doc);
    document.title = `${name} · baliza`;
    const parts = { figures: el("div", {}), years: el("div", {}), kinds: el("div", {}), buyers: el("div", {}) };
    const pairs = supplier.compradores?.linhas ?? [];
    const years = [...(supplier.anos ?? []), ...pairs.map(([, year]) => [year])].map(([year]) => year);
    const filters = Painel.filters(
      [
        ["ano", "Ano de publicação", Painel.years(years)],
        ["categoria", "Categoria", Painel.categories(panel.categorias, pairs.map((row) => row[2]))],
      ],
      (chosen) => draw(panel, supplier, parts, chosen),
    );
    document.getElementById("pagina").replaceChildren(
      el(
        "div",
        { class: "hero" },
        el("p", { class: "over" }, "Fornecedor"),
        el("h1", {}, el("bdi", {}, name)),
        el("p", { class: "about" }, [format.document(supplier.doc), supplier.tipo].filter(Boolean).join(" · ")),
        el("p", { class: "about" }, "Cada filial tem página própria. Isto é o que se contratou e se publicou no PNCP, não o faturamento: a maior parte das compras diretas não vira contrato."),
      ),
      filters.form,
      parts.figures,
      section("anos", "Valor contratado por ano", parts.years),
      section("categorias", "Por categoria", parts.kinds),
      section("compradores", "Compradores", parts.buyers),
      section("historico", "Ano a ano", history(supplier.anos)),
    );
    filters.start();
  }

  function draw(panel, supplier, parts, chosen) {
    if (!supplier.compradores) {
      for (const place of [parts.years, parts.kinds, parts.buyers]) place.replaceChildren(Painel.missing("mart.supply"));
      return "";
    }
    const rows = supplier.compradores.linhas.filter(([, year, category]) => Painel.isChosen(chosen, year, category));
    const partners = Painel.partners(supplier.compradores, chosen);
    const largest = partners.first[0];
    const apart = (n) => Painel.sum((supplier.anos ?? []).filter(([year]) => !chosen.ano || String(year) === chosen.ano), (row) => row[n]);
    parts.figures.replaceChildren(
      Painel.figures([
        ["Contratado", format.money(partners.total), format.plural(partners.contracts, "contrato", "contratos")],
        largest && partners.total > 0 && ["Maior comprador", format.percent((100 * largest.value) / partners.total), largest.who[2] ?? format.document(largest.who[1])],
        supplier.anos && ["Empenhos, à parte", format.money(apart(4)), `${format.plural(apart(3), "empenho", "empenhos")}, de todas as categorias`],
        supplier.anos && ["Suspeitos, à parte", format.money(apart(6)), `${format.plural(apart(5), "registro", "registros")}, de todas as categorias`],
      ]),
    );
    const sums = Painel.groups(rows, (row) => row[1], [(row) => row[4], (row) => row[3]]);
    const proven = new Map((supplier.anos ?? []).map((row) => [row[0], row[18] === null ? null : row[18] === row[19]]));
    const points = [...sums]
      .sort(([a], [b]) => (a ?? 0) - (b ?? 0))
      .map(([year, [value, n]]) => ({ label: String(year ?? "sem data"), short: String(year ?? "–"), value, n, proven: proven.get(year) ?? null }));
    parts.years.replaceChildren(points.length ? Painel.chart("Valor contratado por ano de publicação", points) : el("p", { class: "quiet" }, "Nenhum contrato nesta escolha."));
    const kinds = [...Painel.groups(rows, (row) => row[2], [(row) => row[4]])].sort((a, b) => b[1][0] - a[1][0]);
    parts.kinds.replaceChildren(Painel.bars(kinds.map(([code, [value]]) => ({ name: Painel.categoryName(panel.categorias, code), value })), partners.total));
    parts.buyers.replaceChildren(Painel.partnersTable("Compradores por valor contratado", "Órgão", "orgao.html", partners));
    return `Nesta escolha: ${format.money(partners.total)} em ${format.plural(partners.contracts, "contrato", "contratos")}.`;
  }

  function history(years) {
    if (!years) return Painel.missing("mart.suppliers");
    return Painel.table(
      "Histórico por ano de publicação",
      [["Ano"], ["Contratado", true], ["Contratos", true], ["Órgãos, com empenhos", true], ["Municípios, com empenhos", true], ["Parte do maior comprador", true], ["Maior comprador"], ["Dias provados", true]],
      years.map((row) => {
        const [year, n, value] = row;
        const [orgaos, places, , share, , id, name, , , proven, days] = row.slice(9);
        return {
          cells: [
            String(year ?? "sem data"),
            format.money(value),
            format.count(n),
            format.count(orgaos),
            format.count(places),
            format.percent(share),
            id ? el("a", { href: `orgao.html?id=${encodeURIComponent(id)}` }, name) : (name ?? "–"),
            proven === null ? "–" : `${format.count(proven)} de ${format.count(days)}`,
          ],
        };
      }),
    );
  }
})();
