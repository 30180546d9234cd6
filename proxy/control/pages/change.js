/* One camera's settings: how people are hidden, zones, where it goes. Tried out before they are saved. */

import { ask, h, say, twice } from "./dom.js";
import { trial } from "./trial.js";
import { t } from "./words.js";
import { layer } from "./zones.js";

const field = (key, input) => h("label", {}, h("span", {}, t(key)), input);

export function change(name, { tell, draft }) {
  const element = h("section", { class: "view" });
  const told = h("p", { class: "told", role: "alert" });
  let shown = null;
  let fitting = null;
  let unsaved = () => undefined;

  async function guarded(act) {
    say(told, "");
    try {
      await act();
    } catch (error) {
      say(told, error.message);
    }
  }

  function build(settings, begun) {
    const camera = settings.cameras[name];
    if (!camera) { element.replaceChildren(h("p", { class: "empty" }, t("gone"), " ", h("a", { href: "#/" }, t("back")))); return; }
    const privacy = { ...camera.privacy, ...begun?.privacy };
    let dirty = Boolean(begun);
    const method = h("fieldset", {}, h("legend", {}, t("method")), settings.methods.map((one) => h("label", { class: "choice" },
      h("input", { type: "radio", name: "method", value: one.name, checked: one.name === privacy.method, onchange: () => tried() }),
      h("span", {}, h("b", {}, t(`method.${one.name}`)), h("small", {}, t(`method.${one.name}.what`)),
        one.reversible ? h("em", { class: "weak" }, t("reversible")) : null))));
    const strengths = strengthEditor(settings.methods, privacy, camera.privacy, () => tried());
    const chosen = () => method.querySelector(":checked").value;
    strengths.draw(chosen());
    method.append(...strengths.rows);
    const accuracy = h("select", { name: "accuracy", onchange: () => tried() }, settings.accuracies.map((one) =>
      h("option", { value: one, selected: one === privacy.accuracy }, t(`accuracy.${one}`))));
    const targets = h("fieldset", { class: "flat" }, h("legend", {}, t("targets")), settings.targets.map((one) => h("label", { class: "choice" },
      h("input", { type: "checkbox", name: "target", value: one, checked: privacy.targets.includes(one), onchange: () => tried() }),
      h("span", {}, t(`target.${one}`)))));
    const zones = zoneEditor(() => { dirty = true; later(); });
    shown = trial(zones.drawn.svg);
    const save = h("button", { type: "button", class: "main", onclick: () => guarded(stored) }, t("save"));
    const undo = h("button", { type: "button", disabled: !settings.undo }, t("undo"));
    twice(undo, () => t("undoSure"), () => guarded(async () => { await ask("/api/undo", {}); tell(t("undone")); await begin(); }));
    const remove = h("button", { type: "button", class: "danger" }, t("remove"));
    twice(remove, () => t("removeSure"), () => guarded(async () => {
      await shown.end();
      await ask(`/api/cameras/${encodeURIComponent(name)}`, {}, "DELETE");
      tell(t("removed"));
      location.hash = "#/";
    }));
    const sinks = sinkEditor(camera.sinks, begun?.sinks, () => { dirty = true; });

    const asked = () => ({
      method: chosen(),
      ...strengths.asked(chosen()),
      accuracy: accuracy.value,
      targets: [...targets.querySelectorAll(":checked")].map((box) => box.value),
      zones: zones.drawn.zones,
    });
    unsaved = () => (dirty ? { privacy: asked(), sinks: sinks.draft() } : undefined);
    const tried = () => {
      dirty = true;
      strengths.draw(chosen());
      later();
    };
    let waiting = null;
    const later = () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => { if (!zones.drawn.drawing) guarded(() => shown.show({ camera: name, privacy: asked() })); }, 600);
    };
    async function stored() {
      zones.drawn.finish();
      await shown.end();
      await ask(`/api/cameras/${encodeURIComponent(name)}`, { privacy: asked(), ...(sinks.changed ? { sinks: sinks.asked() } : {}) }, "PUT");
      dirty = false;
      tell(t("saved"));
      location.hash = `#/camera/${encodeURIComponent(name)}`;
    }

    zones.drawn.load(privacy.zones);
    zones.list();
    element.replaceChildren(
      h("div", { class: "head" }, h("a", { class: "back", href: `#/camera/${encodeURIComponent(name)}` }, `← ${name}`),
        h("h1", { tabindex: "-1" }, t("settings"))),
      h("div", { class: "stage" }, shown.element, h("p", { class: "quiet" }, t("tryNote"))),
      h("div", { class: "beside" }, h("form", { class: "panel", onsubmit: (event) => event.preventDefault() },
        method, field("accuracy", accuracy), targets, zones.element, sinks.element,
        h("p", { class: "quiet" }, camera.source), told,
        h("div", { class: "row" }, save), h("div", { class: "row" }, undo, remove))));
    guarded(() => shown.show({ camera: name, privacy: asked() }));
    clearInterval(fitting);
    fitting = setInterval(() => { const video = shown.place.querySelector("video"); if (video) zones.drawn.fit(video); }, 250);
    element.querySelector("h1").focus({ preventScroll: true });
  }

  const begin = async (begun) => build(await ask("/api/settings"), begun);
  guarded(() => begin(draft));
  element.append(told);
  return { element, draw() {}, close() { clearInterval(fitting); shown?.end(); }, draft: () => unsaved() };
}

/* How strongly the chosen method hides; a method of which nothing is left of people has nothing to choose. */
function strengthEditor(methods, privacy, saved, changed) {
  const made = methods.filter((one) => one.strength).map(({ name, reversible, strength }) => {
    const { setting, least, usual, most, more_hides_more: more } = strength;
    const input = h("input", { type: "range", name: setting, min: String(least), max: String(most), step: "1", value: String(privacy[setting]), onchange: changed });
    const told = h("b", {});
    const weak = h("small", { class: "weak", role: "status" });
    const words = () => {
      const value = Number(input.value);
      const weaker = more ? value < usual : value > usual;
      const text = t(`strength.${name}.value`, { n: value });
      input.setAttribute("aria-valuetext", text);
      say(told, text);
      say(weak, [reversible ? t("reversible") : "", weaker ? t("weakerThanUsual") : ""].filter(Boolean).join(" – "));
    };
    input.addEventListener("input", words);
    words();
    const label = h("label", {}, h("span", {}, t(`strength.${name}`), " ", told), input, h("small", {}, t(`strength.${name}.what`)));
    return { name, setting, input, row: h("div", { class: "strength" }, label, weak) };
  });
  return {
    rows: made.map(({ row }) => row),
    draw(chosen) { for (const { name, row } of made) row.hidden = name !== chosen; },
    /* Only what was changed, so that the settings file says no more than somebody chose. */
    asked: (chosen) => Object.fromEntries(made.filter(({ name, setting, input }) => name === chosen && Number(input.value) !== saved[setting])
      .map(({ setting, input }) => [setting, Number(input.value)])),
  };
}

function zoneEditor(changed) {
  const kinds = ["covered", "ignored", "consent"];
  const rows = h("ul", { class: "zonelist" });
  const more = h("div", { class: "zone-more", hidden: true });
  const hint = h("p", { class: "quiet", "aria-live": "polite" });
  const list = () => rows.replaceChildren(...drawn.zones.map((zone, number) => h("li", {}, h("button", { type: "button", class: `chip ${zone.kind}`,
    onclick: () => drawn.choose(number) }, zone.name || `${t(`zone.${zone.kind}`)} ${number + 1}`))));
  const drawn = layer({
    changed: () => { list(); changed(); },
    chosen: (_, zone) => { list(); edit(zone); },
  });

  function edit(zone) {
    more.hidden = !zone;
    say(hint, zone && drawn.drawing ? t("drawHint") : zone ? t("moveHint") : "");
    if (!zone) return;
    const text = (key, value, type = "text") => {
      const input = h("input", { type, autocomplete: "off" });
      input.value = value ?? "";
      input.addEventListener("change", () => drawn.write({ [key]: type === "datetime-local" ? toInstant(input.value) : input.value }));
      return input;
    };
    more.replaceChildren(...[
      field("zoneName", text("name", zone.name)),
      zone.kind === "consent" ? field("who", text("who", zone.who)) : null,
      zone.kind === "covered" ? null : field("until", text("until", fromInstant(zone.until), "datetime-local")),
      zone.kind === "covered" ? null : h("p", { class: "weak" }, t("shownThere")),
      h("div", { class: "row" }, drawn.drawing ? h("button", { type: "button", onclick: () => drawn.finish() }, t("finish")) : null,
        h("button", { type: "button", onclick: () => drawn.remove() }, t("removeZone"))),
    ].filter(Boolean));
  }

  const buttons = kinds.map((kind) => h("button", { type: "button", onclick: (event) => drawn.begin(kind, event.detail === 0) }, t(`draw.${kind}`)));
  return { drawn, list, element: h("fieldset", {}, h("legend", {}, t("zones")), h("div", { class: "row" }, buttons), hint, rows, more) };
}

const toInstant = (text) => (text ? new Date(text).toISOString() : null);
const fromInstant = (text) => {
  if (!text) return "";
  const when = new Date(text);
  return new Date(when - when.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
};

function sinkEditor(sinks, begun, changed) {
  const state = { changed: begun?.changed ?? false };
  let kept = begun?.kept ?? sinks.map((shown, number) => ({ keep: number, shown }));
  const url = h("input", { type: "text", inputmode: "url", autocomplete: "off", placeholder: "rtmp://live.example.org/app" });
  const key = h("input", { type: "password", autocomplete: "new-password" });
  const rows = h("ul", { class: "links" });
  const touch = () => { state.changed = true; changed(); list(); };
  const list = () => rows.replaceChildren(...kept.map((sink, number) => h("li", {}, h("b", {}, sink.shown),
    h("button", { type: "button", class: "quiet", "aria-label": `${t("drop")} ${sink.shown}`,
      onclick: () => { kept = kept.filter((_, other) => other !== number); touch(); } }, t("drop")))));
  list();
  for (const input of [url, key]) input.addEventListener("change", touch);
  state.element = h("fieldset", {}, h("legend", {}, t("where")), rows, field("platform", url), field("key", key));
  [url.value, key.value] = [begun?.url ?? "", begun?.key ?? ""];
  state.draft = () => ({ kept, url: url.value, key: key.value, changed: state.changed || Boolean(url.value) });
  state.asked = () => [...kept.map(({ keep }) => ({ keep })), ...(url.value.trim() ? [{ url: url.value.trim(), key: key.value.trim() }] : [])];
  return state;
}
