// The page without a network: keeps the day's pack on the device, and answers from it by plate and by code.
"use strict";

import { open, PackError, publicKey, verifies } from "./pack.js";
import { keyed } from "./plates.js";
import { opened } from "./seal.js";

const PAGES = "roadside-page", PACKS = "officers-pack", PACK = "/roadside/pack", PAGE = "/roadside/offline";
const section = document.querySelector("#pack");
const keyOf = keyed(JSON.parse(section.dataset.latin), section.dataset.separators);
const language = document.documentElement.lang;
const forms = [document.querySelector("#plates"), document.querySelector("#codes")];
let pack = null, key = null;

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const written = (iso) => iso.split("-").reverse().join("/");
const today = () => new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
const countryName = (code) => new Intl.DisplayNames([language], { type: "region" }).of(code);

function say(name) {
  for (const one of section.querySelectorAll("[data-said]")) one.hidden = one.dataset.said !== name;
}

function showPack() {
  const [none, ready] = ["none", "ready"].map((state) => section.querySelector(`[data-state=${state}]`));
  none.hidden = pack !== null;
  ready.hidden = pack === null;
  document.querySelector("[data-do=delete]").hidden = pack === null;
  for (const form of forms) form.hidden = pack === null;
  if (!pack) return;
  const { day, host, builtAt } = pack.header;
  const instant = `${written(builtAt.slice(0, 10))} ${builtAt.slice(11, 16)} UTC`;
  const count = new Intl.NumberFormat(language).format(pack.declarations);
  ready.textContent = filled(ready.dataset.text, { day: written(day), country: countryName(host), count, instant });
}

async function download() {
  const answer = await fetch(PACK).catch(() => null);
  if (answer?.redirected) return say("signed_out");
  if (!answer?.ok) return say("unreachable");
  const content = new Uint8Array(await answer.arrayBuffer());
  try {
    pack = await open(content, key);
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    return say("untrusted");
  }
  await (await caches.open(PACKS)).put(PACK, new Response(content));
  await keepPage();
  showPack();
  say("saved");
}

// The page and all that it is made of: scripts, styles, the typeface.
async function keepPage() {
  await navigator.serviceWorker.register("/roadside/offline_worker.js", { scope: "/roadside" });
  await navigator.serviceWorker.ready;
  const made = performance.getEntriesByType("resource").map((entry) => new URL(entry.name))
    .filter((url) => url.origin === location.origin && !url.pathname.startsWith("/roadside"));
  const page = await caches.open(PAGES);
  await page.addAll([PAGE, ...new Set(made.map((url) => url.pathname + url.search))]);
}

async function deletePack() {
  await Promise.all([caches.delete(PACKS), caches.delete(PAGES)]);
  for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
  pack = null;
  document.querySelector("#answer").replaceChildren();
  showPack();
  say("deleted");
}

function answered(template) {
  const shown = document.querySelector(template).content.cloneNode(true);
  const place = document.querySelector("#answer");
  place.replaceChildren(shown);
  place.focus();
  place.scrollIntoView({ block: "start" });
  return place;
}

const keepOnly = (place, member, wanted) => {
  for (const one of place.querySelectorAll(`[data-${member}]`)) if (!wanted.includes(one.dataset[member])) one.remove();
};

async function lookUp(plate, licence) {
  const plain = licence.normalize("NFD").toUpperCase().replace(/[^A-Z0-9]/g, "");
  const found = await pack.lookUp(keyOf(plate), today(), plain);
  const place = answered("#said-plate");
  place.querySelector("[data-plate]").textContent = plate.trim().toUpperCase();
  place.querySelector(".answer").classList.add(`answer-${found.verdict.split("_")[0].toLowerCase()}`);
  keepOnly(place, "verdict", [found.verdict]);
  for (const one of place.querySelectorAll("[data-count]")) {
    const count = found.counts[one.dataset.count];
    count ? one.textContent = filled(one.dataset.text, { count }) : one.remove();
  }
  const from = place.querySelector("[data-countries]");
  const countries = found.countries.map(countryName).join(", ");
  countries ? from.textContent = filled(from.dataset.text, { countries }) : from.remove();
}

async function checkCode(code) {
  const copy = await opened(code, key);
  const place = answered("#said-code");
  const said = copy ? await standing(copy) : "";
  place.querySelector(".answer").classList.add(!copy ? "answer-red" : said === "up_to_date" ? "answer-green" : "answer-amber");
  const plain = ["up_to_date", "missing"].includes(said); // else a stronger verdict stands below
  keepOnly(place, "genuine", [copy ? "yes" : "no"]);
  keepOnly(place, "copy", [said]);
  if (copy && !plain && said !== "other_state") place.querySelector("[data-genuine]").remove();
  if (!copy || said === "other_state") return;
  place.querySelector("[data-facts]").textContent = [copy.driver, copy.operator, `${written(copy.start)} – ${written(copy.end)}`].join(" · ");
  for (const plate of copy.plates) {
    const one = document.createElement("span");
    one.className = "plate";
    one.textContent = plate;
    place.querySelector("[data-plates]").append(one, " ");
  }
}

async function standing(copy) {
  if (copy.postingCountry !== pack.header.host) return "other_state";
  const found = await pack.declaration(copy.declaration);
  if (found.found && found.withdrawn || copy.withdrawn) return "withdrawn";
  if (found.found && found.version > copy.version) return "outdated";
  if (copy.end < today()) return "expired";
  if (copy.start > today()) return "future";
  return found.found ? "up_to_date" : "missing";
}

async function start() {
  if (!await verifies()) return say("unverified");
  key = await publicKey(section.dataset.key);
  const kept = await caches.match(PACK, { cacheName: PACKS });
  if (kept) {
    try {
      pack = await open(new Uint8Array(await kept.arrayBuffer()), key);
      say(pack.header.day === today() ? "" : "old");
    } catch (error) {
      if (!(error instanceof PackError)) throw error;
      say("untrusted");
    }
  }
  showPack();
  document.querySelector("[data-do=download]").addEventListener("click", download);
  document.querySelector("[data-do=delete]").addEventListener("click", deletePack);
  const [plates, codes] = forms;
  plates.addEventListener("submit", (event) => {
    event.preventDefault();
    lookUp(plates.elements.plate.value, plates.elements.licence.value);
  });
  codes.addEventListener("submit", (event) => {
    event.preventDefault();
    checkCode(codes.elements.code.value);
  });
  const plate = new URLSearchParams(location.search).get("plate");
  if (pack && plate && location.pathname !== PAGE) lookUp(plate, "");
}

start();
