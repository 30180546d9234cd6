/* What is around the views of a page: asking each second, the language, the theme, and which view the address names. */

import { ask, say } from "./dom.js";
import { language, speak, t } from "./words.js";

const main = document.getElementById("main");
const summary = document.getElementById("summary");
const EVERY_MS = 1000;
const NOTE_MS = 8000;

/* What was answered last. */
export let told = null;

let note = "";
let shown = { draw() {}, close() {} };
let pages = { route: () => shown, sum: () => ({ parts: [], troubled: false }) };

export function tell(text) {
  note = text;
  draw();
  setTimeout(() => { if (note === text) { note = ""; draw(); } }, NOTE_MS);
}

export async function refresh() {
  try {
    told = await ask("/api/cameras");
    draw();
  } catch {
    say(summary, t("silent"));
    summary.classList.add("bad");
  }
}

/* Begin with views: `route` makes the one that a place in the address names, with what was typed into the one before it (its
   `draft`) where only the language changed; `sum` draws the bar and says what stands in it. */
export async function begin(views) {
  pages = views;
  paint(localStorage.getItem("theme"));
  words();
  say(summary, t("connecting"));
  go({ focus: false });
  for (;;) {
    await refresh();
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
}

function draw() {
  if (!told) return;
  const { parts, troubled } = pages.sum(told.cameras);
  say(summary, note || parts.join(" · "));
  summary.classList.toggle("bad", Boolean(note || troubled));
  shown.draw(told.cameras);
}

function go({ focus, draft }) {
  shown.close();
  shown = pages.route(location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent), draft);
  main.replaceChildren(shown.element);
  draw();
  if (focus) (main.querySelector("h1") ?? main).focus({ preventScroll: true });
  scrollTo(0, 0);
}

function words() {
  say(document.querySelector("[data-word=skip]"), t("skip"));
  const other = document.getElementById("language");
  say(other, t("other"));
  other.setAttribute("aria-label", t("otherTitle"));
  other.lang = language === "en" ? "zh-CN" : "en";
  say(document.getElementById("theme"), t(isDark() ? "light" : "dark"));
}

const isDark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

function paint(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
}

document.getElementById("language").addEventListener("click", () => {
  const draft = shown.draft?.();
  speak(language === "en" ? "zh" : "en");
  words();
  go({ focus: false, draft });
});
document.getElementById("theme").addEventListener("click", () => {
  paint(isDark() ? "light" : "dark");
  localStorage.setItem("theme", document.documentElement.dataset.theme);
  words();
});
addEventListener("hashchange", () => go({ focus: true }));
