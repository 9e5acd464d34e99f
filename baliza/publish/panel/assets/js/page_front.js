// The front page: what is proven, then how much, of what, by whom.
"use strict";
(async () => {
  const { el, format } = Painel;
  const at = (id) => document.getElementById(id);
  try {
    const [panel, front] = await Promise.all([Painel.load("painel"), Painel.load("capa")]);
    Painel.calendar(at("calendario"), front.calendario);
    if (front.baldes === null) {
      for (const id of ["numeros", "categorias", "municipios", "orgaos"]) at(id).replaceChildren(Painel.missing("mart.spending"));
    } else {
      sums(front.baldes, panel.quantos);
      const rows = front.meses.map(([month, category, n, value]) => ({ month, category, n, value }));
      const [first, last] = Painel.span(panel.mesesProvados, rows.map((row) => row.month));
      at("grafico").replaceChildren(
        Painel.chart("Valor contratado por mês de publicação", Painel.monthly(rows, first, last, panel.mesesProvados)),
      );
      const byCategory = Painel.groups(rows, (row) => row.category, [(row) => row.value]);
      const entries = [...byCategory].map(([code, [value]]) => ({ name: Painel.categoryName(panel.categorias, code), value }));
      at("categorias").replaceChildren(Painel.bars(entries.sort((a, b) => b.value - a.value), front.baldes[1]));
      at("municipios").replaceChildren(listed(front.municipios, "municipio.html"));
      at("orgaos").replaceChildren(listed(front.orgaos, "orgao.html"));
    }
    at("fornecedores").replaceChildren(
      panel.tabelas.includes("mart.suppliers") ? listed(front.fornecedores, "fornecedor.html") : Painel.missing("mart.suppliers"),
    );
  } catch (error) {
    Painel.failed(error);
  }

  function listed(entries, page) {
    return Painel.bars(
      entries.map(([id, name, uf, value, inReview]) => ({
        name,
        value,
        note: [uf && `(${uf})`, inReview && "· a conferir"].filter(Boolean).join(" "),
        href: `${page}?id=${encodeURIComponent(id)}`,
      })),
    );
  }

  function sums([contracts, value, commitments, committed, suspects, suspect, incomes, income, inReview], counts) {
    const apart = (n, single, many) => `${format.plural(n, single, many)}, à parte`;
    at("numeros").replaceChildren(
      Painel.figures([
        ["Contratado", format.money(value), format.plural(contracts, "contrato", "contratos")],
        ["Empenhos", format.money(committed), `${apart(commitments, "empenho", "empenhos")}: em parte repetem contratos`],
        ["Valores suspeitos", format.money(suspect), apart(suspects, "registro", "registros")],
        ["Receitas", format.money(income), apart(incomes, "contrato", "contratos")],
        ["A conferir", format.money(inReview), "parte dos contratos e dos empenhos: valores incomuns, que podem estar certos; marcados nas listas"],
        ["No painel", format.count(counts.orgaos), `órgãos, ${format.count(counts.fornecedores)} fornecedores e ${format.count(counts.municipios)} municípios`],
      ]),
    );
  }
})();
