// The flags: what each says, of how many it could judge, and what is missing to judge the others.
"use strict";
(async () => {
  const { el, format } = Painel;
  const page = document.getElementById("pagina");
  try {
    const { calculo, orgaos } = await Painel.load("sinais");
    page.replaceChildren(
      ...(calculo ? calculo.map((flag) => shown(flag, orgaos[flag[0]] ?? [])) : [Painel.missing("mart.flag_computability")]),
    );
  } catch (error) {
    Painel.failed(error);
  }

  function where(orgaos) {
    return el(
      "details",
      { class: "behind" },
      el("summary", {}, "Onde olhar"),
      el("p", { class: "quiet" }, "Órgãos com mais casos neste arquivo: quem compra mais, ou publica mais, tem mais."),
      el(
        "ul",
        {},
        orgaos.map(([id, name, uf, n]) =>
          el("li", {}, el("a", { href: `orgao.html?id=${encodeURIComponent(id)}` }, name), uf && ` (${uf})`, `: ${format.plural(n, "caso", "casos")}`),
        ),
      ),
    );
  }

  function shown([, title, words, from, address, subjects, judged, raised, share, , lack, lacking, proven, days], orgaos) {
    const count = subjects === 0 ? "nenhum caso neste arquivo" : `${format.plural(raised, "sinal", "sinais")} em ${format.count(judged)} que se puderam julgar, de ${format.count(subjects)}${share === null ? "" : ` (${format.percent(share)})`}`;
    return el(
      "section",
      { class: "flag" },
      el("h2", {}, title),
      el("p", { class: "count" }, count, days ? ` · ${format.count(proven)} de ${format.count(days)} dias provados dos anos de que fala` : ""),
      Painel.flagWords(words.replace(/ Um sinal para olhar, não prova\.$/, ""), from, address),
      orgaos.length > 0 && where(orgaos),
      el("details", { class: "behind" }, el("summary", {}, "O que falta para julgar"), el("p", {}, lacking), lack && el("p", { class: "quiet" }, `O mais comum: ${lack}.`)),
    );
  }
})();
