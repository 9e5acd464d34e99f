// Adding up what was chosen.
"use strict";
(() => {
  const { format } = Painel;

  Painel.sum = (rows, value) => rows.reduce((total, row) => total + (value(row) ?? 0), 0);

  // Whether a row of a year and a category is among what was chosen.
  Painel.isChosen = ({ ano, categoria }, year, category) =>
    (!ano || String(year) === ano) && (!categoria || String(category) === categoria);

  Painel.groups = (rows, key, values) => {
    const found = new Map();
    for (const row of rows) {
      const at = key(row);
      const sums = found.get(at) ?? values.map(() => 0);
      values.forEach((value, n) => (sums[n] += value(row) ?? 0));
      found.set(at, sums);
    }
    return found;
  };

  Painel.categoryName = (all, code) =>
    code === null ? "Sem categoria" : (all.find(([one]) => one === code)?.[1] ?? `Categoria ${code}`);

  // Every month from the first to the last, with what there is of it; rows of (month, contracts, value).
  Painel.monthly = (rows, first, last, proven) => {
    const sums = Painel.groups(rows, (row) => row.month, [(row) => row.value, (row) => row.n]);
    const points = [];
    for (let month = first; month && month <= last; month = next(month)) {
      const [value, n] = sums.get(month) ?? [0, 0];
      points.push({ label: format.month(month), short: format.shortMonth(month), value, n, proven: isProven(proven, month) });
    }
    return points;
  };

  const isProven = (proven, month) => {
    if (Object.keys(proven).length === 0) return null;
    const [year, number] = month.split("-").map(Number);
    const days = new Date(Date.UTC(year, number, 0)).getUTCDate();
    return (proven[month]?.[0] ?? 0) === days;
  };

  const next = (month) => {
    const [year, number] = month.split("-").map(Number);
    return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, "0")}`;
  };

  // From the first to the last month of the file, or of the year that was chosen.
  Painel.span = (proven, months, year) => {
    const known = [...Object.keys(proven), ...months].filter((month) => month && (!year || month.startsWith(year))).sort();
    return [known[0], known.at(-1)];
  };
})();
