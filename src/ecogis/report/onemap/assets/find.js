/* Search by stand, parcel, holder or certificate. Every text is compared as it is written. */
const MOST = 40;

async function haystack(start) {
  const stands = await record('stands');
  const lists = [{ what: 'stand', texts: stands.id, rows: (place) => [place] }];
  if (start.public) return lists;
  const [parcels, titles] = await Promise.all([record('parcels'), record('titles')]);
  lists.push({ what: 'parcel', texts: parcels.id, rows: (place) => [place] });
  for (const what of ['holder', 'certificate']) {
    const rows = new Map();
    titles.rights[what].forEach((text, place) => {
      const parcel = titles.rights.parcel[place];
      if (!text) return;
      if (!rows.has(text)) rows.set(text, new Set());
      if (parcel >= 0) rows.get(text).add(parcel);
    });
    const texts = [...rows.keys()].sort();
    lists.push({ what, texts, rows: (place) => [...rows.get(texts[place])] });
  }
  return lists;
}

/* Whole matches first, then beginnings, then the rest. */
function matches(lists, asked) {
  const wanted = asked.trim().toLowerCase();
  if (!wanted) return { shown: [], more: 0 };
  const ranks = [[], [], []];
  for (const list of lists) {
    list.texts.forEach((text, place) => {
      const at = text.toLowerCase().indexOf(wanted);
      if (at < 0) return;
      ranks[at > 0 ? 2 : (text.length === wanted.length ? 0 : 1)].push({ list, place, text });
    });
  }
  const found = ranks.flat();
  return { shown: found.slice(0, MOST), more: Math.max(found.length - MOST, 0) };
}
