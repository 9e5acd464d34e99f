// Red flags: what each says and is held against, with the records behind it. Neutral words, never a verdict.
"use strict";
(() => {
  const FEW = 5;
  const NOT_PROOF = "Não é prova de irregularidade.";
  const { el, format } = Painel;

  const measured = (value, unit) => {
    if (value === null) return "não há valor";
    if (unit === "BRL") return format.money(value);
    if (unit === "%") return format.percent(value);
    if (unit === "ano") return String(value);
    return `${format.measure(value)} ${unit}`;
  };

  const source = (words, address) =>
    address && /^https:\/\//.test(address) ? el("a", { href: address, rel: "noopener noreferrer" }, words) : words;

  // What a flag says, where it comes from, and that it proves nothing.
  Painel.flagWords = (words, from, address) => [
    el("p", {}, `${words} ${NOT_PROOF}`),
    el("p", { class: "quiet" }, "Fonte: ", source(from, address)),
  ];

  const subject = (kind, text, supplier, supplierName, categories) => {
    const parts = text.split("/");
    if (kind === "contratacao" || kind === "contrato") return Painel.pncpLink(text, text);
    if (kind === "orgao-categoria-ano") return Painel.categoryName(categories, parts[2] ? Number(parts[2]) : null);
    if (kind === "orgao-ano") return "O órgão no ano";
    if (kind === "orgao-unidade-ano-inciso") return `Unidade ${parts.slice(3).join("/")}, inciso ${parts[2]}`;
    if (supplier)
      return [el("a", { href: `fornecedor.html?id=${encodeURIComponent(supplier)}` }, supplierName ?? "fornecedor"), kind.endsWith("inciso") ? `, inciso ${parts[2]}` : ""];
    return text;
  };

  const evidence = (numbers, count) => {
    const links = numbers.map((number) => Painel.pncpLink(number, number));
    const few = el("span", { class: "links" }, links.slice(0, FEW));
    if (count <= FEW) return few;
    const all = el("span", { class: "links" }, links);
    const more = count > numbers.length ? ` (os primeiros ${format.count(numbers.length)})` : "";
    return el("details", {}, el("summary", {}, `${format.count(count)} registros${more}`), all);
  };

  const cases = (title, kind, unit, rows, categories) => {
    const told = rows.some(([, , , , , detail]) => detail);
    const columns = [["Caso"], ["Ano", true], ["Observado", true], ["Comparado com", true], told && ["O que o distingue"], ["Evidência no PNCP"]];
    return Painel.table(
      title,
      columns.filter(Boolean),
      rows.map(([, year, text, observed, limit, detail, numbers, count, supplier, name]) => ({
        cells: [
          subject(kind, text, supplier, name, categories),
          year === null ? "–" : String(year),
          measured(observed, unit),
          measured(limit, unit),
          ...(told ? [detail ?? ""] : []),
          evidence(numbers, count),
        ],
      })),
    );
  };

  // The flags of an órgão in a year, each with its cases.
  Painel.flags = ({ quantos, linhas }, defined, categories, ano) => {
    const inYear = (year) => !ano || String(year) === ano;
    const counts = Painel.groups(quantos.filter((row) => inYear(row[1])), (row) => row[0], [(row) => row[2]]);
    if (counts.size === 0) return el("p", { class: "quiet" }, "Nenhum sinal nesta escolha. Isso não é atestado de regularidade: o que não está no arquivo, ou não se pode julgar, não é visto.");
    return [...counts].map(([flag, [count]]) => {
      const [title, words, from, address, kind, unit] = defined[flag];
      const rows = linhas.filter((row) => row[0] === flag && inYear(row[1]));
      const shown = rows.length < count ? `, ${format.count(rows.length)} mostrados` : "";
      return el(
        "article",
        { class: "flag" },
        el("h3", {}, title, " ", el("span", { class: "count" }, `${format.plural(count, "caso", "casos")}${shown}`)),
        Painel.flagWords(words.replace(/ Um sinal para olhar, não prova\.$/, ""), from, address),
        el("details", { class: "behind" }, el("summary", {}, "Ver os casos e as evidências"), cases(title, kind, unit, rows, categories)),
      );
    });
  };
})();
