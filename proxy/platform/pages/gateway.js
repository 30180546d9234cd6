/* The gateway's page: its cameras by publisher, what was found, and switches that cover or cut. */

import { ask, h, say, twice } from "./dom.js";
import { play } from "./live.js";
import { begin, refresh, tell, told } from "./shell.js";
import { language, of, t } from "./words.js";
import "./gateway_words.js";

const may = (role) => ["viewer", "operator", "admin"].indexOf(told?.role) >= ["viewer", "operator", "admin"].indexOf(role);
const when = (ms) => new Date(ms).toLocaleString(language === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "medium" });
const place = (camera) => `#/camera/${encodeURIComponent(camera)}`;
const own = (scope, target) => told.switches.find((one) => one.scope === scope && one.target === target)?.action ?? null;

async function change(method, path, body) {
  try {
    await ask(path, body, method);
  } catch (error) {
    tell(t("refused", { why: error.message }));
  }
  await refresh();
}

/* Covers with one tap; cuts, and lifts either, with two. */
function switches(scope, target, name, words = { cover: "doCover", cut: "doCut" }, element = h("div", { class: "switches" })) {
  const path = `/api/switches/${scope}/${encodeURIComponent(target || "all")}`;
  const cover = h("button", { type: "button", class: "panic", onclick: () => change("PUT", path, { action: "cover" }) });
  const cut = h("button", { type: "button", class: "cut" });
  const lift = h("button", { type: "button", class: "panic undo", hidden: true });
  twice(cut, () => t("sureCut"), () => change("PUT", path, { action: "cut" }));
  twice(lift, () => t("sureLift"), () => change("DELETE", path));
  element.append(cover, lift, cut);
  const write = (button, word, label) => {
    if (!button.classList.contains("asking")) say(button, t(word));
    button.setAttribute("aria-label", `${button.textContent}: ${label}`);
  };
  return {
    element,
    draw() {
      const action = own(scope, target);
      const held = document.activeElement;
      write(cover, words.cover, name());
      write(cut, words.cut, name());
      write(lift, action === "cut" ? "liftCut" : "liftCover", name());
      cover.hidden = action !== null || !may("operator");
      cut.hidden = action === "cut" || !may("operator");
      lift.hidden = action === null || !may("operator");
      if (held?.hidden && element.contains(held)) (lift.hidden ? cover : lift).focus();
    },
  };
}

function mood(camera) {
  if (camera.action === "cut") return "cut";
  if (camera.sentence.level === "bad") return "trouble";
  if (camera.action === "cover") return "covered";
  if (!camera.stream) return "absent";
  return camera.sentence.level === "good" ? "live" : "waiting";
}

/* Whether people are counted here: what is sent on as it was proven is not looked at. */
const isCounted = ({ stream, status }) => Boolean(status) && stream?.admission === "anonymise";

function proof({ proof: counts, stream, distrusted }) {
  if (distrusted) return t("proofDistrusted");
  if (stream?.admission !== "verify") return t("proofNone");
  if (!counts) return t("proofLater");
  const wrong = counts.wrong && counts.proven < counts.judged ? ` – ${t("proofWrong", counts)}` : "";
  return t("proofCounts", counts) + wrong;
}

function line(camera) {
  const state = h("span", { class: "state" });
  const words = h("p", { class: "sentence" });
  const facts = h("p", { class: "told-of" });
  const buttons = switches("camera", camera.name, () => camera.name);
  const element = h("li", {}, state, h("div", {}, h("h3", {}, h("a", { href: place(camera.name) }, camera.name)), words, facts), buttons.element);
  return {
    element,
    draw(now) {
      element.dataset.mood = mood(now);
      say(state, t(mood(now)));
      say(words, of(now.sentence.text));
      const parts = now.stream ? [t(`admission.${now.stream.admission}`)] : [];
      if (now.stream?.admission === "verify" || now.distrusted) parts.push(proof(now));
      if (isCounted(now)) parts.push(t("people", { n: now.status.people }));
      if (now.stream && now.status) parts.push(`${now.status.frame_rate.toFixed(1)} fps`);
      if (now.action && !now.own) parts.push(t("byOther"));
      say(facts, parts.join(" · "));
      buttons.draw();
    },
  };
}

function tenant(name) {
  const lines = new Map();
  const words = h("p", {});
  const buttons = switches("publisher", name, () => name, { cover: "coverTenant", cut: "cutTenant" });
  const list = h("ul", { class: "streams" });
  const absent = h("ul", { class: "streams" });
  const count = h("summary", {});
  const more = h("details", { hidden: true }, count, absent);
  const element = h("section", { class: "tenant", "aria-label": name }, h("header", {}, h("h2", {}, name), words, buttons.element), list, more);
  return {
    element,
    draw(cameras) {
      say(words, t(`admission.${cameras[0].admission}`));
      let missing = 0;
      for (const camera of cameras) {
        if (!lines.has(camera.name)) lines.set(camera.name, line(camera));
        const { element: row, draw: redraw } = lines.get(camera.name);
        redraw(camera);
        const home = camera.stream || camera.own || cameras.length < 4 ? list : absent;
        missing += home === absent;
        if (row.parentNode !== home) home.append(row);
      }
      for (const [old, { element: row }] of lines) {
        if (!cameras.some((camera) => camera.name === old)) { row.remove(); lines.delete(old); }
      }
      say(count, t("absentOnes", { n: missing }));
      more.hidden = !missing;
      buttons.draw();
    },
  };
}

/* What was found, the newest first; of one camera where one is named. */
function findings(camera = null) {
  const list = h("ol", { class: "findings" });
  const empty = h("p", { class: "empty" }, t("noFindings"));
  const element = h("section", { class: "sheet" }, h("h2", {}, t("findings")), empty, list);
  let drawn = "";
  return {
    element,
    draw() {
      const found = told.findings.filter((one) => camera === null || one.camera === camera);
      const key = found.map((one) => one.seq).join();
      empty.hidden = found.length > 0;
      if (key === drawn) return;
      drawn = key;
      list.replaceChildren(...found.map(({ at_ms: at, kind, camera: name, detail }) =>
        h("li", {}, h("time", { datetime: new Date(at).toISOString() }, when(at)), h("a", { href: place(name) }, name),
          h("div", {}, h("p", { class: kind === "failed" ? "" : "grave" }, t(`kind.${kind}`, detail)), h("p", { class: "done" }, t(`kind.${kind}.done`))))));
    },
  };
}

function all() {
  const tenants = new Map();
  const list = h("div", {});
  const empty = h("p", { class: "empty", hidden: true }, t("none"));
  const found = findings();
  const element = h("div", {}, h("h1", { class: "unseen" }, t("title")), list, empty, found.element);
  return {
    element,
    close() {},
    draw(cameras) {
      const groups = Map.groupBy ? Map.groupBy(cameras, (one) => one.publisher) : grouped(cameras);
      for (const [name, mine] of groups) {
        if (!tenants.has(name)) {
          tenants.set(name, tenant(name));
          list.append(tenants.get(name).element);
        }
        tenants.get(name).draw(mine);
      }
      for (const [name, old] of tenants) if (!groups.has(name)) { old.element.remove(); tenants.delete(name); }
      empty.hidden = cameras.length > 0;
      found.draw();
    },
  };
}

function grouped(cameras) {
  const groups = new Map();
  for (const camera of cameras) groups.set(camera.publisher, [...(groups.get(camera.publisher) ?? []), camera]);
  return groups;
}

/* What leaves the gateway of a camera. */
function picture(name) {
  const video = h("video", { muted: true, autoplay: true, playsinline: true, "aria-label": t("picture", { name }) });
  const words = h("p", { class: "waiting" });
  const box = h("div", { class: "picture" }, video, words);
  video.addEventListener("loadeddata", () => box.classList.add("playing"));
  video.addEventListener("emptied", () => box.classList.remove("playing"));
  let playing = null;
  const stop = () => { playing?.abort(); playing = null; };
  return {
    box,
    close: stop,
    draw(now) {
      const seen = now.watched && now.action !== "cut";
      say(words, t(seen ? "first" : "noPictureNow"));
      if (!seen) return stop();
      if (playing) return undefined;
      playing = new AbortController();
      return play(video, { name, whep: true }, playing.signal);
    },
  };
}

function one(name) {
  const view = picture(name);
  const state = h("span", { class: "state" });
  const words = h("p", { class: "sentence", role: "status", "aria-live": "polite" });
  const advice = h("p", { class: "advice" });
  const detail = h("p", { class: "detail" });
  const more = h("details", {}, h("summary", {}, t("detail")), detail);
  const buttons = switches("camera", name, () => name);
  const trust = h("button", { type: "button", hidden: true }, t("trust"));
  twice(trust, () => t("sureTrust"), () => change("DELETE", `/api/distrusted/${encodeURIComponent(name)}`));
  const facts = new Map(["publisher", "admission", "way", "since", "proof", "hidden", "rate", "latency", "sent", "whole", "size"].map((one) => [one, h("dd", {})]));
  const found = findings(name);
  const beside = h("div", { class: "beside" }, state, words, advice, more, buttons.element, h("div", { class: "row" }, trust),
    h("h2", {}, t("now")), h("dl", {}, [...facts].map(([one, value]) => h("div", {}, h("dt", {}, t(one)), value))));
  const filled = [h("div", { class: "head" }, h("a", { class: "back", href: "#/" }, `← ${t("back")}`), h("h1", { tabindex: "-1" }, name)),
    h("div", { class: "stage" }, view.box), found.element, beside];
  const element = h("section", { class: "view" }, filled);
  const write = (key, text) => say(facts.get(key), text);
  return {
    element,
    close: view.close,
    draw(cameras) {
      const now = cameras.find((each) => each.name === name);
      if (!now) {
        view.close();
        return element.replaceChildren(h("p", { class: "empty" }, t("gone"), " ", h("a", { href: "#/" }, t("back"))));
      }
      beside.dataset.mood = mood(now);
      say(state, t(mood(now)));
      say(words, of(now.sentence.text));
      say(advice, of(now.sentence.advice) || (now.action && !now.own ? t("byOther") : ""));
      say(detail, now.sentence.detail);
      more.hidden = !now.sentence.detail;
      trust.hidden = !now.distrusted || !may("admin");
      write("publisher", now.publisher);
      write("admission", t(`admission.${now.stream?.admission ?? now.admission}`));
      write("way", now.stream ? t(`way.${now.stream.way}`) : "–");
      write("since", now.stream ? when(now.stream.since_ms) : "–");
      write("proof", proof(now));
      const status = now.status ?? {};
      write("hidden", isCounted(now) ? String(status.people) : "–");
      write("rate", status.frame_rate?.toFixed(1) ?? "–");
      write("latency", status.latency_p50_ms ? `${Math.round(status.latency_p50_ms)} ms` : "–");
      write("sent", status.frames_sent === undefined ? "–" : status.frames_sent.toLocaleString(language));
      write("whole", Object.entries(status.covered_lately ?? {}).map(([why, count]) => `${t(`why.${why}`)} ${count}`).join(", ") || t("nothing"));
      write("size", status.width ? `${status.width}×${status.height}` : "–");
      buttons.draw();
      found.draw();
      return view.draw(now);
    },
  };
}

const everything = switches("all", "", () => t("everything"), { cover: "coverAll", cut: "cutAll" }, document.getElementById("everything"));

const route = ([where, name]) => (where === "camera" && name ? one(name) : all());

function sum(cameras) {
  const sending = cameras.filter((camera) => camera.stream && camera.action !== "cut").length;
  const troubled = cameras.filter((camera) => mood(camera) === "trouble").length;
  everything.draw();
  return { parts: [t("sending", { n: sending, all: cameras.length }), ...(troubled ? [t("troubled", { n: troubled })] : [])], troubled };
}

begin({ route, sum });
