/* Zones drawn on the picture with a mouse, a finger, or the arrow keys: points are shares of the picture. */

import { h } from "./dom.js";
import { t } from "./words.js";

const NEAR = 0.03;
const STEP = 0.01;
const share = (value) => Math.min(1, Math.max(0, Math.round(value * 10000) / 10000));

/* A layer over the picture. `changed` is told of every change; `chosen` of the zone that is worked on. */
export function layer({ changed, chosen }) {
  const svg = h("svg", { class: "zones", viewBox: "0 0 1 1", preserveAspectRatio: "none", role: "group", "aria-label": t("zones") });
  let zones = [];
  let at = -1;
  let drawing = false;
  let held = null;
  let aspect = 16 / 9;

  /* The layer lies on the picture itself, not on the bars beside it. */
  function fit(video) {
    const { videoWidth: width, videoHeight: height } = video;
    const box = video.getBoundingClientRect();
    if (!width || !height || !box.width) return;
    if (Math.abs(aspect - width / height) > 0.01) { aspect = width / height; draw(); }
    const scale = Math.min(box.width / width, box.height / height);
    svg.style.width = `${width * scale}px`;
    svg.style.height = `${height * scale}px`;
    svg.style.left = `${(box.width - width * scale) / 2}px`;
    svg.style.top = `${(box.height - height * scale) / 2}px`;
  }

  const where = (event) => {
    const box = svg.getBoundingClientRect();
    return [share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height)];
  };

  function draw() {
    const shapes = zones.map((zone, number) => h("polygon", {
      points: zone.points.map((point) => point.join(",")).join(" "), class: `zone ${zone.kind}${number === at ? " at" : ""}`,
      "data-zone": String(number),
    }, h("title", {}, zone.name || t(`zone.${zone.kind}`))));
    const corners = at < 0 ? [] : zones[at].points.map(([x, y], number) => h("ellipse", {
      cx: x, cy: y, rx: 0.012, ry: 0.012 * aspect, class: "corner", tabindex: "0", role: "button", "data-corner": String(number),
      "aria-label": t("corner", { n: number + 1, x: Math.round(x * 100), y: Math.round(y * 100) }),
    }));
    const focus = document.activeElement?.dataset?.corner;
    svg.replaceChildren(...shapes, ...corners);
    if (focus !== undefined) svg.querySelector(`[data-corner="${focus}"]`)?.focus();
    svg.classList.toggle("drawing", drawing);
  }

  function choose(number) {
    at = number;
    chosen(at, zones[at]);
    draw();
  }

  function move(corner, [x, y]) {
    zones[at].points[corner] = [share(x), share(y)];
    draw();
  }

  svg.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const point = where(event);
    if (drawing) {
      const points = zones[at].points;
      const [x, y] = points[0] ?? [9, 9];
      if (points.length > 2 && Math.hypot(x - point[0], y - point[1]) < NEAR) return finish();
      if (points.length < 64) points.push(point);
      return draw();
    }
    const { corner, zone } = event.target.dataset;
    if (corner !== undefined) {
      held = Number(corner);
      svg.setPointerCapture(event.pointerId);
    } else if (zone !== undefined) choose(Number(zone));
    return undefined;
  });
  svg.addEventListener("pointermove", (event) => { if (held !== null) move(held, where(event)); });
  const drop = () => { if (held !== null) { held = null; changed(); } };
  svg.addEventListener("pointerup", drop);
  svg.addEventListener("pointercancel", drop);
  svg.addEventListener("keydown", (event) => {
    const corner = event.target.dataset?.corner;
    const by = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
    if (corner === undefined || !by) return;
    event.preventDefault();
    const [x, y] = zones[at].points[Number(corner)];
    move(Number(corner), [x + by[0], y + by[1]]);
    changed();
  });

  function finish() {
    if (!drawing) return;
    drawing = false;
    if (zones[at].points.length < 3) { zones.splice(at, 1); at = -1; }
    choose(at);
    changed();
  }

  return {
    svg,
    fit,
    finish,
    choose,
    get drawing() { return drawing; },
    get zones() { return zones.filter((zone) => zone.points.length > 2); },
    load(given) { zones = structuredClone(given); choose(-1); },
    /* A zone begins with nothing, to be drawn by hand, or as a square in the middle, to be moved with the keyboard. */
    begin(kind, square) {
      finish();
      const points = square ? [[0.3, 0.3], [0.7, 0.3], [0.7, 0.7], [0.3, 0.7]] : [];
      zones.push({ kind, points, name: "", who: "", until: null });
      drawing = !square;
      choose(zones.length - 1);
      if (square) changed();
    },
    remove() { if (at >= 0) { drawing = false; zones.splice(at, 1); choose(-1); changed(); } },
    write(values) { if (at >= 0) { Object.assign(zones[at], values); draw(); changed(); } },
  };
}
