// Numbers, days and codes as Brazil writes them.
"use strict";
(() => {
  const reais = new Intl.NumberFormat("pt-BR", { style: "currency", currency: "BRL" });
  const whole = new Intl.NumberFormat("pt-BR", { maximumFractionDigits: 0 });
  const some = new Intl.NumberFormat("pt-BR", { maximumFractionDigits: 2 });
  const one = new Intl.NumberFormat("pt-BR", { maximumFractionDigits: 1 });
  const MONTHS = ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"];
  const NONE = "–";
  const SCALES = [
    [1e12, "tri"],
    [1e9, "bi"],
    [1e6, "mi"],
    [1e3, "mil"],
  ];
  const ESFERAS = { F: "Federal", E: "Estadual", M: "Municipal", D: "Distrital" };

  const short = (value) => {
    const [size, unit] = SCALES.find(([least]) => Math.abs(value) >= least) ?? [1, ""];
    return `${one.format(value / size)}${unit && ` ${unit}`}`;
  };
  const known = (format) => (value) => (value === null || value === undefined ? NONE : format(value));

  Painel.format = {
    money: known((value) => reais.format(value)),
    shortMoney: known((value) => `R$\u00a0${short(value)}`),
    axis: (value) => (value === 0 ? "0" : short(value)),
    count: known((value) => whole.format(value)),
    measure: known((value) => some.format(value)),
    percent: known((value) => (value > 0 && value < 0.05 ? "<0,1%" : `${one.format(value)}%`)),
    day: known((value) => value.slice(0, 10).split("-").reverse().join("/")),
    moment: known((value) => `${value.slice(0, 10).split("-").reverse().join("/")}, ${value.slice(11, 16)}`),
    month: known((value) => `${MONTHS[Number(value.slice(5, 7)) - 1]} ${value.slice(0, 4)}`),
    shortMonth: (value) => `${MONTHS[Number(value.slice(5, 7)) - 1]} ${value.slice(2, 4)}`,
    monthNames: MONTHS,
    document: known((value) =>
      /^[0-9A-Z]{12}\d{2}$/.test(value)
        ? value.replace(/^(..)(...)(...)(....)(..)$/, "$1.$2.$3/$4-$5")
        : value,
    ),
    esfera: (value) => ESFERAS[value] ?? "Esfera não informada",
    plural: (n, single, many) => `${whole.format(n)} ${n === 1 ? single : many}`,
  };

  const NUMBER = /^([0-9A-Z]{14})-([12])-0*(\d+)\/(\d{4})$/;
  // The page of a record on PNCP, by its control number.
  Painel.pncp = (number) => {
    const found = NUMBER.exec(number ?? "");
    if (!found) return null;
    const [, cnpj, kind, sequence, year] = found;
    return `https://pncp.gov.br/app/${kind === "1" ? "editais" : "contratos"}/${cnpj}/${year}/${sequence}`;
  };
  Painel.pncpLink = (number, text) => {
    const address = Painel.pncp(number);
    const label = text ?? number;
    return address
      ? Painel.el("a", { href: address, rel: "noopener noreferrer", "aria-label": `${label}: ${number}, no PNCP` }, label)
      : number;
  };
})();
