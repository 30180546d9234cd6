/* An anonymised live picture: over WebRTC, and where that finds no way, in files (HLS). */

const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const GATHER_MS = 700;

const iceServer = (link) => {
  const found = link.match(/<([^>]+)>; rel="ice-server"(?:; username="([^"]*)"; credential="((?:[^"\\]|\\.)*)")?/);
  return found && { urls: found[1], username: found[2], credential: found[3]?.replace(/\\(.)/g, "$1") };
};

/* WHEP: well under a second behind. Returns when the connection is over; throws when there was none. */
async function meet(video, name, signal) {
  const peer = new RTCPeerConnection();
  let session;
  const leave = () => {
    if (session) fetch(session, { method: "DELETE", keepalive: true }).catch(() => {});
    session = null;
  };
  addEventListener("pagehide", leave, { signal });
  const over = new Promise((done) => {
    signal.addEventListener("abort", done);
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
    await Promise.race([gathered, wait(GATHER_MS)]);
    const answer = await fetch(`/whep/${encodeURIComponent(name)}`,
      { method: "POST", headers: { "Content-Type": "application/sdp" }, body: peer.localDescription.sdp });
    const soon = Number(answer.headers.get("Retry-After"));
    if (answer.status === 503 && soon && soon < 5) return await wait(1000 * soon);
    if (!answer.ok) throw new Error(await answer.text());
    session = answer.headers.get("Location");
    const servers = (answer.headers.get("Link") || "").split(/,\s*(?=<)/).map(iceServer).filter(Boolean);
    if (servers.length) peer.setConfiguration({ iceServers: servers });
    await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    video.srcObject = stream;
    const shown = new Promise((done) => video.addEventListener("loadeddata", done, { once: true }));
    const first = await Promise.race([shown, over.then(() => "none"), wait(20000).then(() => "none")]);
    if (first === "none" && !signal.aborted) throw new Error("no way");
    await over;
  } finally {
    peer.close();
    video.srcObject = null;
    leave();
    removeEventListener("pagehide", leave);
  }
}

let library = null;

const player = () => library ??= new Promise((done, fail) => {
  const script = document.createElement("script");
  script.src = "/static/hls.js";
  script.onload = () => done(window.Hls);
  script.onerror = () => { library = null; fail(new Error("no player")); };
  document.head.append(script);
});

/* HLS: some seconds behind, and through everything that lets HTTP through. */
async function read(video, name, signal) {
  const url = `/live/${encodeURIComponent(name)}/index.m3u8`;
  const Hls = await player().catch(() => null);
  if (signal.aborted) return;
  if (!Hls?.isSupported()) {
    video.src = url;
    video.addEventListener("error", () => setTimeout(() => { if (!signal.aborted) video.src = url; }, 1000), { signal });
    return;
  }
  const hls = new Hls({ liveSyncDurationCount: 2, liveMaxLatencyDurationCount: 6, manifestLoadingMaxRetry: Infinity,
    manifestLoadingRetryDelay: 500, manifestLoadingMaxRetryTimeout: 2000, backBufferLength: 10 });
  hls.on(Hls.Events.ERROR, (_, error) => {
    if (!error.fatal) return;
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
    else setTimeout(() => { if (!signal.aborted) hls.loadSource(url); }, 1000);
  });
  signal.addEventListener("abort", () => hls.destroy());
  hls.loadSource(url);
  hls.attachMedia(video);
}

/* Show the camera in the video until `signal` says to stop. */
export async function play(video, { name, whep }, signal) {
  for (let failures = 0; whep && window.RTCPeerConnection && failures < 2 && !signal.aborted;) {
    try {
      await meet(video, name, signal);
      failures = 0;
    } catch {
      failures += 1;
    }
    if (!signal.aborted) await wait(500);
  }
  if (!signal.aborted) await read(video, name, signal);
}
