// The coverage calendar: a year of squares for each listing, and the same by month in a table.
"use strict";
(() => {
  const { el, svg, format } = Painel;
  const CELL = 13;
  const WEEKS = 27;
  const LEFT = 22;
  const TOP = 14;
  const DAY = 86_400_000;
  const FEW = 7;
  const STATES = {
    c: ["completo", "completos"],
    e: ["vazio (nada publicado)", "vazios (nada publicado)"],
    s: ["com falta", "com falta"],
    f: ["com falha", "com falha"],
    p: ["pendente", "pendentes"],
    n: ["não pedido", "não pedidos"],
  };
  const WEEKDAYS = [[1, "seg"], [3, "qua"], [5, "sex"]];

  const utc = (iso) => Date.parse(`${iso}T00:00:00Z`);
  const iso = (time) => new Date(time).toISOString().slice(0, 10);

  // Letters of a listing by day; a day outside of what was asked for was not asked for.
  const stateOf = (listing, time) => {
    const letter = listing.dias[(time - utc(listing.desde)) / DAY];
    return letter === undefined || letter === "." ? "n" : letter;
  };

  const daysOf = (year) => {
    const last = Date.UTC(year + 1, 0, 1);
    const days = [];
    for (let time = Date.UTC(year, 0, 1); time < last; time += DAY) days.push(time);
    return days;
  };

  // Not by colour alone: what failed is crossed, what is short is slashed, what is pending or unasked is empty.
  const square = (state, x, y, size, told) => {
    const box = svg("rect", { class: `d d-${state}`, x, y, width: size, height: size, rx: 1.5 }, told && svg("title", {}, told));
    const end = size - 2;
    const crossed = { f: `M${x + 2} ${y + 2}L${x + end} ${y + end}M${x + end} ${y + 2}L${x + 2} ${y + end}`, s: `M${x + 2} ${y + end}L${x + end} ${y + 2}`, p: `M${x + 2} ${y + size / 2}H${x + end}` }[state];
    return crossed ? [box, svg("path", { class: state === "p" ? "mark-p" : "mark", d: crossed })] : [box];
  };

  // Half a year, so that its squares can be told apart on a telephone; nothing where nobody asked for any of it.
  const half = (listing, days, label) => {
    const states = days.map((time) => stateOf(listing, time));
    if (states.every((state) => state === "n")) return null;
    const first = new Date(days[0]).getUTCDay();
    let month = -1;
    const marks = days.map((time, n) => {
      const at = new Date(time);
      const x = LEFT + Math.floor((n + first) / 7) * CELL;
      const drawn = square(states[n], x, TOP + at.getUTCDay() * CELL, CELL - 2, `${format.day(iso(time))}: ${STATES[states[n]][0]}`);
      if (at.getUTCMonth() === month) return drawn;
      month = at.getUTCMonth();
      return [svg("text", { x, y: TOP - 4 }, format.monthNames[month]), drawn];
    });
    const names = WEEKDAYS.map(([row, name]) => svg("text", { x: 0, y: TOP + row * CELL + 9 }, name));
    const weeks = Math.ceil((days.length + first) / 7);
    return svg("svg", { viewBox: `0 0 ${LEFT + Math.max(weeks, WEEKS) * CELL} ${TOP + 7 * CELL}`, role: "img", "aria-label": label }, names, marks);
  };

  const drawing = (listing, year, label) => {
    const days = daysOf(year);
    const july = days.findIndex((time) => new Date(time).getUTCMonth() === 6);
    return el("div", { class: "halves" }, half(listing, days.slice(0, july), `${label} Primeiro semestre.`), half(listing, days.slice(july), `${label} Segundo semestre.`));
  };

  const counted = (states) =>
    Object.keys(STATES)
      .map((state) => [state, states.filter((one) => one === state).length])
      .filter(([, n]) => n > 0);

  const inWords = (states) =>
    counted(states)
      .map(([state, n]) => `${format.count(n)} ${STATES[state][n === 1 ? 0 : 1]}`)
      .join(", ");

  const byMonth = (listing, year) => {
    const months = format.monthNames.map(() => []);
    for (const time of daysOf(year)) months[new Date(time).getUTCMonth()].push(stateOf(listing, time));
    const columns = [["Mês"], ...Object.values(STATES).map(([, many]) => [many, true])];
    return Painel.table(
      `${listing.nome}, ${year}: dias de cada mês`,
      columns,
      months.map((states, n) => ({
        cells: [format.monthNames[n], ...Object.keys(STATES).map((one) => format.count(states.filter((s) => s === one).length))],
      })),
    );
  };

  // Of a few days no calendar is drawn: they are told one by one.
  const few = (listing, name) => {
    const days = [...listing.dias].map((letter, n) => [utc(listing.desde) + n * DAY, letter === "." ? "n" : letter]);
    return el(
      "div",
      { class: "listing" },
      el("h3", {}, name),
      el("p", {}, `${format.count(listing.provados)} de ${format.count(days.length)} ${days.length === 1 ? "dia provado" : "dias provados"}.`),
      el(
        "ul",
        { class: "key" },
        days.map(([time, state]) =>
          el("li", {}, svg("svg", { viewBox: "0 0 14 14", "aria-hidden": "true" }, square(state, 1, 1, 12)), `${format.day(iso(time))}: ${STATES[state][0]}`),
        ),
      ),
    );
  };

  const block = (listing, year) => {
    const name = listing.recorte ? `${listing.nome} (${listing.recorte})` : listing.nome;
    if (listing.dias.length <= FEW) return few(listing, name);
    const states = daysOf(year).map((time) => stateOf(listing, time));
    const words = `${year}: ${inWords(states)}.`;
    return el(
      "div",
      { class: "listing calendar" },
      el("h3", {}, name),
      el("p", {}, `${format.count(listing.provados)} de ${format.count(listing.dias.length)} dias provados. ${words}`),
      drawing(listing, year, `${name}. ${words}`),
      el("details", { class: "behind" }, el("summary", {}, "Ver em tabela"), byMonth(listing, year)),
    );
  };

  const key = () =>
    el(
      "ul",
      { class: "key", "aria-label": "Legenda" },
      Object.entries(STATES).map(([state, [name]]) =>
        el("li", {}, svg("svg", { viewBox: "0 0 14 14", "aria-hidden": "true" }, square(state, 1, 1, 12)), name),
      ),
    );

  Painel.calendar = (place, listings) => {
    if (listings.length === 0) {
      place.replaceChildren(el("p", { class: "missing" }, "Nada se pediu ao PNCP por dia: nenhum número aqui está provado."));
      return;
    }
    const years = [...new Set(listings.flatMap((one) => [one.desde, one.ate]).map((day) => Number(day.slice(0, 4))))];
    const last = Math.max(...years);
    const every = Array.from({ length: last - Math.min(...years) + 1 }, (_, n) => last - n);
    const blocks = el("div", {});
    const draw = (year) =>
      blocks.replaceChildren(
        ...listings
          .filter((one) => Number(one.desde.slice(0, 4)) <= year && year <= Number(one.ate.slice(0, 4)))
          .map((one) => block(one, year)),
      );
    const select = el("select", { id: "ano-do-calendario", onchange: () => draw(Number(select.value)) }, every.map((year) => el("option", { value: year }, String(year))));
    place.replaceChildren(
      ...(every.length > 1 ? [el("p", { class: "choice" }, el("label", { for: "ano-do-calendario" }, "Ano"), select)] : []),
      key(),
      blocks,
    );
    draw(last);
  };
})();
