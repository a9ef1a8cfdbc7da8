// The seal on a driver's copy, verified in the browser: validate/seal.py says what stands in it.
"use strict";

import { fits } from "./pack.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", PURPOSE = "OpenRTPD driver's copy\0";
const SIGNATURE = 64, HEAD = 5, FORMAT = 1, DAY_ZERO = Date.UTC(2022, 0, 1), DAY = 86_400_000;
const FIELDS = [
  "declaration", "version", "flags", "postingCountry", "startDay", "days", "operatorCountry", "operator", "driver",
  "birthYear", "licenceTail", "submitted", "fleet", "plateCount", "plates",
];

/** Gives what a code, or the address that holds one, says; null if it is not genuine. */
export async function opened(code, key) {
  const signed = decoded(code.trim().toUpperCase().split("/").at(-1));
  if (!signed || signed.length <= SIGNATURE + HEAD || signed[0] !== FORMAT) return null;
  const body = signed.subarray(0, -SIGNATURE);
  if (!await fits(key, PURPOSE, body, signed.subarray(-SIGNATURE))) return null;
  const values = unpacked(body.subarray(HEAD));
  const said = Object.fromEntries(FIELDS.map((name, place) => [name, values[place]]));
  const day = (number) => new Date(DAY_ZERO + number * DAY).toISOString().slice(0, 10);
  return { ...said, withdrawn: Boolean(said.flags & 1), start: day(said.startDay), end: day(said.startDay + said.days) };
}

function decoded(letters) {
  const out = [];
  let held = 0, bits = 0;
  for (const letter of letters) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return null;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) out.push((held >> (bits -= 8)) & 0xff);
  }
  return held & ((1 << bits) - 1) ? null : Uint8Array.from(out); // spare bits at the end were set
}

// MessagePack, as far as a seal needs it: numbers, texts, bytes, lists.
function unpacked(body) {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let place = 0;
  const whole = (size) => {
    place += size;
    return size === 1 ? view.getUint8(place - 1) : size === 2 ? view.getUint16(place - 2) : view.getUint32(place - 4);
  };
  const signed = (size) => {
    const number = whole(size);
    return number >= 2 ** (8 * size - 1) ? number - 2 ** (8 * size) : number;
  };
  const raw = (size) => body.subarray(place, place += size);
  const string = (size) => new TextDecoder().decode(raw(size));
  const list = (size) => Array.from({ length: size }, value);
  const kinds = {
    0xc0: () => null, 0xc2: () => false, 0xc3: () => true,
    0xc4: () => raw(whole(1)), 0xc5: () => raw(whole(2)),
    0xcc: () => whole(1), 0xcd: () => whole(2), 0xce: () => whole(4), 0xcf: () => whole(4) * 2 ** 32 + whole(4),
    0xd0: () => signed(1), 0xd1: () => signed(2), 0xd2: () => signed(4),
    0xd9: () => string(whole(1)), 0xda: () => string(whole(2)), 0xdc: () => list(whole(2)),
  };
  function value() {
    const kind = whole(1);
    if (kind < 0x80) return kind;
    if (kind >= 0xe0) return kind - 0x100;
    if (kind >= 0xa0 && kind < 0xc0) return string(kind & 0x1f);
    if (kind >= 0x90 && kind < 0xa0) return list(kind & 0x0f);
    return kinds[kind]();
  }
  return value();
}
