"""The two ends of a line in a browser: a studio that burns the time into its picture, a viewer that reads it again."""

STUDIO = """<!doctype html><meta charset=utf-8><title>studio</title><canvas id=c width=640 height=360></canvas><script>
const canvas = document.getElementById("c"), pen = canvas.getContext("2d");
window.told = [];
function bars() {
  const v = Date.now() & 0xFFFFFF, check = ((v & 255) ^ (v >> 8 & 255) ^ (v >> 16) ^ 0x5A) & 255;
  const word = ((v << 8) | check) >>> 0;
  for (let i = 0; i < 32; i++) {
    pen.fillStyle = (word >>> (31 - i)) & 1 ? "#fff" : "#000";
    pen.fillRect(i * 20, 0, 20, 30);
  }
}
async function start({ address, ticket, mime }) {
  const wanted = { video: { width: 640, height: 360, frameRate: 25 }, audio: true };
  const camera = await navigator.mediaDevices.getUserMedia(wanted);
  const video = document.createElement("video"); video.srcObject = camera; video.muted = true; await video.play();
  setInterval(() => { pen.drawImage(video, 0, 0, 640, 360); bars(); }, 40);
  const stream = canvas.captureStream(25);
  camera.getAudioTracks().forEach((track) => stream.addTrack(track));
  const socket = new WebSocket(address);
  socket.onmessage = (event) => told.push(JSON.parse(event.data));
  socket.onopen = () => {
    socket.send(JSON.stringify({ ticket, mime, width: 640, height: 360, rehearsal: false }));
    const recorder = new MediaRecorder(stream, { mimeType: mime, videoBitsPerSecond: 1200000, audioBitsPerSecond: 64000,
      videoKeyFrameIntervalDuration: 1000 });
    recorder.ondataavailable = (event) => { if (socket.readyState === 1) socket.send(event.data); };
    recorder.start(250);
  };
}
</script>"""

VIEWER = """<!doctype html><meta charset=utf-8><title>viewer</title><video id=v muted playsinline></video>
<script type=module>
import Hls from "/bench/hls.mjs";
import { EDGE, near } from "/bench/edge.mjs";
const video = document.getElementById("v"), seen = window.seen = [];
const canvas = document.createElement("canvas"); canvas.width = 640; canvas.height = 30;
const pen = canvas.getContext("2d", { willReadFrequently: true });
window.EDGE = EDGE;
window.watch = (address) => {
  const hls = window.hls = new Hls(EDGE);
  window.stalls = 0;
  hls.on(Hls.Events.ERROR, (_, data) => { if (data.details === "bufferStalledError") window.stalls += 1; });
  hls.attachMedia(video); hls.loadSource(address);
  near(hls, video);
  hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
};
setInterval(() => {
  if (video.paused || video.readyState < 2) return;
  pen.drawImage(video, 0, 0, video.videoWidth, 30 * video.videoWidth / 640, 0, 0, 640, 30);
  const row = pen.getImageData(0, 15, 640, 1).data;
  let word = 0;
  for (let i = 0; i < 32; i++) word = ((word << 1) | (row[(i * 20 + 10) * 4] > 127 ? 1 : 0)) >>> 0;
  const v = word >>> 8, check = ((v & 255) ^ (v >> 8 & 255) ^ (v >> 16) ^ 0x5A) & 255;
  if (check === (word & 255)) seen.push((((Date.now() & 0xFFFFFF) - v) & 0xFFFFFF) / 1000);
}, 250);
</script>"""
