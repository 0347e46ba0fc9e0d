/* The card of a stand, a parcel or a piece. Whatever comes from data is set as text, never as markup. */
function shape(name, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function made(name, text, kind) {
  const element = document.createElement(name);
  if (text !== undefined && text !== null) element.textContent = text;
  if (kind) element.className = kind;
  return element;
}

function figure(value, places) {
  if (value === null || value === undefined || Number.isNaN(value)) return '—';
  return value.toLocaleString('en-US', { minimumFractionDigits: places, maximumFractionDigits: places });
}

const hectares = (dm2) => figure(dm2 === null ? null : dm2 / 1e6, 2);
const tonnes = (kg) => figure(kg === null ? null : kg / 1000, 1);

function listed(pairs) {
  const list = made('dl');
  for (const [key, value] of pairs) {
    if (value === '' || value === null || value === undefined) continue;
    const entry = made('dd');
    entry.append(value);
    list.append(made('dt', key), entry);
  }
  return list;
}

function card(kind, name) {
  const box = made('div', undefined, 'card');
  const head = made('h3');
  head.append(made('span', kind), name);
  box.append(head);
  return box;
}

function part(box, title, ...content) {
  box.append(made('h4', title), ...content);
}

function badge(mark, words) {
  const name = { y: 'yes', u: 'unknown', n: 'no' }[mark];
  return made('span', words.verdicts[name], `badge ${mark}`);
}

function coded(start, name, place) {
  return place < 0 || place === null ? '' : start.labels[name][place];
}

/* Stock through the years [t CO2e] as a line, with the day chosen. */
function curve(days, values, chosen) {
  const [width, height, left, right, top, bottom] = [330, 132, 46, 8, 16, 18];
  const at = days.map((day) => Date.parse(day));
  const highest = Math.max(...values, 0) || 1;
  const step = niceStep(highest / 3);
  const most = Math.ceil(highest / step) * step;
  const x = (time) => left + (time - at[0]) / (at[at.length - 1] - at[0] || 1) * (width - left - right);
  const y = (value) => height - bottom - value / most * (height - top - bottom);
  const svg = shape('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img' });
  for (let level = 0; level <= most + step / 2; level += step) {
    svg.append(shape('line', { class: 'grid', x1: left, x2: width - right, y1: y(level), y2: y(level) }));
    svg.append(shape('text', { x: left - 5, y: y(level) + 3.5, 'text-anchor': 'end' }, level.toLocaleString('en-US', { maximumFractionDigits: 2 })));
  }
  const first = Number(days[0].slice(0, 4));
  const last = Number(days[days.length - 1].slice(0, 4));
  for (let year = Math.ceil(first / 5) * 5; year <= last; year += 5) {
    const anchor = year >= last ? 'end' : 'middle';
    svg.append(shape('text', { x: x(Date.parse(`${year}-01-01`)), y: height - 4, 'text-anchor': anchor }, String(year)));
  }
  const line = values.map((value, place) => `${place ? 'L' : 'M'}${x(at[place]).toFixed(1)} ${y(value).toFixed(1)}`);
  svg.append(shape('path', { class: 'line', d: line.join(' ') }));
  const here = { x: x(at[chosen]), y: y(values[chosen]) };
  svg.append(
    shape('line', { class: 'now', x1: here.x, x2: here.x, y1: top, y2: height - bottom }),
    shape('circle', { class: 'dot', cx: here.x, cy: here.y, r: 3 }),
    shape('text', { class: 'here', x: Math.min(Math.max(here.x, left + 20), width - 34), y: top - 4, 'text-anchor': 'middle' }, figure(values[chosen], 1)),
  );
  return svg;
}

function niceStep(raw) {
  const size = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map((each) => each * size).find((each) => each >= raw);
}

function stockOf(series, days, row) {
  return Array.from(series.subarray(row * days, (row + 1) * days), (kg) => kg / 1000);
}

/* Area of pieces of stands whose stock is not known, as a note; nothing where all is known. */
function unknownOf(start, stands, pieces, rows) {
  const open = rows.filter((row) => pieces.stand[row] < 0 || !stands.known[pieces.stand[row]]);
  const dm2 = open.reduce((sum, row) => sum + (pieces.dm2[row] || 0), 0);
  return dm2 ? `, ${start.words.without_unknown.replace('{ha}', hectares(dm2))}` : '';
}

/* Stock of pieces: each its share of its stand's by area. */
function stockOfPieces(series, days, stands, pieces, rows) {
  const sums = new Array(days).fill(0);
  for (const row of rows) {
    const stand = pieces.stand[row];
    if (stand < 0 || !stands.dm2[stand] || !stands.known[stand]) continue;
    const share = pieces.dm2[row] / stands.dm2[stand] / 1000;
    for (let day = 0; day < days; day += 1) sums[day] += series[stand * days + day] * share;
  }
  return sums;
}

function forecast(box, start, view, values, note) {
  if (!values.some((value) => value > 0)) return;
  const title = `${start.words.forecast} [${start.words.t}]${note ? ` · ${note}` : ''}`;
  part(box, title, curve(start.days, values, view.day));
}

async function standCard(start, view, row) {
  const [stands, series] = await Promise.all([record('stands'), stock()]);
  const words = start.words;
  const days = start.days.length;
  const kg = stands.known[row] ? series[row * days + view.day] : null;
  const box = card(words.stand, stands.id[row]);
  const age = [coded(start, 'age_group', stands.age_group[row]), stands.age[row] === null ? '' : `${stands.age[row]} ${words.yr}`];
  box.append(listed([
    [words.land_class, coded(start, 'land_class', stands.land_class[row])],
    [words.species, stands.species[row]],
    [words.age, age.filter(Boolean).join(' · ')],
    [words.planted, stands.planted[row]],
    [words.origin, coded(start, 'origin', stands.origin[row])],
    [words.forest_category, coded(start, 'forest_category', stands.forest_category[row])],
    [start.words[`table_${start.level}`], stands.group[row] < 0 ? '' : start.groups[stands.group[row]]],
    [words.area, `${hectares(stands.dm2[row])} ${words.ha}`],
    [words.counted, `${hectares(stands.counted[row])} ${words.ha}`],
    [words.stock, `${tonnes(kg)} ${words.t} (${start.days[view.day]})`],
    [words.density, kg === null || !stands.dm2[row] ? '—' : `${figure(kg / 1000 / (stands.dm2[row] / 1e6), 1)} ${words.t}/${words.ha}`],
  ]));
  if (stands.known[row]) forecast(box, start, view, stockOf(series, days, row));
  return box;
}

function link(text, act) {
  const button = made('button', text, 'link');
  button.type = 'button';
  button.addEventListener('click', act);
  return button;
}

function rightsList(start, titles, parcel) {
  const words = start.words;
  const rights = titles.rights;
  const list = made('ul');
  rights.parcel.forEach((place, row) => {
    if (place !== parcel) return;
    const item = made('li');
    item.append(made('strong', rights.holder[row]), ` ${coded(start, 'right_kind', rights.kind[row])}`);
    const term = rights.start[row] || rights.end[row] ? `${rights.start[row] || '…'} ${words.from_to} ${rights.end[row] || '…'}` : '';
    const share = rights.share[row] === null ? '' : figure(rights.share[row], 4).replace(/\.?0+$/, '');
    item.append(listed([
      [words.certificate, rights.certificate[row]],
      [words.unit_code, rights.unit[row]],
      [words.term, term],
      [words.share, [coded(start, 'co_ownership', rights.co[row]), share].filter(Boolean).join(' ')],
    ]));
    list.append(item);
  });
  return list;
}

function burdensList(start, titles, parcel) {
  const words = start.words;
  const burdens = titles.burdens;
  const list = made('ul');
  burdens.parcel.forEach((place, row) => {
    if (place !== parcel) return;
    const item = made('li');
    const force = burdens.force[row];
    item.append(
      made('span', coded(start, 'encumbrance_kind', burdens.kind[row]) || words.burden_unnamed, `badge${force ? ' force' : ''}`),
      ` ${force ? words.in_force : words.ended} · ${burdens.start[row] || '…'} ${words.from_to} ${burdens.end[row] || '…'} · ${burdens.number[row]}`,
    );
    list.append(item);
  });
  return list;
}

function orSay(list, text) {
  return list.children.length ? list : made('p', text, 'quiet');
}

function clauseText(start, place) {
  const [clause, text] = start.clauses[place];
  return `${clause} ${text}`;
}

/* What decides a piece: the condition it fails, or the clauses that are open. */
function reasons(start, pieces, verdicts, rows) {
  const list = made('ul');
  const said = new Set();
  const say = (mark, text) => {
    if (said.has(text)) return;
    said.add(text);
    const item = made('li');
    item.append(badge(mark, start.words), ` ${text}`);
    list.append(item);
  };
  for (const row of rows) if (pieces.decided[row] >= 0) say('n', clauseText(start, pieces.decided[row]));
  const wanted = new Set(rows);
  verdicts.piece.forEach((piece, row) => {
    if (!wanted.has(piece)) return;
    const clause = verdicts.clause[row];
    const reason = verdicts.reasons[verdicts.reason[row]] || '';
    const text = clause < 0 ? reason : clauseText(start, clause);
    say(verdicts.verdict[row], reason && clause >= 0 ? `${text}: ${reason}` : text);
  });
  return list;
}

function verdictSums(start, pieces, rows) {
  const sums = { y: 0, u: 0, n: 0 };
  for (const row of rows) sums[pieces.verdict[row]] += pieces.dm2[row];
  const line = made('p');
  for (const mark of ['y', 'u', 'n']) {
    if (sums[mark]) line.append(badge(mark, start.words), ` ${hectares(sums[mark])} ${start.words.ha}  `);
  }
  return line;
}

function guideline(start, pieces, row) {
  const list = made('ul');
  [...pieces.clauses[row]].forEach((mark, place) => {
    const clause = start.clauses.find((entry) => entry[0] === start.guideline[place]);
    const item = made('li');
    const sign = made('span', { y: '✓', n: '✗', u: '?' }[mark], `badge ${mark}`);
    item.append(sign, ` ${clause ? clause.join(' ') : start.guideline[place]}`);
    list.append(item);
  });
  return list;
}

async function parcelCard(start, view, row, open) {
  const [parcels, titles, pieces, verdicts, stands, series] = await Promise.all(
    ['parcels', 'titles', 'pieces', 'verdicts', 'stands'].map(record).concat(stock()),
  );
  const words = start.words;
  const rows = [];
  pieces.parcel.forEach((parcel, place) => { if (parcel === row) rows.push(place); });
  const box = card(words.parcel, parcels.id[row]);
  box.append(listed([
    [words.location, parcels.location[row]],
    [words.land_tenure, coded(start, 'land_tenure', parcels.land_tenure[row])],
    [words.area, `${hectares(parcels.dm2[row])} ${words.ha}`],
  ]));
  part(box, words.rights, orSay(rightsList(start, titles, row), words.no_rights));
  part(box, words.burdens, orSay(burdensList(start, titles, row), words.no_burdens));
  if (rows.length) {
    part(box, words.verdict, verdictSums(start, pieces, rows), reasons(start, pieces, verdicts, rows));
    forecast(box, start, view, stockOfPieces(series, start.days.length, stands, pieces, rows), words.by_area + unknownOf(start, stands, pieces, rows));
    const list = made('ul');
    for (const place of rows) {
      const item = made('li');
      const stand = pieces.stand[place];
      item.append(link(pieces.id[place], () => open('pieces', place)), ` ${hectares(pieces.dm2[place])} ${words.ha} `, badge(pieces.verdict[place], words), ' ');
      if (stand >= 0) item.append(link(stands.id[stand], () => open('stands', stand)));
      list.append(item);
    }
    part(box, words.parts, list);
  }
  return box;
}

async function pieceCard(start, view, row, open) {
  const [pieces, stands, series] = await Promise.all([record('pieces'), record('stands'), stock()]);
  const words = start.words;
  const stand = pieces.stand[row];
  const box = card(words.piece, start.public ? '' : pieces.id[row]);
  const pairs = [[words.stand, stand < 0 ? '' : link(stands.id[stand], () => open('stands', stand))]];
  const sum = verdictSums(start, pieces, [row]);
  if (start.public) {
    box.append(listed([...pairs, [words.area, `${hectares(pieces.dm2[row])} ${words.ha}`]]));
    part(box, words.verdict, sum);
    return box;
  }
  const [parcels, verdicts] = await Promise.all([record('parcels'), record('verdicts')]);
  const parcel = pieces.parcel[row];
  box.append(listed([
    ...pairs,
    [words.parcel, parcel < 0 ? '' : link(parcels.id[parcel], () => open('parcels', parcel))],
    [words.area, `${hectares(pieces.dm2[row])} ${words.ha}`],
    [words.credits, `${tonnes(pieces.credit_kg[row])} ${words.t}`],
    [words.pledgeable_credits, `${tonnes(pieces.pledgeable_kg[row])} ${words.t}`],
    [words.pledge_value, !pieces.fen[row] ? '' : `${figure(pieces.fen[row] / 100, 2)} ${words.yuan}`],
  ]));
  part(box, words.verdict, sum, reasons(start, pieces, verdicts, [row]));
  part(box, words.guideline, guideline(start, pieces, row));
  if (stand >= 0) forecast(box, start, view, stockOfPieces(series, start.days.length, stands, pieces, [row]), words.by_area);
  return box;
}

const CARDS = { stands: standCard, parcels: parcelCard, pieces: pieceCard };
