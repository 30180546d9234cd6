"use strict";

const cards = new Map();

function play(video, url, shown) {
  video.addEventListener("loadeddata", shown, { once: true });
  if (window.Hls && Hls.isSupported()) {
    const hls = new Hls({ liveSyncDurationCount: 2, liveMaxLatencyDurationCount: 6, manifestLoadingMaxRetry: Infinity,
      manifestLoadingRetryDelay: 500, manifestLoadingMaxRetryTimeout: 2000, backBufferLength: 10 });
    hls.on(Hls.Events.ERROR, (_, error) => {
      if (!error.fatal) return;
      if (error.type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
      else setTimeout(() => hls.loadSource(url), 1000);
    });
    hls.loadSource(url);
    hls.attachMedia(video);
  } else {
    video.src = url;
    video.addEventListener("error", () => setTimeout(() => { video.src = url; }, 1000));
  }
}

function cardOf(name) {
  if (cards.has(name)) return cards.get(name);
  const card = document.getElementById("camera").content.firstElementChild.cloneNode(true);
  card.querySelector("h2").textContent = name;
  document.getElementById("cameras").append(card);
  play(card.querySelector("video"), `/live/${encodeURIComponent(name)}/index.m3u8`,
    () => card.querySelector(".picture").classList.add("playing"));
  cards.set(name, card);
  return card;
}

function sentence(camera) {
  const { state, detail, hint } = camera.source;
  const why = [detail, hint].filter(Boolean).join(": ");
  if (state === "running") return "The camera's picture is anonymised and streamed.";
  if (state === "connecting") return "Connecting to the camera …";
  if (state === "ended") return "The input has ended.";
  return `The camera gives no picture. ${why}`;
}

function draw(camera) {
  const card = cardOf(camera.name);
  const set = (what, text) => { card.querySelector(`[data-of="${what}"]`).textContent = text; };
  const covered = Object.values(camera.covered).reduce((sum, count) => sum + count, 0);
  card.querySelector(".sentence").textContent = sentence(camera);
  set("people", camera.people);
  set("rate", camera.frame_rate.toFixed(1));
  set("covered", covered ? `${covered} (${Object.keys(camera.covered).join(", ")})` : "0");
  set("latency", camera.latency_p50_ms ? `${Math.round(camera.latency_p50_ms)} ms` : "–");
  set("encoder", camera.encoder ? `${camera.encoder} ${camera.width}×${camera.height}` : "–");
  const items = Object.values(camera.sinks).map((sink) => {
    const item = document.createElement("li");
    item.textContent = [`${sink.name}: ${sink.state}`, sink.detail, sink.hint].filter(Boolean).join(" – ");
    item.dataset.state = sink.state;
    return item;
  });
  card.querySelector(".sinks").replaceChildren(...items);
}

async function refresh() {
  const summary = document.getElementById("summary");
  try {
    const answer = await fetch("/api/cameras", { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    const { cameras } = await answer.json();
    cameras.forEach(draw);
    const people = cameras.reduce((sum, camera) => sum + camera.people, 0);
    summary.textContent = `${cameras.length} ${cameras.length === 1 ? "camera" : "cameras"}, ${people} people hidden now`;
  } catch {
    summary.textContent = "The proxy does not answer.";
  }
  setTimeout(refresh, 1000);
}

refresh();
