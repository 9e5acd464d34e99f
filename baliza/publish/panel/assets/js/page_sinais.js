// The flags: what each says, of how many it could judge, and what is missing to judge the others.
"use strict";
(async () => {
  const { el, format } = Painel;
  const page = document.getElementById("pagina");
  try {
    const flags = await Painel.load("sinais");
    page.replaceChildren(...(flags ? flags.map(shown) : [Painel.missing("mart.flag_computability")]));
  } catch (error) {
    Painel.failed(error);
  }

  function shown([, title, words, from, address, subjects, judged, raised, share, , lack, lacking, proven, days]) {
    const count = subjects === 0 ? "nenhum caso neste arquivo" : `${format.plural(raised, "sinal", "sinais")} em ${format.count(judged)} que se puderam julgar, de ${format.count(subjects)}${share === null ? "" : ` (${format.percent(share)})`}`;
    return el(
      "section",
      { class: "flag" },
      el("h2", {}, title),
      el("p", { class: "count" }, count, days ? ` · ${format.count(proven)} de ${format.count(days)} dias provados dos anos de que fala` : ""),
      Painel.flagWords(words.replace(/ Um sinal para olhar, não prova\.$/, ""), from, address),
      el("details", { class: "behind" }, el("summary", {}, "O que falta para julgar"), el("p", {}, lacking), lack && el("p", { class: "quiet" }, `O mais comum: ${lack}.`)),
    );
  }
})();
