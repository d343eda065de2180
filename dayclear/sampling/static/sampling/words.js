// The page's texts, both languages on the device, so that the language changes without a server.

let texts = {};
let language = "zh-hans";

export const LANGUAGES = { "zh-hans": { lang: "zh-Hans", locale: "zh-CN" }, en: { lang: "en", locale: "en-GB" } };

export function learn(all) {
  texts = all;
}

export function speak(wanted) {
  if (wanted in LANGUAGES) language = wanted;
  document.documentElement.lang = LANGUAGES[language].lang;
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of document.querySelectorAll("[data-say-label]")) element.ariaLabel = say(element.dataset.sayLabel);
}

export const spoken = () => language;
export const other = () => (language === "en" ? "zh-hans" : "en");

export function say(key, values = {}) {
  const text = texts[language]?.[key];
  return text === undefined ? key : text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

const zoned = () => ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

// A time of day; with its day when that is not today.
export function saidTime(iso) {
  const instant = new Date(iso);
  const today = instant.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(LANGUAGES[language].locale, today ? zoned() : { ...zoned(), day: "numeric", month: "short" }).format(instant);
}

// A span in its largest two units.
export function saidSpan(milliseconds) {
  const minutes = Math.round(Math.abs(milliseconds) / 60_000);
  const days = Math.floor(minutes / 1440), hours = Math.floor((minutes % 1440) / 60), rest = minutes % 60;
  if (days) return say("span_days", { d: days, h: hours });
  if (hours) return say("span_hours", { h: hours, m: rest });
  return say("span_minutes", { m: rest });
}
