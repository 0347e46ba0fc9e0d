/* Puts the page together and answers what is done with it. */
async function begin() {
  const start = await record('start');
  ecogis.start = start;
  const words = start.words;
  byId('project').textContent = start.project.name;
  byId('valuation-date').textContent = start.project.valuation_date;
  byId('run').textContent = start.project.run.slice(0, 12);
  byId('notes').textContent = start.notes.join(' ');
  const asked = location.hash.slice(1);
  const view = {
    theme: start.themes.find((theme) => theme.name === asked) || start.themes[0],
    layers: [...new Set(start.themes.map((theme) => theme.layer))],
    over: { outlines: false, places: true, numbers: true },
    day: Math.max(start.days.indexOf(start.project.valuation_date), 0),
    group: null,
  };
  const map = chart(start, view);
  ecogis.map = map;
  ecogis.view = view;
  const page = pageOf(start, view, map, words);
  map.once('idle', () => {
    ecogis.firstFrame = performance.now();
    byId('loading').remove();
    document.documentElement.dataset.ready = 'yes';
    page.settle();
  });
  page.tellTheme();
  map.on('error', (event) => fail(event.error));
  listen(start, view, map, page);
}

function pageOf(start, view, map, words) {
  const popup = new maplibregl.Popup({ maxWidth: '380px', closeOnClick: false, focusAfterOpen: false });
  popup.on('close', () => showMarks(map, view, null, []));
  const page = {
    legend: () => drawLegend(start, view),
    sums: () => drawSums(start, view, map, page.setGroup),
    /* What the first frame does not need comes after it. */
    settle() {
      page.settled = true;
      page.legend();
      page.sums();
    },
    setTheme(theme) {
      view.theme = theme;
      showTheme(map, start, view);
      showDay(map, view);
      page.tellTheme();
    },
    tellTheme() {
      history.replaceState(null, '', `#${view.theme.name}`);
      drawThemes(start, view, page.setTheme);
      if (view.theme.dm2 || page.settled) page.legend();
    },
    setOverlay(name, chosen) {
      view.over[name] = chosen;
      showTheme(map, start, view);
    },
    setDay(day) {
      view.day = day;
      byId('day').value = day;
      byId('day-shown').textContent = start.days[day];
      if (page.settled) showDay(map, view);
      if (page.settled) page.sums();
      if (page.settled && view.theme.name === 'carbon') page.legend();
      if (page.open && popup.isOpen()) page.show(...page.open);
    },
    async setGroup(group) {
      view.group = view.group === group ? null : group;
      showGroup(map, start, view);
      const stands = await record('stands');
      const boxes = stands.box.filter((box, row) => view.group === null || stands.group[row] === view.group);
      if (view.group === null) page.whole();
      else goTo(map, boxes, 15);
      page.sums();
    },
    whole() {
      map.fitBounds(start.bounds, { padding: 26, animate: false });
    },
    /* The card of a feature, at a place or in the middle of its box. */
    async show(layer, row, place) {
      page.open = [layer, row, place];
      const box = await CARDS[layer](start, view, row, page.find);
      const at = place || middle((await record(layer)).box[row]);
      if (at) popup.setLngLat(at).setDOMContent(box).addTo(map);
      keepInside(map, popup);
      showMarks(map, view, layer, [row]);
    },
    async find(layer, row) {
      const table = await record(layer);
      goTo(map, [table.box[row]], 16);
      if (layer === 'parcels' && view.theme.layer === 'stands') page.over('outlines');
      await page.show(layer, row, middle(table.box[row]));
    },
    async findAll(layer, rows) {
      byId('found').replaceChildren();
      if (!rows.length) byId('found').replaceChildren(made('li', words.no_parcel, 'none'));
      if (!rows.length) return null;
      if (rows.length === 1) return page.find(layer, rows[0]);
      popup.remove();
      const table = await record(layer);
      goTo(map, rows.map((row) => table.box[row]), 16);
      page.over('outlines');
      showMarks(map, view, layer, rows);
      return null;
    },
    over(name) {
      if (view.over[name]) return;
      view.over[name] = true;
      drawOverlays(start, view, page.setOverlay);
      showTheme(map, start, view);
    },
  };
  byId('day').max = start.days.length - 1;
  drawOverlays(start, view, page.setOverlay);
  page.setDay(view.day);
  return page;
}

/* Move the map so that the whole card is seen. */
function keepInside(map, popup) {
  if (!popup.isOpen()) return;
  const card = popup.getElement().getBoundingClientRect();
  const frame = map.getContainer().getBoundingClientRect();
  const shift = (low, high, from, to) => Math.min(low - from, 0) + Math.max(high - to, 0);
  const x = shift(card.left, card.right, frame.left + 8, frame.right - 8);
  const y = shift(card.top, card.bottom, frame.top + 8, frame.bottom - 8);
  if (x || y) map.panBy([x, y], { animate: false });
}

/* The map takes the size it has on paper, with twice the dots; a copy of the drawing is printed. */
function printing(map) {
  const root = document.documentElement;
  let copy = null;
  const size = (paper) => {
    root.classList.toggle('printing', paper);
    map.setPixelRatio(paper ? 2 : window.devicePixelRatio);
    map.resize();
    map.redraw();
  };
  window.addEventListener('beforeprint', () => {
    size(true);
    copy = made('img', undefined, 'paper');
    copy.src = map.getCanvas().toDataURL();
    map.getContainer().prepend(copy);
  });
  window.addEventListener('afterprint', () => {
    if (copy) copy.remove();
    size(false);
  });
}

function middle(box) {
  return box ? [(box[0] + box[2]) / 2e5, (box[1] + box[3]) / 2e5] : null;
}

function listen(start, view, map, page) {
  map.on('click', (event) => {
    const hit = map.queryRenderedFeatures(event.point, { layers: [`theme-${view.theme.name}`] })[0];
    if (hit) page.show(view.theme.layer, hit.properties.n, event.lngLat);
  });
  map.on('moveend', () => { if (page.settled) page.sums(); });
  byId('whole').addEventListener('click', page.whole);
  byId('print').addEventListener('click', () => window.print());
  byId('day').addEventListener('input', (event) => page.setDay(Number(event.target.value)));
  byId('play').addEventListener('click', () => play(start, view, page));
  printing(map);
  searching(start, page);
}

let playing = null;

function play(start, view, page) {
  const stop = () => {
    clearInterval(playing);
    playing = null;
    byId('play').textContent = start.words.play;
  };
  if (playing) {
    stop();
    return;
  }
  byId('play').textContent = start.words.pause;
  if (view.day === start.days.length - 1) page.setDay(0);
  playing = setInterval(() => {
    if (view.day === start.days.length - 1) stop();
    else page.setDay(view.day + 1);
  }, 900);
}

function searching(start, page) {
  const input = byId('search');
  let lists = null;
  const ask = async () => {
    lists = lists || haystack(start);
    const asked = input.value;
    const found = matches(await lists, asked);
    if (asked !== input.value) return [];
    drawFound(start, found, (what, rows) => page.findAll(what === 'stand' ? 'stands' : 'parcels', rows));
    if (asked.trim() && !found.shown.length) byId('found').replaceChildren(made('li', start.words.nothing_found, 'none'));
    return found.shown;
  };
  input.addEventListener('input', ask);
  input.addEventListener('keydown', async (event) => {
    if (event.key !== 'Enter') return;
    const [first] = await ask();
    if (first) page.findAll(first.list.what === 'stand' ? 'stands' : 'parcels', first.list.rows(first.place));
  });
}

function fail(error) {
  const said = ecogis.start ? ecogis.start.words : null;
  const text = said ? `${said.failed} ${error.message} ${said.needs}` : String(error.message);
  const place = byId('loading') || byId('notes');
  place.textContent = text;
  document.documentElement.dataset.failed = error.message;
}

begin().catch(fail);
