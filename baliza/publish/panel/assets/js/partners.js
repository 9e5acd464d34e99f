// Who an órgão buys of, or a supplier sells to: the first by value, and the rest added up.
"use strict";
(() => {
  const SHOWN = 15;
  const { el, format } = Painel;

  // Of the rows chosen: partners by value, each { who, value, n, largest, number }, then the rest.
  Painel.partners = ({ quem, linhas }, chosen) => {
    const found = new Map();
    for (const [partner, year, category, n, value, largest, number] of linhas) {
      if (!Painel.isChosen(chosen, year, category)) continue;
      const one = found.get(partner) ?? { who: partner === null ? null : quem[partner], value: 0, n: 0, largest: null };
      one.value += value;
      one.n += n;
      if (largest !== null && (one.largest === null || largest > one.largest)) {
        one.largest = largest;
        one.number = number;
      }
      found.set(partner, one);
    }
    const rest = found.get(null);
    found.delete(null);
    const named = [...found.values()].sort((a, b) => b.value - a.value);
    const left = [...named.slice(SHOWN), ...(rest ? [rest] : [])];
    return {
      first: named.slice(0, SHOWN),
      rest: left.length ? { value: Painel.sum(left, (one) => one.value), n: Painel.sum(left, (one) => one.n) } : null,
      total: Painel.sum([...named, ...(rest ? [rest] : [])], (one) => one.value),
      contracts: Painel.sum([...named, ...(rest ? [rest] : [])], (one) => one.n),
    };
  };

  Painel.partnersTable = (caption, heading, page, { first, rest, total }) => {
    if (first.length === 0) return el("p", { class: "quiet" }, "Nenhum contrato nesta escolha.");
    const share = (value) => (total > 0 ? format.percent((100 * value) / total) : "–");
    const rows = first.map(({ who: [id, shown, name], value, n, largest, number }) => ({
      cells: [
        id === null
          ? "Sem fornecedor identificado"
          : [el("a", { href: `${page}?id=${encodeURIComponent(id)}` }, name ?? format.document(shown)), el("br"), el("small", { class: "quiet" }, format.document(shown))],
        format.money(value),
        share(value),
        format.count(n),
        largest === null ? "–" : Painel.pncpLink(number, format.money(largest)),
      ],
    }));
    if (rest) rows.push({ rest: true, cells: ["Os demais", format.money(rest.value), share(rest.value), format.count(rest.n), ""] });
    return Painel.table(caption, [[heading], ["Contratado", true], ["Parte", true], ["Contratos", true], ["Maior contrato, no PNCP", true]], rows);
  };
})();
