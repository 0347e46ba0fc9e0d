/* The map: one source of tiles for each layer, one fill for each theme. */
const NO_DATA = '#d6d6d2';

function colours(theme, day) {
  const key = theme.name === 'carbon'
    ? ['slice', ['get', theme.column], day, day + 1] : ['get', theme.column];
  const cases = theme.entries.flatMap((entry, place) => (
    [theme.name === 'carbon' ? String(place) : place, entry[1]]
  ));
  return ['match', key, ...cases, NO_DATA];
}

function chart(start, view) {
  const words = start.words;
  const protocol = new pmtiles.Protocol();
  maplibregl.addProtocol('pmtiles', protocol.tile);
  const layers = view.layers;
  const sources = { places: { type: 'geojson', data: start.places } };
  for (const layer of layers) {
    protocol.add(new pmtiles.PMTiles(new Archive(layer)));
    // what an archive says of itself is told here, so that it is opened when it is first seen
    const [minzoom, maxzoom] = start.levels[layer];
    sources[layer] = { type: 'vector', tiles: [`pmtiles://${layer}/{z}/{x}/{y}`], minzoom, maxzoom, promoteId: 'n' };
  }
  const map = new maplibregl.Map({
    container: 'map',
    style: { version: 8, sources, layers: visible(styled(start, layers, view.day), start, view) },
    bounds: start.bounds,
    fitBoundsOptions: { padding: 26 },
    maxZoom: 19,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    attributionControl: false,
    fadeDuration: 0,
    renderWorldCopies: false,
    locale: {
      'NavigationControl.ZoomIn': words.zoom_in,
      'NavigationControl.ZoomOut': words.zoom_out,
      'Popup.Close': words.closed,
      'ScaleControl.Meters': 'm',
      'ScaleControl.Kilometers': 'km',
    },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), 'top-right');
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 130 }), 'bottom-left');
  map.addControl(northArrow(words.north), 'top-left');
  map.addControl(new maplibregl.AttributionControl({ compact: false, customAttribution: words.source }), 'bottom-right');
  return map;
}

function northArrow(letter) {
  return {
    onAdd() {
      this.box = document.createElement('div');
      this.box.className = 'maplibregl-ctrl';
      const svg = shape('svg', { class: 'north', viewBox: '0 0 30 42', role: 'img' });
      svg.append(
        shape('path', { d: 'M15 2 L23 26 L15 21 Z', fill: '#1f2a24' }),
        shape('path', { d: 'M15 2 L7 26 L15 21 Z', fill: '#fff', stroke: '#1f2a24' }),
        shape('text', { x: 15, y: 40, 'text-anchor': 'middle', 'font-size': 13, 'font-weight': 600 }, letter),
      );
      this.box.append(svg);
      return this.box;
    },
    onRemove() {
      this.box.remove();
    },
  };
}

function styled(start, layers, day) {
  const hidden = { visibility: 'none' };
  const fills = start.themes.map((theme) => ({
    id: `theme-${theme.name}`, type: 'fill', source: theme.layer, 'source-layer': theme.layer,
    layout: hidden, paint: { 'fill-color': colours(theme, day) },
  }));
  const edges = layers.map((layer) => ({
    id: `edge-${layer}`, type: 'line', source: layer, 'source-layer': layer, layout: hidden,
    minzoom: start.dense.includes(layer) ? start.levels[layer][1] : 0,
    paint: {
      'line-color': '#3f4a44',
      'line-width': ['interpolate', ['linear'], ['zoom'], 10, 0.08, 13, 0.35, 16, 0.9],
    },
  }));
  return [
    { id: 'ground', type: 'background', paint: { 'background-color': '#eef2ee' } },
    ...fills, ...edges, ...limits(layers), ...numbers(layers), ...names(), ...marks(layers),
  ];
}

function limits(layers) {
  const outline = layers.includes('parcels') ? [{
    id: 'over-parcels', type: 'line', source: 'parcels', 'source-layer': 'parcels', layout: { visibility: 'none' },
    paint: { 'line-color': '#b5542c', 'line-width': ['interpolate', ['linear'], ['zoom'], 11, 0.25, 16, 1.3] },
  }] : [];
  const dashes = [['village', '#4b5563', 0.9, [3, 2], 10.5], ['township', '#111827', 1.8, [6, 2, 1, 2], 0]];
  return [...outline, ...dashes.map(([level, colour, width, dash, minzoom]) => ({
    id: `place-${level}`, type: 'line', source: 'places', minzoom,
    filter: ['all', ['==', ['get', 'level'], level], ['!=', ['geometry-type'], 'Point']],
    paint: { 'line-color': colour, 'line-width': width, 'line-dasharray': dash },
  }))];
}

function label(size, halo) {
  return {
    layout: { 'text-font': ['Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', 'sans-serif'], 'text-size': size },
    paint: { 'text-color': '#1f2a24', 'text-halo-color': '#ffffff', 'text-halo-width': halo },
  };
}

function numbers(layers) {
  return ['stands', 'parcels'].filter((layer) => layers.includes(layer)).map((layer) => {
    const look = label(11, 1.2);
    return {
      id: `number-${layer}`, type: 'symbol', source: layer, 'source-layer': layer, minzoom: 14.5, ...look,
      layout: { ...look.layout, visibility: 'none', 'text-field': ['get', 't'], 'text-padding': 6 },
    };
  });
}

function names() {
  return [['village', 12.5, 10.5], ['township', 15, 0]].map(([level, size, from]) => {
    const look = label(size, 1.8);
    return {
      id: `name-${level}`, type: 'symbol', source: 'places', minzoom: from, maxzoom: level === 'township' ? 12.5 : 24, ...look,
      filter: ['all', ['==', ['get', 'level'], level], ['==', ['geometry-type'], 'Point']],
      layout: { ...look.layout, 'text-field': ['get', 'name'] },
    };
  });
}

function marks(layers) {
  return layers.map((layer) => ({
    id: `mark-${layer}`, type: 'line', source: layer, 'source-layer': layer, filter: ['==', ['get', 'n'], -1],
    layout: { visibility: 'none' },
    paint: { 'line-color': '#d4002a', 'line-width': 2.6 },
  }));
}

/* What is shown: theme, day, group, overlays. Only what is seen is read. */
function shown(start, view) {
  const theme = view.theme;
  const ids = new Map();
  for (const other of start.themes) ids.set(`theme-${other.name}`, other === theme);
  for (const layer of view.layers) {
    const own = layer === theme.layer;
    const carried = own || (theme.layer === 'pieces' && layer === 'stands');
    ids.set(`edge-${layer}`, own);
    ids.set(`number-${layer}`, carried && view.over.numbers);
  }
  ids.set('over-parcels', view.over.outlines);
  for (const id of ['place-village', 'place-township', 'name-village', 'name-township']) ids.set(id, view.over.places);
  return ids;
}

function visible(layers, start, view) {
  const ids = shown(start, view);
  for (const layer of layers) {
    if (ids.has(layer.id)) layer.layout = { ...layer.layout, visibility: ids.get(layer.id) ? 'visible' : 'none' };
  }
  return layers;
}

function showTheme(map, start, view) {
  for (const [id, seen] of shown(start, view)) {
    if (map.getLayer(id)) map.setLayoutProperty(id, 'visibility', seen ? 'visible' : 'none');
  }
}

function showDay(map, view) {
  if (view.theme.name === 'carbon') map.setPaintProperty('theme-carbon', 'fill-color', colours(view.theme, view.day));
}

function showGroup(map, start, view) {
  const filter = view.group === null ? null : ['==', ['get', 'g'], view.group];
  for (const theme of start.themes) map.setFilter(`theme-${theme.name}`, filter);
  for (const layer of view.layers) {
    map.setFilter(`edge-${layer}`, filter);
    if (map.getLayer(`number-${layer}`)) map.setFilter(`number-${layer}`, filter);
  }
  if (map.getLayer('over-parcels')) map.setFilter('over-parcels', filter);
}

function showMarks(map, view, layer, rows) {
  for (const each of view.layers) {
    const own = each === layer && rows.length > 0;
    map.setLayoutProperty(`mark-${each}`, 'visibility', own ? 'visible' : 'none');
    if (own) map.setFilter(`mark-${each}`, ['in', ['get', 'n'], ['literal', rows]]);
  }
}

function boxOf(boxes) {
  const known = boxes.filter(Boolean);
  if (!known.length) return null;
  const edge = (place, pick) => pick(...known.map((box) => box[place])) / 1e5;
  return [[edge(0, Math.min), edge(1, Math.min)], [edge(2, Math.max), edge(3, Math.max)]];
}

function goTo(map, boxes, most) {
  const box = boxOf(boxes);
  if (box) map.fitBounds(box, { padding: 70, maxZoom: most, animate: false });
  return box;
}
