/* The shell: what is asked of the proxy each second, and which view shows it. */

import { h, say, ask } from "./dom.js";
import { add } from "./add.js";
import { card, panic, view } from "./camera.js";
import { change } from "./change.js";
import { language, speak, t } from "./words.js";

const main = document.getElementById("main");
const summary = document.getElementById("summary");
const EVERY_MS = 1000;

let told = null;
let shown = { draw() {}, close() {} };
let note = "";

const role = () => told?.role ?? "viewer";
const changes = () => Boolean(told?.changeable) && role() === "admin";

function tell(text) {
  note = text;
  draw();
  setTimeout(() => { if (note === text) note = ""; }, 8000);
}

const everything = panic(tell);
document.getElementById("panic").replaceWith(...everything.buttons);

function grid() {
  const cards = new Map();
  const list = h("div", { class: "grid" });
  const empty = h("p", { class: "empty", hidden: true }, t("none"));
  const more = h("p", { class: "more", hidden: true }, h("a", { class: "button", href: "#/add" }, t("add")));
  const element = h("section", {}, h("h1", { class: "unseen" }, t("title")), list, empty, more);
  return {
    element,
    draw(cameras) {
      for (const camera of cameras) {
        if (!cards.has(camera.name)) {
          cards.set(camera.name, card(camera));
          list.append(cards.get(camera.name).element);
        }
        cards.get(camera.name).draw(camera);
      }
      for (const [name, old] of cards) {
        if (cameras.some((camera) => camera.name === name)) continue;
        old.close();
        old.element.remove();
        cards.delete(name);
      }
      list.dataset.count = Math.min(cameras.length, 3);
      empty.hidden = cameras.length > 0;
      more.hidden = !changes();
    },
    close: () => cards.forEach((each) => each.close()),
  };
}

function one(name) {
  let inner = null;
  const element = h("div", {});
  return {
    element,
    draw(cameras) {
      const camera = cameras.find((each) => each.name === name);
      if (camera && !inner) {
        inner = view(camera, { tell, role, changes });
        element.replaceChildren(inner.element);
      }
      if (camera) inner.draw(camera);
      else if (!inner) element.replaceChildren(h("p", { class: "empty" }, t("gone"), " ", h("a", { href: "#/" }, t("back"))));
    },
    close: () => inner?.close(),
  };
}

function route() {
  const [place, name, part] = location.hash.replace(/^#\/?/, "").split("/");
  if (place === "add") return add({ tell });
  if (place === "camera" && name && part === "settings") return change(decodeURIComponent(name), { tell });
  return place === "camera" && name ? one(decodeURIComponent(name)) : grid();
}

function go({ focus }) {
  shown.close();
  shown = route();
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
  const dark = isDark();
  say(document.getElementById("theme"), t(dark ? "light" : "dark"));
}

const isDark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

function paint(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

function draw() {
  if (!told) return;
  const { cameras } = told;
  const people = cameras.reduce((all, camera) => all + camera.people, 0);
  const troubled = cameras.filter((camera) => camera.sentence.level === "bad").length;
  const parts = [cameras.length === 1 ? t("camera1") : t("cameras", { n: cameras.length })];
  parts.push(troubled ? t("troubled", { n: troubled }) : t("people", { n: people }));
  say(summary, note || parts.join(" · "));
  summary.classList.toggle("bad", Boolean(note || troubled));
  const all = told.everything_covered || (cameras.length > 0 && cameras.every((camera) => camera.covered_by_operator));
  everything.draw(null, all, role() !== "viewer");
  shown.draw(cameras);
}

async function refresh() {
  try {
    told = await ask("/api/cameras");
    draw();
  } catch {
    say(summary, t("silent"));
    summary.classList.add("bad");
  }
}

async function keep() {
  for (;;) {
    await refresh();
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
}

document.getElementById("language").addEventListener("click", () => {
  speak(language === "en" ? "zh" : "en");
  words();
  go({ focus: false });
});
document.getElementById("theme").addEventListener("click", () => {
  paint(isDark() ? "light" : "dark");
  localStorage.setItem("theme", document.documentElement.dataset.theme);
  words();
});
addEventListener("hashchange", () => go({ focus: true }));
for (const button of everything.buttons) button.addEventListener("click", () => setTimeout(refresh, 150));
main.addEventListener("click", (event) => { if (event.target.closest(".panic")) setTimeout(refresh, 150); });

paint(localStorage.getItem("theme"));
words();
say(summary, t("connecting"));
go({ focus: false });
keep();
