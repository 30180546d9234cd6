"use strict";

const cards = new Map();

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/* HLS: some seconds behind, and through everything that lets HTTP through. */
function playFiles(video, name) {
  const url = `/live/${encodeURIComponent(name)}/index.m3u8`;
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

const iceServer = (link) => {
  const found = link.match(/<([^>]+)>; rel="ice-server"(?:; username="([^"]*)"; credential="((?:[^"\\]|\\.)*)")?/);
  return found && { urls: found[1], username: found[2], credential: found[3]?.replace(/\\(.)/g, "$1") };
};

/* WHEP: well under a second behind. Returns when the connection is over; throws when there was none. */
async function playLive(video, name) {
  const peer = new RTCPeerConnection();
  let session;
  const over = new Promise((done) => {
    peer.addEventListener("connectionstatechange", () => {
      if (["failed", "disconnected", "closed"].includes(peer.connectionState)) done();
    });
  });
  try {
    const stream = new MediaStream();
    peer.addEventListener("track", ({ track, receiver }) => {
      stream.addTrack(track);
      if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 100;
    });
    peer.addTransceiver("video", { direction: "recvonly" });
    peer.addTransceiver("audio", { direction: "recvonly" });
    await peer.setLocalDescription();
    const gathered = new Promise((done) => {
      const look = () => peer.iceGatheringState === "complete" && done();
      peer.addEventListener("icegatheringstatechange", look);
      look();
    });
    await Promise.race([gathered, wait(2000)]);
    const answer = await fetch(`/whep/${encodeURIComponent(name)}`,
      { method: "POST", headers: { "Content-Type": "application/sdp" }, body: peer.localDescription.sdp });
    const soon = Number(answer.headers.get("Retry-After"));
    if (answer.status === 503 && soon && soon < 5) return wait(1000 * soon);
    if (!answer.ok) throw new Error(await answer.text());
    session = answer.headers.get("Location");
    const servers = (answer.headers.get("Link") || "").split(/,\s*(?=<)/).map(iceServer).filter(Boolean);
    if (servers.length) peer.setConfiguration({ iceServers: servers });
    await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    video.srcObject = stream;
    const shown = new Promise((done) => video.addEventListener("loadeddata", done, { once: true }));
    if (await Promise.race([shown, over.then(() => "none"), wait(20000).then(() => "none")]) === "none") throw new Error("no way");
    await over;
  } finally {
    peer.close();
    video.srcObject = null;
    if (session) fetch(session, { method: "DELETE" }).catch(() => {});
  }
}

async function play(video, { name, whep }) {
  video.addEventListener("loadeddata", () => video.closest(".picture").classList.add("playing"));
  for (let failures = 0; whep && window.RTCPeerConnection && failures < 2;) {
    try {
      await playLive(video, name);
      failures = 0;
    } catch {
      failures += 1;
    }
    await wait(500);
  }
  playFiles(video, name);
}

function cardOf(camera) {
  const { name } = camera;
  if (cards.has(name)) return cards.get(name);
  const card = document.getElementById("camera").content.firstElementChild.cloneNode(true);
  card.querySelector("h2").textContent = name;
  document.getElementById("cameras").append(card);
  play(card.querySelector("video"), camera);
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
  const card = cardOf(camera);
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
