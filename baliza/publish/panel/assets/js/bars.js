// A list of names with a bar each: text that is read as it stands, the bar for the eye alone.
"use strict";
(() => {
  const { el, format } = Painel;

  // Entries: { name, href, value, note }.
  Painel.bars = (entries, total) => {
    if (entries.length === 0) return el("p", { class: "quiet" }, "Nada nesta escolha.");
    const most = Math.max(...entries.map((one) => one.value), 0);
    return el(
      "ul",
      { class: "bars" },
      entries.map(({ name, href, value, note }) => {
        const bar = el("span", {});
        // The smallest of all is still seen, nothing is not.
        bar.style.width = value > 0 ? `max(2px, ${(100 * value) / most}%)` : "0";
        const share = total > 0 ? ` (${format.percent((100 * value) / total)})` : "";
        return el(
          "li",
          {},
          el("span", { class: "name" }, href ? el("a", { href }, name) : name, note && ` ${note}`),
          el("span", { class: "value", title: format.money(value) }, `${format.shortMoney(value)}${share}`),
          el("span", { class: "track", "aria-hidden": "true" }, bar),
        );
      }),
    );
  };
})();
