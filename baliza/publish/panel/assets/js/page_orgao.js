// An órgão: how much, when, of which kind, of whom; what deserves a look; how it publishes.
"use strict";
(async () => {
  const { el, format, section } = Painel;
  try {
    const id = Painel.asked();
    const panel = await Painel.load("painel");
    const orgao = await Painel.find("orgaos", id);
    if (orgao) show(panel, orgao);
    else Painel.say("Este órgão não está neste arquivo. Procure-o pelo nome ou pelo CNPJ.");
  } catch (error) {
    Painel.failed(error);
  }

  function show(panel, orgao) {
    const name = orgao.nome ?? format.document(orgao.doc);
    document.title = `${name} · baliza`;
    const parts = { figures: el("div", {}), months: el("div", {}), kinds: el("div", {}), suppliers: el("div", {}), shares: el("div", {}), flags: el("div", {}) };
    const rows = (orgao.meses ?? []).map(([month, category, n, value, ...rest]) => ({ month, category, n, value, rest }));
    const years = [...rows.map((row) => Number(row.month?.slice(0, 4))), ...(orgao.sinais?.quantos ?? []).map((row) => row[1])];
    const filters = Painel.filters(
      [
        ["ano", "Ano de publicação", Painel.years(years.filter((year) => year))],
        ["categoria", "Categoria", Painel.categories(panel.categorias, rows.map((row) => row.category))],
      ],
      (chosen) => draw(panel, orgao, rows, parts, chosen),
    );
    document.getElementById("pagina").replaceChildren(
      el(
        "div",
        { class: "hero" },
        el("p", { class: "over" }, "Órgão"),
        el("h1", {}, el("bdi", {}, name)),
        el("p", { class: "about" }, [`CNPJ ${format.document(orgao.doc)}`, orgao.uf, format.esfera(orgao.esfera)].filter(Boolean).join(" · ")),
        places(orgao.onde),
      ),
      filters.form,
      parts.figures,
      section("meses", "Valor contratado por mês", parts.months),
      section("categorias", "Por categoria", parts.kinds),
      section("fornecedores", "Principais fornecedores", parts.suppliers),
      section(
        "concentracao",
        "Concentração",
        el("p", { class: "about" }, "A parte do maior fornecedor e o índice HHI (de 0, muitos e pequenos, a 10.000, um só), por categoria e ano, a partir de cinco contratos. É uma pergunta, não uma resposta: um mercado pode ter um só fornecedor."),
        parts.shares,
      ),
      section("sinais", "Sinais para olhar", el("p", { class: "about" }, "Motivos para abrir o registro e ler. Nenhum é prova de irregularidade; o filtro de ano vale aqui, o de categoria não."), parts.flags),
      section("publicacao", "Publicação no PNCP", publication(orgao.publicacao, panel)),
    );
    filters.start();
  }

  function places(where) {
    if (!where?.length) return null;
    const links = where.slice(0, 6).flatMap(([id, name, uf], n) => [n ? ", " : "", el("a", { href: `municipio.html?id=${encodeURIComponent(id)}` }, `${name ?? id}${uf ? ` (${uf})` : ""}`)]);
    return el("p", { class: "about" }, "Compra em ", links, where.length > 6 ? " e outros." : ".");
  }

  function draw(panel, orgao, rows, parts, chosen) {
    const some = rows.filter((row) => Painel.isChosen(chosen, row.month?.slice(0, 4), row.category));
    const value = Painel.sum(some, (row) => row.value);
    const contracts = Painel.sum(some, (row) => row.n);
    const partners = orgao.fornecedores && Painel.partners(orgao.fornecedores, chosen);
    if (orgao.meses === null) {
      for (const place of [parts.figures, parts.months, parts.kinds]) place.replaceChildren(Painel.missing("mart.spending"));
    } else {
      parts.figures.replaceChildren(figures(some, value, contracts, partners, orgao, chosen));
      const [first, last] = Painel.span(panel.mesesProvados, rows.map((row) => row.month), chosen.ano);
      const points = Painel.monthly(some, first, last, panel.mesesProvados);
      parts.months.replaceChildren(Painel.chart("Valor contratado por mês de publicação", points));
      const kinds = [...Painel.groups(some, (row) => row.category, [(row) => row.value, (row) => row.n])];
      parts.kinds.replaceChildren(
        Painel.bars(
          kinds
            .filter(([, [, n]]) => n > 0)
            .sort((a, b) => b[1][0] - a[1][0])
            .map(([code, [sum, n]]) => ({ name: Painel.categoryName(panel.categorias, code), value: sum, note: `· ${format.plural(n, "contrato", "contratos")}` })),
          value,
        ),
      );
    }
    parts.suppliers.replaceChildren(partners ? Painel.partnersTable("Fornecedores por valor contratado", "Fornecedor", "fornecedor.html", partners) : Painel.missing("mart.supply"));
    parts.shares.replaceChildren(orgao.concentracao ? shares(orgao.concentracao, panel, chosen) : Painel.missing("mart.concentration"));
    parts.flags.replaceChildren(...[orgao.sinais ? Painel.flags(orgao.sinais, panel.sinais, panel.categorias, chosen.ano) : Painel.missing("mart.red_flags")].flat());
    return `Nesta escolha: ${format.money(value)} em ${format.plural(contracts, "contrato", "contratos")}.`;
  }

  function figures(rows, value, contracts, partners, orgao, { ano }) {
    // Of the rest of a row: commitments, suspects and incomes, each a count and a sum, then what is in review.
    const rest = (n) => Painel.sum(rows, (row) => row.rest[n]);
    const largest = partners?.first.find(({ who: [id] }) => id !== null);
    const proven = (orgao.provados ?? []).filter(([year]) => !ano || String(year) === ano);
    const days = (n) => format.count(Painel.sum(proven, (row) => row[n]));
    return Painel.figures([
      ["Contratado", format.money(value), format.plural(contracts, "contrato", "contratos")],
      largest && partners.total > 0 && ["Maior fornecedor", format.percent((100 * largest.value) / partners.total), largest.who[2] ?? format.document(largest.who[1])],
      ["Empenhos, à parte", format.money(rest(1)), format.plural(rest(0), "empenho", "empenhos")],
      ["Suspeitos, à parte", format.money(rest(3)), format.plural(rest(2), "registro", "registros")],
      ["Receitas, à parte", format.money(rest(5)), format.plural(rest(4), "contrato", "contratos")],
      rest(6) > 0 && ["A conferir", format.money(rest(6)), "parte dos contratos e dos empenhos: valores incomuns, que podem estar certos"],
      proven.length > 0 && ["Dias provados", `${days(1)} de ${days(2)}`, `dos dias de ${proven.length > 1 ? `${proven[0][0]} a ${proven.at(-1)[0]}` : proven[0][0]}`],
    ]);
  }

  function shares(all, panel, chosen) {
    const rows = all.filter(([year, category]) => Painel.isChosen(chosen, year, category));
    if (rows.length === 0) return el("p", { class: "quiet" }, "Nenhum contrato nesta escolha.");
    return Painel.table(
      "Concentração por ano e categoria",
      [["Categoria"], ["Ano", true], ["Contratos", true], ["Fornecedores", true], ["Parte do maior", true], ["HHI", true], ["Maior fornecedor"]],
      rows.map(([year, category, n, , suppliers, hhi, share, name]) => ({
        cells: [
          Painel.categoryName(panel.categorias, category),
          year === null ? "–" : String(year),
          format.count(n),
          format.count(suppliers),
          share === null ? "poucos contratos" : format.percent(share),
          format.count(hhi),
          name ?? "–",
        ],
      })),
    );
  }

  function publication(told, panel) {
    if (!panel.tabelas.includes("mart.publication")) return Painel.missing("mart.publication");
    if (!told) return el("p", { class: "quiet" }, "Nenhum contrato publicado neste arquivo.");
    const [records, first, last, provenFrom, provenTo, silent, unproven, judged, median, ninth, late, lateShare] = told;
    return [
      Painel.figures([
        ["Registros publicados", format.count(records), `de ${format.day(first)} a ${format.day(last)}`],
        ["Da assinatura à publicação", median === null ? "–" : `${format.measure(median)} dias`, `mediana de ${format.plural(judged, "contrato avaliado", "contratos avaliados")}; nove em dez em até ${format.measure(ninth)} dias`],
        ["Após 20 dias úteis", format.percent(lateShare), `${format.plural(late, "contrato", "contratos")}: um fato, não um veredito (art. 94 da Lei 14.133)`],
        ["Dias sem publicar", format.count(silent), `provados, desde a última publicação; de outros ${format.count(unproven)} nada se sabe`],
      ]),
      el("p", { class: "about" }, provenFrom ? `O arquivo prova ter o que o órgão publicou de ${format.day(provenFrom)} a ${format.day(provenTo)}, nos dias que estão provados.` : "O arquivo não prova nenhum dia deste órgão."),
    ];
  }
})();
