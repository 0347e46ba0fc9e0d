'use strict';
/* Blocks of data: base64 text in this page, or a script file beside it that is read on demand. */
const ecogis = { given: new Map(), blocks: new Map(), records: new Map() };

function ecogisBlock(name, text) {
  ecogis.given.set(name, text);
}

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function textOf(name) {
  const inside = document.getElementById(`block-${name}`);
  if (inside) {
    const text = inside.textContent;
    inside.remove();
    return Promise.resolve(text);
  }
  return new Promise((done, fail) => {
    const script = document.createElement('script');
    script.src = `data/${name}.js`;
    script.onload = () => {
      const text = ecogis.given.get(name);
      ecogis.given.delete(name);
      script.remove();
      done(text);
    };
    script.onerror = () => fail(new Error(`data/${name}.js`));
    document.head.append(script);
  });
}

function block(name) {
  if (!ecogis.blocks.has(name)) ecogis.blocks.set(name, textOf(name).then(bytesOf));
  return ecogis.blocks.get(name);
}

async function unpacked(name) {
  const packed = new Blob([await block(name)]).stream();
  return new Response(packed.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
}

function record(name) {
  if (!ecogis.records.has(name)) {
    ecogis.records.set(name, unpacked(name).then((bytes) => {
      ecogis.blocks.delete(name);
      return JSON.parse(new TextDecoder().decode(bytes));
    }));
  }
  return ecogis.records.get(name);
}

/* Stock of every stand on every day [kg]. */
let stockRead = null;

function stock() {
  if (!stockRead) {
    stockRead = unpacked('series').then((bytes) => (
      ecogis.start.wide ? new Uint32Array(bytes) : new Float64Array(bytes)
    ));
  }
  return stockRead;
}

/* An archive of tiles that lies in memory. */
class Archive {
  constructor(name) {
    this.name = name;
  }

  getKey() {
    return this.name;
  }

  async getBytes(offset, length) {
    const bytes = await block(`${this.name}-tiles`);
    return { data: bytes.buffer.slice(bytes.byteOffset + offset, bytes.byteOffset + offset + length) };
  }
}
