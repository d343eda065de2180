// The page without a server: its files are kept whole, one version at a time, and a new version waits until the page
// says that no tube is open. The server puts `VERSION` and `FILES` ([address, digest]) before this text.

const CACHE = `dayclear-desk-${VERSION}`;
const PAGE = new URL("./", self.location).pathname;

self.addEventListener("install", (event) => {
  // All or nothing: a file that is not of this version fails its digest, and the old version goes on.
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll(FILES.map(([address, integrity]) => new Request(address, { integrity, cache: "reload" })))),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith("dayclear-desk-") && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  const path = event.request.mode === "navigate" ? PAGE : address.pathname;
  if (FILES.some(([file]) => file === path)) event.respondWith(caches.open(CACHE).then(async (cache) => (await cache.match(path)) ?? fetch(event.request)));
});
