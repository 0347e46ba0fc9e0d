/* What stands beside the map: themes, legend, sums by township, search, the day. */
const byId = (name) => document.getElementById(name);

function choice(kind, name, value, text, chosen, act) {
  const line = made('label');
  const input = made('input');
  input.type = kind;
  input.name = name;
  input.value = value;
  input.checked = chosen;
  input.addEventListener('change', () => act(input.checked));
  line.append(input, text);
  return line;
}

function drawThemes(start, view, act) {
  const box = byId('themes');
  box.replaceChildren(...start.themes.map((theme) => {
    const chosen = theme === view.theme;
    const line = choice('radio', 'theme', theme.name, start.words[theme.name], chosen, () => act(theme));
    if (chosen) line.className = 'chosen';
    return line;
  }));
}

function drawOverlays(start, view, act) {
  const names = view.layers.includes('parcels') ? ['outlines', 'places', 'numbers'] : ['places', 'numbers'];
  byId('overlays').replaceChildren(...names.map((name) => choice(
    'checkbox', 'overlay', name, start.words[name], view.over[name], (chosen) => act(name, chosen),
  )));
}

/* Area by class of the density of carbon on the day chosen [0.01 m2]. */
async function carbonAreas(start, view) {
  const [stands, series] = await Promise.all([record('stands'), stock()]);
  const sums = new Array(view.theme.entries.length + 1).fill(0);
  const days = start.days.length;
  stands.dm2.forEach((dm2, row) => {
    const kg = series[row * days + view.day];
    const density = kg / 1000 / (dm2 / 1e6);
    let place = 0;
    if (!stands.known[row] || !dm2) place = sums.length - 1;
    else if (kg > 0) place = view.theme.bounds.filter((bound) => bound <= density).length + 1;
    sums[place] += dm2;
  });
  return sums;
}

async function drawLegend(start, view) {
  const theme = view.theme;
  const words = start.words;
  const hint = words[`${theme.name}_hint`];
  byId('legend-title').textContent = hint ? `${words[theme.name]}: ${hint}` : `${words[theme.name]} (${words.ha})`;
  const sums = theme.dm2 || await carbonAreas(start, view);
  if (theme !== view.theme) return;
  const entries = [...theme.entries, [words.no_data, NO_DATA]];
  const rows = entries.map(([text, colour], place) => {
    if (!sums[place]) return null;
    const row = made('tr');
    const key = made('span', undefined, 'key');
    key.style.background = colour;
    const cell = made('td');
    cell.append(key);
    row.append(cell, made('td', text), made('td', hectares(sums[place])));
    return row;
  });
  byId('legend').replaceChildren(...rows.filter(Boolean));
}

/* Stands, area, stock, creditable area and area of unknown stock by group, in all, and in view. */
async function groupSums(start, view, bounds) {
  const [stands, series] = await Promise.all([record('stands'), stock()]);
  const days = start.days.length;
  const nil = () => [0, 0, 0, 0, 0];
  const sums = start.groups.map(nil);
  const none = nil();
  const all = nil();
  const seen = nil();
  stands.group.forEach((group, row) => {
    const dm2 = stands.dm2[row] || 0;
    const known = stands.known[row];
    const amounts = [1, dm2, known ? series[row * days + view.day] : 0, stands.counted[row], known ? 0 : dm2];
    const into = [group < 0 ? none : sums[group], all];
    if ((view.group === null || view.group === group) && inside(stands.box[row], bounds)) into.push(seen);
    for (const sum of into) amounts.forEach((amount, place) => { sum[place] += amount; });
  });
  return { sums, none, all, seen };
}

function inside(box, bounds) {
  if (!box) return false;
  const x = (box[0] + box[2]) / 2e5;
  const y = (box[1] + box[3]) / 2e5;
  return x >= bounds.getWest() && x <= bounds.getEast() && y >= bounds.getSouth() && y <= bounds.getNorth();
}

function sumRow(name, sums, kind) {
  const row = made('tr', undefined, kind);
  const cells = [String(sums[0].toLocaleString('en-US')), hectares(sums[1]), figure(sums[2] / 1000, 0), hectares(sums[3])];
  row.append(made('td', name), ...cells.map((text) => made('td', text)));
  if (sums[4]) row.children[3].className = 'open';
  return row;
}

async function drawSums(start, view, map, act) {
  const { sums, none, all, seen } = await groupSums(start, view, map.getBounds());
  const words = start.words;
  byId('sums-title').textContent = `${words[`table_${start.level}`]} · ${start.days[view.day]}`;
  const head = made('tr');
  const titles = [words[`table_${start.level}`], words.stands, `${words.area} ${words.ha}`, `${words.stock} ${words.t}`, `${words.counted} ${words.ha}`];
  head.append(...titles.map((text) => made('th', text)));
  const top = made('thead');
  top.append(head);
  const body = made('tbody');
  sums.forEach((sum, group) => {
    const row = sumRow(start.groups[group], sum, group === view.group ? 'chosen' : '');
    row.tabIndex = 0;
    row.dataset.group = group;
    row.addEventListener('click', () => act(group));
    row.addEventListener('keydown', (event) => { if (event.key === 'Enter') act(group); });
    body.append(row);
  });
  if (none[0]) body.append(sumRow(words.no_group, none, ''));
  const foot = made('tfoot');
  foot.append(sumRow(words.total, all, ''), sumRow(words.in_view, seen, 'view'));
  byId('sums').replaceChildren(top, body, foot);
  byId('sums').style.setProperty('--rows', byId('sums').rows.length);
  byId('sums-unknown').textContent = all[4] ? words.unknown_stock.replace('{ha}', hectares(all[4])) : '';
}

function drawFound(start, found, act) {
  const words = start.words;
  const items = found.shown.map((hit) => {
    const item = made('li');
    const button = made('button');
    button.type = 'button';
    const rows = hit.list.rows(hit.place);
    const many = ['holder', 'certificate'].includes(hit.list.what) ? ` (${rows.length})` : '';
    button.append(made('span', words[hit.list.what], 'what'), made('span', `${hit.text}${many}`, 'name'));
    button.addEventListener('click', () => act(hit.list.what, rows));
    item.append(button);
    return item;
  });
  if (found.more) items.push(made('li', words.more_found.replace('{n}', found.more), 'none'));
  byId('found').replaceChildren(...items);
}
