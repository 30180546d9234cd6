/* One camera: as a card among others, and by itself with everything that is known of it. */

import { h, say, ask, twice } from "./dom.js";
import { history } from "./history.js";
import { play } from "./live.js";
import { of, t } from "./words.js";

const sum = (counts) => Object.values(counts).reduce((all, count) => all + count, 0);

/* The picture, playing for as long as it is in sight. */
export function picture(camera) {
  const video = h("video", { muted: true, autoplay: true, playsinline: true, "aria-label": t("picture", { name: camera.name }) });
  const box = h("div", { class: "picture" }, video, h("p", { class: "waiting" }, t("first")));
  video.addEventListener("loadeddata", () => box.classList.add("playing"));
  video.addEventListener("emptied", () => box.classList.remove("playing"));
  let playing = null;
  const stop = () => { playing?.abort(); playing = null; };
  const seen = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return stop();
    if (playing) return undefined;
    playing = new AbortController();
    return play(video, camera, playing.signal);
  }, { rootMargin: "100px" });
  seen.observe(box);
  return { box, video, close: () => { seen.disconnect(); stop(); } };
}

export function mood(camera) {
  if (camera.covered_by_operator && camera.sentence.level !== "bad") return "covered";
  return { good: "live", wait: "waiting", bad: "trouble" }[camera.sentence.level];
}

export async function cover(name, covered, tell) {
  try {
    const path = name === null ? "/api/cover" : `/api/cameras/${encodeURIComponent(name)}/cover`;
    const { kept } = await ask(path, { covered });
    if (covered && !kept) tell(t("notKept"));
  } catch (error) {
    tell(t("refused", { why: error.message }));
  }
}

/* Covers with one tap; uncovers with two. */
export function panic(tell) {
  const button = h("button", { type: "button", class: "panic" });
  let state = { covered: false, name: null };
  const undo = h("button", { type: "button", class: "panic undo", hidden: true });
  button.addEventListener("click", () => cover(state.name, true, tell));
  twice(undo, () => t("sure"), () => cover(state.name, false, tell));
  return {
    buttons: [button, undo],
    draw(name, covered, may) {
      state = { name, covered };
      say(button, t(name === null ? "coverAll" : "cover"));
      if (!undo.classList.contains("asking")) say(undo, t(name === null ? "uncoverAll" : "uncover"));
      const moved = document.activeElement === button && covered ? undo : document.activeElement === undo && !covered ? button : null;
      button.hidden = covered || !may;
      undo.hidden = !covered || !may;
      moved?.focus();
    },
  };
}

export function card(camera) {
  const shown = picture(camera);
  const pill = h("span", { class: "pill" });
  const people = h("span", { class: "count" });
  const words = h("p", { class: "sentence" });
  const link = h("a", { href: `#/camera/${encodeURIComponent(camera.name)}` }, camera.name);
  shown.box.append(h("p", { class: "over" }, pill, people));
  const element = h("article", { class: "card" }, shown.box, h("div", { class: "below" }, h("h2", {}, link), words));
  return {
    element,
    close: shown.close,
    draw(now) {
      element.dataset.mood = mood(now);
      say(pill, t(mood(now)));
      say(people, t("people", { n: now.people }));
      say(words, of(now.sentence.text));
    },
  };
}

export function view(camera, { tell, role, changes }) {
  const shown = picture(camera);
  const pill = h("span", { class: "pill" });
  const words = h("p", { class: "sentence", role: "status", "aria-live": "polite" });
  const advice = h("p", { class: "advice" });
  const detail = h("p", { class: "detail" });
  const more = h("details", {}, h("summary", {}, t("detail")), detail);
  const facts = new Map(["hidden", "how", "rate", "latency", "cpu", "whole", "dropped", "size"].map((name) => [name, h("dd", {})]));
  const links = h("ul", { class: "links" });
  const proof = h("p", { class: "detail quiet" });
  const aim = h("div", { class: "aim", hidden: true });
  const past = history(camera.name);
  const button = panic(tell);
  const settings = h("a", { class: "button", href: `#/camera/${encodeURIComponent(camera.name)}/settings`, hidden: true }, t("settings"));
  shown.box.append(h("p", { class: "over" }, pill));
  const element = h("section", { class: "view" },
    h("div", { class: "head" }, h("a", { class: "back", href: "#/" }, `← ${t("back")}`), h("h1", { tabindex: "-1" }, camera.name)),
    h("div", { class: "stage" }, shown.box, aim),
    past.element,
    h("div", { class: "beside" }, words, advice, more, h("div", { class: "row" }, button.buttons, settings),
      h("h2", {}, t("now")), h("dl", {}, [...facts].map(([name, value]) => h("div", {}, h("dt", {}, t(name)), value))),
      h("h2", {}, t("where")), links, proof));
  const write = (name, text) => say(facts.get(name), text);
  return {
    element,
    close() { shown.close(); past.close(); },
    draw(now) {
      element.dataset.mood = mood(now);
      say(pill, t(mood(now)));
      say(words, of(now.sentence.text));
      say(advice, of(now.sentence.advice));
      say(detail, now.sentence.detail);
      more.hidden = !now.sentence.detail;
      settings.hidden = !changes();
      button.draw(now.name, now.covered_by_operator, role() !== "viewer");
      write("hidden", String(now.people));
      write("rate", now.frame_rate.toFixed(1));
      write("latency", now.latency_p50_ms ? `${Math.round(now.latency_p50_ms)} ms` : "–");
      write("cpu", now.cpu.toFixed(2));
      const why = Object.entries(now.covered_lately).map(([reason, count]) => `${t(`why.${reason}`)} ${count}`).join(", ");
      write("whole", sum(now.covered_lately) ? why : t("nothing"));
      write("dropped", String(now.dropped_lately));
      write("size", now.encoder ? `${now.width}×${now.height}` : "–");
      write("how", t(`method.${now.method}`) + (now.reversible ? ` – ${t("reversible")}` : ""));
      drawLinks(links, now);
      say(proof, signed(now.proof));
      drawAim(aim, now.aim);
    },
  };
}

/* Whether what leaves is signed, with which key, and how far that went; or what to do so that it is. */
function signed({ key, sequence }) {
  if (!key) return t("proof.how");
  return sequence === null ? t("proof.soon", { key }) : t("proof.last", { key, n: sequence });
}

function drawAim(box, found) {
  const text = found.map(of).join("\n");
  if (box.dataset.shown === text) return;
  box.dataset.shown = text;
  box.hidden = !found.length;
  box.replaceChildren(h("h2", {}, t("aim")), ...found.map((words) => h("p", {}, of(words))));
}

function drawLinks(list, now) {
  const process = { name: t("process"), state: now.process };
  const rows = [{ ...now.source, name: t("source") }, process, ...Object.values(now.sinks)].map(({ name, state, detail, proof }) =>
    [name, state, [t(`state.${state}`), detail && state !== "running" ? detail : "", proof ? t(`proof.${proof}`) : ""].filter(Boolean).join(" – ")]);
  const text = JSON.stringify(rows);
  if (list.dataset.shown === text) return;
  list.dataset.shown = text;
  list.replaceChildren(...rows.map(([name, state, told]) =>
    h("li", { "data-state": state }, h("span", { class: "dot", "aria-hidden": "true" }), h("b", {}, name), h("span", {}, told))));
}
