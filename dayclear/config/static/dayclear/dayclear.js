// The page works without this file. It adds: a clock that goes on, the palette's keys, charts, dialogs that want a
// number typed, and copying.

const clocks = () => document.querySelectorAll("[data-clock]");
const loadedAt = performance.now();

// The server's instant goes on by the browser's monotonic clock: a wrong clock on the phone does no harm.
function tick() {
  for (const clock of clocks()) {
    const instant = new Date(Date.parse(clock.dateTime) + (performance.now() - loadedAt));
    const zone = { timeZone: clock.dataset.zone };
    const chinese = clock.dataset.language === "zh-hans";
    const time = new Intl.DateTimeFormat("en-GB", { ...zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const day = new Intl.DateTimeFormat(chinese ? "zh-CN" : "en-GB", {
      ...zone, day: "numeric", month: chinese ? "long" : "short", weekday: "short",
    });
    clock.querySelector("b").textContent = time.format(instant);
    if (!chinese) {
      const part = Object.fromEntries(day.formatToParts(instant).map((p) => [p.type, p.value]));
      clock.querySelector("span").textContent = `${part.weekday} ${part.day} ${part.month}`;
    } else {
      const part = Object.fromEntries(day.formatToParts(instant).map((p) => [p.type, p.value]));
      clock.querySelector("span").textContent = `${part.month}${part.month.endsWith("月") ? "" : "月"}${part.day}日 ${part.weekday}`;
    }
  }
}
setInterval(tick, 5000);

const palette = document.querySelector("[data-palette]");
function openPalette() {
  if (!palette || palette.open) return;
  palette.showModal();
  const words = palette.querySelector("input");
  words.select();
  words.dispatchEvent(new Event("palette-open"));
}
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if ((event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !typing)) {
    event.preventDefault();
    openPalette();
  }
});
palette?.addEventListener("keydown", (event) => {
  const links = [...palette.querySelectorAll("li a")];
  const at = links.indexOf(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    (next < 0 ? palette.querySelector("input") : links[Math.min(next, links.length - 1)])?.focus();
  } else if (event.key === "Enter" && at < 0) {
    event.preventDefault();
    links[0]?.click();
  }
});
palette?.addEventListener("click", (event) => event.target === palette && palette.close());

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-palette-open]")) openPalette();
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  const copier = event.target.closest("[data-copy]");
  if (copier) {
    const source = document.getElementById(copier.dataset.copy);
    navigator.clipboard?.writeText(source.textContent.trim()).then(() => {
      copier.textContent = copier.dataset.copied;
    });
  }
  if (event.target.closest("[data-print]")) window.print();
  // One menu at a time.
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A dangerous action stays shut until what it concerns has been typed: <input data-type-to-confirm="…">.
document.addEventListener("input", (event) => {
  const wanted = event.target.dataset?.typeToConfirm;
  if (wanted !== undefined) {
    event.target.form.querySelector("button[type=submit]").disabled = event.target.value.trim() !== wanted;
  }
  if (event.target.matches?.("[data-submit-on-change]")) event.target.form.requestSubmit();
});

// Charts: <div data-chart="URL of a Vega-Lite specification"> or data-chart="#id" of a JSON block in the page.
// The bundle's address stands in <body data-chart-bundle> or on the element; it exports vegaEmbed.
const token = (name) => {
  const probe = document.createElement("i");
  probe.className = "visually-hidden";
  document.body.append(probe);
  probe.style.color = `var(${name})`;
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
};
function chartConfig() {
  const ink = token("--ink"), muted = token("--muted"), line = token("--line");
  const font = getComputedStyle(document.body).fontFamily;
  return {
    background: "transparent", font, view: { stroke: null },
    axis: { labelColor: muted, titleColor: muted, domainColor: line, tickColor: line, gridColor: line, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 400 },
    legend: { labelColor: ink, titleColor: muted, labelFontSize: 12, titleFontSize: 12 },
    header: { labelColor: ink, titleColor: muted }, title: { color: ink }, text: { color: ink },
    range: { category: [1, 2, 3, 4].map((n) => token(`--series-${n}`)) },
  };
}
const drawn = new WeakMap();
export async function mountCharts(root = document) {
  const places = [...root.querySelectorAll("[data-chart]")].filter((place) => !drawn.has(place));
  if (!places.length) return;
  const bundle = document.querySelector("[data-chart-bundle]").dataset.chartBundle;
  const { vegaEmbed } = await import(bundle);
  for (const place of places) await draw(place, vegaEmbed);
}
async function draw(place, vegaEmbed) {
  const from = place.dataset.chart;
  try {
    const spec = from.startsWith("#")
      ? JSON.parse(document.querySelector(from).textContent)
      : await fetch(from, { headers: { "X-Dayclear-Quiet": "1" } }).then((r) => (r.ok ? r.json() : Promise.reject(new Error(r.status))));
    const result = await vegaEmbed(place, spec, { ast: true, actions: false, defaultStyle: false, renderer: "svg", tooltip: { disableDefaultStyle: true }, config: chartConfig() });
    drawn.set(place, result);
    place.dispatchEvent(new CustomEvent("chart-drawn", { bubbles: true, detail: result }));
  } catch (fault) {
    place.textContent = place.dataset.chartFailed || String(fault);
  }
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => location.reload());

document.addEventListener("htmx:load", (event) => mountCharts(event.detail.elt.parentElement ?? document));
document.addEventListener("htmx:configRequest", (event) => {
  // What a page asks for by itself does not count as somebody at work.
  if (event.detail.triggeringEvent === undefined) event.detail.headers["X-Dayclear-Quiet"] = "1";
});
mountCharts();

// A drawing that is wider than its window: buttons make it wider or narrower, the window scrolls.
function zoom(event) {
  const button = event.target.closest("[data-zoom-by]");
  if (!button) return;
  const drawing = document.getElementById(button.closest("[data-zoom]").dataset.zoom);
  const now = drawing.clientWidth, least = drawing.parentElement.clientWidth;
  const wanted = Math.min(Math.max(now * Number(button.dataset.zoomBy), least), least * 8);
  drawing.style.width = `${Math.round(wanted)}px`;
  // Vega asks for the width of its container when the window changes.
  window.dispatchEvent(new Event("resize"));
}
document.addEventListener("click", zoom);
document.addEventListener("chart-drawn", () => {
  for (const buttons of document.querySelectorAll("[data-zoom]")) buttons.hidden = false;
});
