// Search by name or CNPJ, or any part of either, accents and case aside.
"use strict";
(() => {
  const MOST = 30;
  const KINDS = {
    o: ["órgão", "orgao.html"],
    f: ["fornecedor", "fornecedor.html"],
    m: ["município", "municipio.html"],
  };
  const { el, format } = Painel;
  const form = document.getElementById("busca");
  const input = document.getElementById("termo");
  const list = document.getElementById("achados");
  const said = document.getElementById("achados-ditos");
  const indexes = [];
  let asked = 0;

  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  const index = async (n) => {
    if (!indexes[n]) {
      const text = await Painel.load(`busca/${n}`);
      indexes[n] = { entries: text.split("\n"), folded: fold(text).split("\n") };
    }
    return indexes[n];
  };

  // Words, each of them somewhere in the entry; what is written as a CNPJ, without its points.
  const words = (text) =>
    fold(text)
      .split(/\s+/)
      .filter(Boolean)
      .map((word) => (/^[0-9a-z]*\d[0-9a-z]*[./-][0-9a-z./-]*$/.test(word) ? word.replace(/[./-]/g, "") : word));

  const found = async (text, isStale, tell) => {
    const wanted = words(text);
    const { arquivosDeBusca } = await Painel.load("painel");
    const hits = [];
    for (let n = 0; n < arquivosDeBusca; n++) {
      const { entries, folded } = await index(n);
      if (isStale()) return null;
      for (let i = 0; i < folded.length; i++) {
        // After the first two signs, which say of what kind it is.
        if (wanted.every((word) => folded[i].indexOf(word, 2) >= 0)) hits.push(entries[i]);
        if (hits.length > MOST) break;
      }
      if (hits.length > MOST) break;
      tell(hits);
    }
    return hits;
  };

  const shown = (entry) => {
    const [kind, id, shownAs, name, uf] = entry.split("\t");
    const [what, page] = KINDS[kind];
    const document_ = kind === "m" ? `IBGE ${shownAs || id}` : format.document(shownAs || id);
    return el(
      "li",
      {},
      el(
        "a",
        { href: `${page}?id=${encodeURIComponent(id)}` },
        el("b", {}, name || document_),
        el("i", {}, what),
        el("small", {}, [document_, uf].filter(Boolean).join(" · ")),
      ),
    );
  };

  const show = (hits, done) => {
    list.replaceChildren(...hits.slice(0, MOST).map(shown));
    list.hidden = hits.length === 0;
    if (!done) said.textContent = "Procurando…";
    else if (hits.length === 0) said.textContent = "Nada encontrado neste arquivo.";
    else if (hits.length > MOST) said.textContent = `Os primeiros ${MOST}: escreva mais para estreitar.`;
    else said.textContent = format.plural(hits.length, "resultado", "resultados");
  };

  const close = () => {
    asked++;
    list.hidden = true;
    said.textContent = "";
  };

  const search = async () => {
    const mine = ++asked;
    const isStale = () => mine !== asked;
    const text = input.value.trim();
    if (text.length < 2) {
      close();
      return;
    }
    try {
      const hits = await found(text, isStale, (some) => !isStale() && show(some, false));
      if (hits && !isStale()) show(hits, true);
    } catch (error) {
      said.textContent = error.message;
    }
  };

  input.addEventListener("input", search);
  input.addEventListener("focus", () => input.value.trim().length >= 2 && list.hidden && search());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("a")?.click();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      close();
      input.focus();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const links = [input, ...list.querySelectorAll("a")];
    const next = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    if (!list.hidden && links[next]) {
      event.preventDefault();
      links[next].focus();
    }
  });
  document.addEventListener("click", (event) => form.contains(event.target) || close());
})();
