/* A camera as it would be: its anonymised picture, for as long as this is looked at. */

import { ask, h, say } from "./dom.js";
import { picture } from "./camera.js";
import { of, t } from "./words.js";

const EVERY_MS = 2000;

/* `layer` is laid over the picture, for what is drawn on it. */
export function trial(layer = null) {
  const words = h("p", { class: "sentence", role: "status" });
  const place = h("div", { class: "tried" }, h("div", { class: "picture" }, h("p", { class: "waiting" }, t("tryHint"))));
  const element = h("div", {}, place, words);
  let now = null;

  async function end() {
    const old = now;
    now = null;
    if (!old) return;
    old.shown?.close();
    clearInterval(old.timer);
    await ask(`/api/trials/${old.name}`, {}, "DELETE").catch(() => {});
  }

  async function show(asked) {
    await end();
    say(words, t("trying"));
    const { trial: name } = await ask("/api/trials", asked);
    const mine = { name, shown: null, timer: null };
    now = mine;
    const look = async () => {
      const camera = await ask(`/api/trials/${name}`).catch(() => null);
      if (now !== mine) return;
      if (!camera) { say(words, t("tryOver")); end(); return; }
      say(words, [of(camera.sentence.text), camera.sentence.level === "bad" ? of(camera.sentence.advice) : ""].filter(Boolean).join(" "));
      if (!mine.shown) {
        mine.shown = picture({ ...camera, name });
        mine.shown.box.append(h("p", { class: "over" }, h("span", { class: "pill" }, t("tried"))));
        if (layer) mine.shown.box.append(layer);
        place.replaceChildren(mine.shown.box);
      }
    };
    await look();
    mine.timer = setInterval(look, EVERY_MS);
  }
  return { element, place, show, end, get running() { return now !== null; } };
}
