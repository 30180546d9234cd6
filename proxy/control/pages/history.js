/* A day or a week of one camera: people, whole covers, outages, as plots and in a sentence. */

import { ask, h, say } from "./dom.js";
import { language, t } from "./words.js";

const WIDTH = 600;
const HEIGHT = 90;
const EVERY_MS = 60000;

const clock = (seconds, span) => new Date(seconds * 1000).toLocaleString(language === "zh" ? "zh-CN" : "en-GB",
  span === "day" ? { hour: "2-digit", minute: "2-digit" } : { weekday: "short", day: "numeric" });
const percent = (share) => `${(100 * share).toFixed(Math.min(share, 1 - share) < 0.1 && share > 0 && share < 1 ? 2 : 1)} %`;

/* Bars over time; a missing point is a gap, not a zero. */
function plot(title, told, { since, until, step_s: step, points }, value, most, kind) {
  const x = (at) => (WIDTH * (at - since)) / (until - since);
  const width = Math.max(1, (WIDTH * step) / (until - since) - 0.6);
  const top = Math.max(most, ...points.map(value));
  const bars = points.filter((point) => value(point) > 0).map((point) => {
    const high = Math.max(1.5, (HEIGHT * value(point)) / top);
    return h("rect", { x: x(point.at), y: HEIGHT - high, width, height: high });
  });
  const known = points.map((point) => h("rect", { class: "known", x: x(point.at), y: HEIGHT - 1, width, height: 1 }));
  return h("figure", { class: `plot ${kind}` }, h("figcaption", {}, h("b", {}, title), h("span", {}, told)),
    h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": `${title}: ${told}` }, known, bars));
}

export function history(name) {
  const body = h("div", { class: "plots" });
  const words = h("p", { class: "quiet" });
  let span = "day";
  const tabs = ["day", "week"].map((one) => h("button", { type: "button", class: "chip", "aria-pressed": String(one === span),
    onclick: () => { span = one; tabs.forEach((tab, number) => tab.setAttribute("aria-pressed", String(["day", "week"][number] === span))); draw(); } }, t(one)));
  const element = h("section", { class: "history", "aria-label": t("history") },
    h("div", { class: "row" }, h("h2", {}, t("history")), tabs), words, body);

  async function draw() {
    const asked = span;
    const told = await ask(`/api/cameras/${encodeURIComponent(name)}/history?span=${asked}`).catch(() => null);
    if (!told || asked !== span) { if (!told) say(words, t("noHistory")); return; }
    const all = (key) => told.points.reduce((sum, point) => sum + point[key], 0);
    const sent = all("sent");
    const minutes = all("minutes");
    if (!minutes) { say(words, t("historyLater")); body.replaceChildren(); return; }
    const up = Math.max(0, 1 - all("away_s") / (60 * minutes));
    const people = Math.max(...told.points.map((point) => point.people));
    const whole = sent ? all("whole") / sent : 0;
    const why = Object.entries(told.covered).map(([reason, count]) => `${t(`why.${reason}`)} ${count}`).join(", ") || t("nothing");
    say(words, t("historyWords", { up: percent(up), whole: percent(whole), people }));
    const ends = h("p", { class: "ends", "aria-hidden": "true" }, h("span", {}, clock(told.since, span)), h("span", {}, clock(told.until, span)));
    body.replaceChildren(
      plot(t("mostPeople"), String(people), told, (point) => point.people, 5, "people"),
      plot(t("looked"), percent(1 - whole), told, (point) => (point.sent ? 1 - point.whole / point.sent : 0), 1, "looked"),
      plot(t("wholeCovers"), why, told, (point) => (point.sent ? point.whole / point.sent : 0), 0.05, "whole"),
      plot(t("outages"), percent(1 - up), told, (point) => point.away_s / (60 * point.minutes), 1, "away"), ends);
  }
  draw();
  const timer = setInterval(draw, EVERY_MS);
  return { element, close: () => clearInterval(timer) };
}
