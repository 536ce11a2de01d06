/**
 * The page of the peer in the comparison: hls.js with p2p-media-loader, as its documentation sets
 * them up. It runs in the browser, bundled by library-site.ts; SETTINGS stands in the page. What the
 * engine says of its bytes is kept in `libraryViewer`.
 */
import Hls from "hls.js";
import { HlsJsP2PEngine } from "p2p-media-loader-hlsjs";

const settings = JSON.parse(document.querySelector("#settings").textContent);
const viewer = { httpBytes: 0, peerBytes: 0, uploadedBytes: 0, peers: new Set(), latencySec: null };
globalThis.libraryViewer = viewer;

const HlsWithP2P = HlsJsP2PEngine.injectMixin(Hls);
const video = document.querySelector("video");
const hls = new HlsWithP2P({
  // Left to itself the engine changes these two.
  liveSyncDuration: settings.latencySec,
  maxBufferLength: 30,
  liveMaxLatencyDuration: settings.latencySec + 3 * settings.targetDurationSec,
  backBufferLength: 30,
  p2p: {
    core: {
      swarmId: "bench",
      announceTrackers: [settings.trackerUrl],
      rtcConfig: { iceServers: [] },
      highDemandTimeWindow: settings.highDemandSec,
    },
    onHlsJsCreated: ({ p2pEngine }) => listen(p2pEngine),
  },
});
hls.loadSource(settings.playlistUrl);
hls.attachMedia(video);
setInterval(() => (viewer.latencySec = hls.latency), 250);
await video.play();

function listen(engine) {
  engine.addEventListener("onChunkDownloaded", (bytes, source) => {
    viewer[source === "p2p" ? "peerBytes" : "httpBytes"] += bytes;
  });
  engine.addEventListener("onChunkUploaded", (bytes) => (viewer.uploadedBytes += bytes));
  // A close is told twice for each peer, so names are kept rather than a count.
  engine.addEventListener("onPeerConnect", ({ peerId }) => viewer.peers.add(peerId));
  engine.addEventListener("onPeerClose", ({ peerId }) => viewer.peers.delete(peerId));
}
