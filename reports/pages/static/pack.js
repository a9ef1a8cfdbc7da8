// The officers' pack, read in the browser: reports/roadside/pack.py says what stands in it.
"use strict";

const MAGIC = "RTPDPACK", PURPOSE = "OpenRTPD officers' pack\0", SIGNATURE = 64;
const DAY = 86_400_000;
const text = new TextEncoder();

export class PackError extends Error {}

/** Tells whether this browser can verify Ed25519. */
export async function verifies() {
  try {
    return Boolean(await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]));
  } catch {
    return false;
  }
}

/** Gives the key that verifies, of its 32 bytes in base64. */
export function publicKey(base64) {
  return crypto.subtle.importKey("raw", bytes(base64), { name: "Ed25519" }, false, ["verify"]);
}

/** Tells whether a signature over a purpose and what was said fits the key. */
export async function fits(key, purpose, said, signature) {
  const head = text.encode(purpose), signed = new Uint8Array(head.length + said.length);
  signed.set(head);
  signed.set(said, head.length);
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, signed);
}

/** Verifies a pack and opens it; throws PackError if it is none, or its signature does not fit. */
export async function open(content, key) {
  const said = content.subarray(0, -SIGNATURE);
  if (new TextDecoder().decode(said.subarray(0, MAGIC.length)) !== MAGIC) throw new PackError("malformed");
  if (!await fits(key, PURPOSE, said, content.subarray(-SIGNATURE))) throw new PackError("untrusted");
  const begin = MAGIC.length + 4;
  const end = begin + new DataView(said.buffer, said.byteOffset).getUint32(MAGIC.length, true);
  const header = JSON.parse(new TextDecoder().decode(said.subarray(begin, end)));
  const packed = new Blob([said.subarray(end)]).stream().pipeThrough(new DecompressionStream("deflate"));
  const planes = new Uint8Array(await new Response(packed).arrayBuffer());
  const salt = await crypto.subtle.importKey("raw", bytes(header.salt), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Pack(header, columns(header, planes), salt);
}

class Pack {
  #columns;
  #salt;

  constructor(header, columns, salt) {
    this.header = header;
    this.#columns = columns;
    this.#salt = salt;
  }

  get declarations() {
    return this.#columns.flags.length;
  }

  /** Judges a plate by its key on a day (ISO), narrowed to who holds a licence if one is given. */
  async lookUp(key, day, licence) {
    const { start, days, flags, driver, country } = this.#columns;
    const offset = Math.round((Date.parse(day) - Date.parse(this.header.day)) / DAY);
    const own = licence ? Number(await this.#short(text.encode(licence), 2)) : null;
    const counts = { covering: 0, otherDriver: 0, future: 0, expired: 0, withdrawn: 0 };
    const countries = new Set();
    for (const at of await this.#declarationsOf(key)) {
      const begins = (start.at(at) << 16) >> 16;
      const kind = flags.at(at) & 1 ? "withdrawn" : begins > offset ? "future" : begins + days.at(at) < offset ? "expired"
        : own === null || driver.at(at) === own ? "covering" : "otherDriver";
      counts[kind] += 1;
      countries.add(this.header.countries[country.at(at)]);
    }
    const verdict = counts.covering ? "GREEN" : counts.otherDriver ? "AMBER_DRIVER"
      : counts.expired || counts.future || counts.withdrawn ? "RED_PERIOD" : "NONE";
    return { verdict, counts, countries: [...countries].sort() };
  }

  /** Says whether a declaration (the 16 bytes of its id) stands in the pack, in which version, and whether withdrawn. */
  async declaration(id) {
    const { declaration, version, flags } = this.#columns;
    const wanted = Number(await this.#short(id, 4));
    const found = { found: false, version: 0, withdrawn: true };
    for (let at = 0; at < declaration.length; at++) {
      if (declaration.at(at) !== wanted) continue;
      found.found = true;
      found.version = Math.max(found.version, version.at(at));
      found.withdrawn &&= Boolean(flags.at(at) & 1);
    }
    return found;
  }

  async #declarationsOf(key) {
    const c = this.#columns, groups = BigInt(c.group_sizes.length);
    if (!groups) return [];
    const hash = (await this.#short(text.encode(key), 8)) % (groups << 16n);
    const [first, last] = run(c.group_sizes, Number(hash >> 16n));
    const fleets = new Set();
    for (let at = first; at < last; at++) {
      if (c.plate_low.at(at) !== Number(hash & 0xffffn)) continue;
      const [begin, end] = run(c.class_sizes, c.plate_class.at(at));
      for (let place = begin; place < end; place++) fleets.add(c.class_fleets.at(place));
    }
    return [...fleets].sort((one, other) => one - other).flatMap((fleet) => {
      const [begin, end] = run(c.fleet_sizes, fleet);
      return Array.from({ length: end - begin }, (_, place) => begin + place);
    });
  }

  async #short(value, length) {
    const digest = new Uint8Array(await crypto.subtle.sign("HMAC", this.#salt, value)).subarray(0, length);
    return digest.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
  }
}

// Numbers whose bytes stand in planes: all lowest bytes first.
class Column {
  constructor(planes, items, width) {
    this.length = items;
    this.planes = Array.from({ length: width }, (_, plane) => planes.subarray(plane * items, (plane + 1) * items));
  }

  at(place) {
    let number = 0;
    for (let plane = this.planes.length - 1; plane >= 0; plane--) number = number * 256 + this.planes[plane][place];
    return number;
  }
}

function columns(header, planes) {
  const found = {};
  let place = 0;
  for (const { name, width, items } of header.columns) {
    found[name] = new Column(planes.subarray(place, place += width * items), items, width);
  }
  return found;
}

// From where to where the items of one group stand, of the sizes of all.
function run(sizes, group) {
  let first = 0;
  for (let at = 0; at < group; at++) first += sizes.at(at);
  return [first, first + sizes.at(group)];
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
