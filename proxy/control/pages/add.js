/* Add a camera: found or typed, its picture at once, a platform and its key, done. */

import { ask, h, say } from "./dom.js";
import { trial } from "./trial.js";
import { t } from "./words.js";

const label = (key, input, hint) => h("label", {}, h("span", {}, t(key)), input, hint ? h("small", {}, hint) : null);
const text = (name, more = {}) => h("input", { name, type: "text", autocomplete: "off", spellcheck: "false", autocapitalize: "off", ...more });

export function add({ tell, draft }) {
  const found = h("div", { class: "found", "aria-live": "polite" });
  const search = h("button", { type: "button" }, t("find"));
  const address = text("address", { inputmode: "url", placeholder: "rtsp://192.168.1.20/stream", required: true });
  const user = text("user", { autocomplete: "off" });
  const password = text("password", { type: "password", autocomplete: "new-password" });
  const streams = h("select", { name: "profile" });
  const pick = h("div", { hidden: true }, label("stream", streams));
  const name = text("name", { required: true, pattern: "[a-z0-9][a-z0-9\\-]{0,62}", maxlength: "63" });
  const platform = text("platform", { inputmode: "url", placeholder: "rtmp://live.example.org/app" });
  const key = text("key", { type: "password", autocomplete: "new-password" });
  const look = h("button", { type: "button" }, t("look"));
  const save = h("button", { type: "submit", class: "main" }, t("save"));
  const shown = trial();
  const told = h("p", { class: "told", role: "alert" });
  const form = h("form", { class: "panel", autocomplete: "off" },
    h("h2", {}, t("whereCamera")),
    h("div", { class: "row" }, search), found,
    label("address", address, t("addressHint")),
    h("div", { class: "pair" }, label("user", user), label("password", password)), pick,
    h("div", { class: "row" }, look),
    h("h2", {}, t("whereTo")),
    label("platform", platform, t("platformHint")), label("key", key),
    label("name", name, t("nameHint")), told,
    h("div", { class: "row" }, save));
  const element = h("section", { class: "view" },
    h("div", { class: "head" }, h("a", { class: "back", href: "#/" }, `← ${t("back")}`), h("h1", { tabindex: "-1" }, t("add"))),
    h("div", { class: "stage" }, shown.element), h("div", { class: "beside" }, form));

  const overNetwork = () => address.value.includes("://") && !/^https?:\/\/[^/]+\/onvif/i.test(address.value);
  const onvif = () => ({ camera: address.value.trim(), user: user.value, password: password.value });
  const source = () => (overNetwork()
    ? { url: address.value.trim(), user: user.value, password: password.value }
    : { onvif: { ...onvif(), profile: streams.value } });

  const busy = async (button, act) => {
    button.disabled = true;
    say(told, "");
    try {
      await act();
    } catch (error) {
      say(told, error.message);
    }
    button.disabled = false;
  };

  search.addEventListener("click", () => busy(search, async () => {
    found.replaceChildren(h("p", { class: "quiet" }, t("finding")));
    const { cameras } = await ask("/api/discover").finally(() => found.replaceChildren());
    const rows = cameras.map((camera) => h("button", { type: "button", onclick: () => { address.value = camera.host; user.focus(); } },
      [camera.name, camera.model, camera.host].filter(Boolean).join(" · ")));
    found.replaceChildren(...(rows.length ? rows : [h("p", { class: "quiet" }, t("foundNone"))]));
  }));

  async function meet() {
    if (overNetwork()) { pick.hidden = true; return; }
    const camera = await ask("/api/meet", onvif());
    const before = streams.value;
    streams.replaceChildren(...camera.streams.map((stream) => h("option", { value: stream.token, selected: stream.best },
      [stream.codec, stream.size, stream.rate ? `${stream.rate}/s` : ""].filter(Boolean).join(" · "))));
    if ([...streams.options].some((option) => option.value === before)) streams.value = before;
    pick.hidden = false;
    if (!name.value) name.value = camera.name;
  }

  look.addEventListener("click", () => busy(look, async () => {
    if (!address.reportValidity()) return;
    await meet();
    await shown.show({ source: source() });
  }));
  streams.addEventListener("change", () => busy(look, () => shown.show({ source: source() })));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(save, async () => {
      if (!overNetwork() && pick.hidden) await meet();
      const sinks = platform.value.trim() ? [{ url: platform.value.trim(), key: key.value.trim() }] : [];
      await shown.end();
      await ask("/api/cameras", { name: name.value.trim(), source: source(), sinks });
      tell(t("saved"));
      location.hash = `#/camera/${encodeURIComponent(name.value.trim())}`;
    });
  });
  const typed = { address, user, password, name, platform, key };
  for (const [one, value] of Object.entries(draft ?? {})) typed[one].value = value;
  return {
    element,
    draw() {},
    close: () => shown.end(),
    draft: () => Object.fromEntries(Object.entries(typed).map(([one, input]) => [one, input.value])),
  };
}
