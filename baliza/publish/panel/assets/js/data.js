// Data are scripts that call painel(name, data); each is loaded when it is first asked for.
"use strict";
const Painel = {};
(() => {
  const waiting = new Map();
  const held = new Map();

  window.painel = (name, data) => {
    held.set(name, data);
    waiting.get(name)?.resolve(data);
  };

  Painel.load = (name) => {
    if (held.has(name)) return Promise.resolve(held.get(name));
    if (waiting.has(name)) return waiting.get(name).promise;
    const entry = {};
    entry.promise = new Promise((resolve, reject) => {
      entry.resolve = resolve;
      const script = document.createElement("script");
      script.src = `dados/${name}.js`;
      script.onerror = () => reject(new Error(`Falta o arquivo dados/${name}.js desta pasta.`));
      document.head.append(script);
    });
    waiting.set(name, entry);
    return entry.promise;
  };

  // The record of an id: in the last file whose first id is not after it.
  Painel.find = async (kind, id) => {
    const { primeiros } = await Painel.load("painel");
    const first = primeiros[kind];
    let low = 0;
    let high = first.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (first[middle] <= id) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return null;
    const records = await Painel.load(`${kind}/${low - 1}`);
    return records.find((one) => one[0] === id)?.[1] ?? null;
  };

  Painel.asked = () => new URLSearchParams(location.search).get("id") ?? "";

  Painel.failed = (error) => {
    console.error(error);
    Painel.say(error.message);
  };

  // In the place of a page that cannot be shown.
  Painel.say = (message) => {
    const page = document.getElementById("pagina") ?? document.getElementById("conteudo");
    const told = document.createElement("p");
    told.className = "missing";
    told.setAttribute("role", "alert");
    told.textContent = message;
    page.replaceChildren(told);
  };
})();
