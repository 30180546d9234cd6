/* The page of cameras: which view shows what the proxy says of them. */

import { h } from "./dom.js";
import { add } from "./add.js";
import { card, panic, view } from "./camera.js";
import { change } from "./change.js";
import { begin, refresh, tell, told } from "./shell.js";
import { t } from "./words.js";

const role = () => told?.role ?? "viewer";
const changes = () => Boolean(told?.changeable) && role() === "admin";

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

function route([place, name, part], draft) {
  if (place === "add") return add({ tell, draft });
  if (place === "camera" && name && part === "settings") return change(name, { tell, draft });
  return place === "camera" && name ? one(name) : grid();
}

function sum(cameras) {
  const people = cameras.reduce((all, camera) => all + camera.people, 0);
  const troubled = cameras.filter((camera) => camera.sentence.level === "bad").length;
  const parts = [cameras.length === 1 ? t("camera1") : t("cameras", { n: cameras.length })];
  parts.push(troubled ? t("troubled", { n: troubled }) : t("people", { n: people }));
  const all = told.everything_covered || (cameras.length > 0 && cameras.every((camera) => camera.covered_by_operator));
  everything.draw(null, all, role() !== "viewer");
  return { parts, troubled };
}

for (const button of everything.buttons) button.addEventListener("click", () => setTimeout(refresh, 150));
document.getElementById("main").addEventListener("click", (event) => { if (event.target.closest(".panic")) setTimeout(refresh, 150); });
begin({ route, sum });
