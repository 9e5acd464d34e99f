// Open tenders: of one UF or of all, by words, the first to close first.
"use strict";
(async () => {
  const STEP = 50;
  const ALL = "";
  const NOWHERE = "sem-uf";
  const MANY = 2000;
  const MISSING = { secret: "valor estimado sigiloso", unpublished: "valor estimado não publicado" };
  const { el, format } = Painel;
  const page = document.getElementById("pagina");
  const fold = (text) => (text ?? "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  try {
    const { abertas } = await Painel.load("painel");
    if (!abertas) page.replaceChildren(Painel.missing("mart.open_tenders"));
    else if (abertas.quantas === 0) page.replaceChildren(el("p", { class: "missing" }, "Nenhuma proposta aberta no retrato deste arquivo: ou nada recebia propostas, ou nenhum retrato está completo."));
    else await show(abertas);
  } catch (error) {
    Painel.failed(error);
  }

  async function show(told) {
    const ufs = Object.keys(told.ufs);
    const list = el("div", {});
    const said = el("p", { role: "status", "aria-live": "polite" });
    const name = (uf) => (uf === NOWHERE ? "Sem UF" : uf);
    const choices = [[ALL, `Todas (${format.count(told.quantas)})`], ...ufs.map((uf) => [uf, `${name(uf)} (${format.count(told.ufs[uf])})`])];
    const uf = el("select", { id: "uf" }, choices.map(([value, text]) => el("option", { value }, text)));
    const kind = el("select", { id: "modalidade" });
    const words = el("input", { id: "palavras", type: "search", autocomplete: "off" });
    if (told.quantas > MANY) uf.value = ufs[0];
    let tenders = [];
    const draw = () => {
      const wanted = fold(words.value).split(/\s+/).filter(Boolean);
      const some = tenders.filter(
        (one) => (!kind.value || one[5] === kind.value) && wanted.every((word) => one.folded.includes(word)),
      );
      said.textContent = format.plural(some.length, "proposta aberta", "propostas abertas");
      list.replaceChildren(listed(some));
    };
    const load = async () => {
      const names = uf.value ? [uf.value] : ufs;
      const parts = await Promise.all(names.map((one) => Painel.load(`abertas/${one}`)));
      tenders = parts.flatMap((part, n) => part.map((row) => [names[n], ...row]));
      // Of all UFs together: by closing again, those without one last.
      tenders.sort((a, b) => ((a[9] ?? "9") < (b[9] ?? "9") ? -1 : 1));
      for (const one of tenders) one.folded = fold([one[1], one[3], one[4]].join(" "));
      const kinds = [...new Set(tenders.map((one) => one[5]).filter(Boolean))].sort();
      kind.replaceChildren(el("option", { value: ALL }, "Todas"), ...kinds.map((one) => el("option", { value: one }, one)));
      draw();
    };
    uf.addEventListener("change", load);
    kind.addEventListener("change", draw);
    words.addEventListener("input", draw);
    page.replaceChildren(
      el("p", { class: "lead" }, `${format.plural(told.quantas, "contratação recebia", "contratações recebiam")} propostas em ${format.day(told.dia)}, segundo o retrato completo de ${format.day(told.retrato)}.`),
      el("p", { class: "about" }, `${told.idade > 0 ? `O retrato mais antigo é de ${format.plural(told.idade, "dia", "dias")} antes: o que se publicou ou mudou depois não está aqui. ` : ""}${told.deRecortes > 0 ? `${format.count(told.deRecortes)} vêm de retratos de uma parte do país. ` : ""}Confira o prazo na página do PNCP antes de decidir.`),
      el(
        "form",
        { class: "filters", "aria-label": "Filtros", onsubmit: (event) => event.preventDefault() },
        Painel.field("UF", uf),
        Painel.field("Modalidade", kind),
        Painel.field("Palavras no objeto, órgão ou município", words),
        said,
      ),
      list,
    );
    await load();
  }

  function listed(tenders) {
    if (tenders.length === 0) return el("p", { class: "quiet" }, "Nada nesta escolha.");
    const list = el("ol", { class: "tenders" });
    const more = el("button", { type: "button", onclick: () => add() }, "Mostrar mais");
    let shown = 0;
    const add = () => {
      list.append(...tenders.slice(shown, shown + STEP).map(item));
      shown += STEP;
      more.hidden = shown >= tenders.length;
    };
    add();
    return el("div", {}, list, more);
  }

  function item([uf, object, orgao, orgaoName, place, kind, estimate, missing, verdict, closes, left, , , number, link]) {
    const where = [place, uf === NOWHERE ? null : uf].filter(Boolean).join(", ");
    const when = closes === null ? "sem data de encerramento" : `encerra em ${format.moment(closes)}${left === null ? "" : left === 0 ? " (no dia do retrato)" : ` (${format.plural(left, "dia", "dias")})`}`;
    const worth = estimate === null ? (MISSING[missing] ?? "sem valor estimado") : `${format.money(estimate)} estimados${verdict === "ok" ? "" : ", valor que convém conferir"}`;
    const address = /^https:\/\//.test(link ?? "") ? link : Painel.pncp(number);
    return el(
      "li",
      { class: "tender" },
      el("h2", {}, object ?? "Sem objeto publicado"),
      el("p", { class: "when" }, when),
      el("p", {}, orgao ? el("a", { href: `orgao.html?id=${encodeURIComponent(orgao)}` }, orgaoName ?? "órgão") : (orgaoName ?? "órgão"), where && ` · ${where}`, kind && ` · ${kind}`),
      el("p", {}, `${worth} · `, address ? el("a", { href: address, rel: "noopener noreferrer", "aria-label": `${number}, no PNCP` }, `${number} no PNCP`) : number),
    );
  }
})();
