// Answers for the roadside's pages while there is no network: a page becomes the one that reads the pack.
"use strict";

const KEPT = "roadside-page", PAGE = "/roadside/offline";

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  if (method !== "GET" || new URL(url).pathname === "/roadside/pack") return;
  event.respondWith(fetch(event.request).catch(async () => {
    const kept = await caches.open(KEPT);
    return await kept.match(mode === "navigate" ? PAGE : event.request, { ignoreVary: true }) ?? Response.error();
  }));
});
