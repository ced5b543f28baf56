/* Camera, screen and microphone as one stream to record. A screen goes through a mixer in a worker: it sends a steady
   number of pictures also while nothing on the screen moves, can carry the camera in its corner, and is not slowed down
   when the trainer looks at another window, as a canvas of the page would be. */
const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25, max: 30 } };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
export const mixes = "MediaStreamTrackProcessor" in window && "MediaStreamTrackGenerator" in window;

export class Sources {
  kind = "camera";
  camera = ""; // ids of devices; empty is the usual one
  microphone = "";
  stream = null;

  constructor(on) {
    this.on = on; // ("gone") when a source was unplugged or the sharing of the screen ended
    this.tracks = [];
  }

  /* Raises what the browser raises when it is not allowed. */
  async open() {
    const wanted = { audio: { ...SOUND, ...this.exactly(this.microphone) } };
    if (this.kind !== "screen") wanted.video = { ...VIDEO, ...this.exactly(this.camera) };
    const screen = this.kind === "camera" ? null : await this.shareScreen();
    const devices = await navigator.mediaDevices.getUserMedia(wanted).catch((error) => {
      screen?.getTracks().forEach((track) => track.stop());
      throw error;
    });
    this.close();
    this.devices = devices;
    this.screen = screen;
    const picture = screen ? this.mix(screen.getVideoTracks()[0], devices.getVideoTracks()[0]) : devices.getVideoTracks()[0];
    this.stream = new MediaStream([picture, ...devices.getAudioTracks()]);
    for (const track of [...devices.getTracks(), ...(screen?.getTracks() ?? [])]) track.addEventListener("ended", () => this.on("gone", track.kind));
    return this.stream;
  }

  exactly(id) {
    return id ? { deviceId: { exact: id } } : {};
  }

  shareScreen() {
    return navigator.mediaDevices.getDisplayMedia({ video: VIDEO, audio: false });
  }

  get screenName() {
    return this.screen?.getVideoTracks()[0]?.label ?? "";
  }

  mix(screen, camera) {
    if (!mixes) return screen;
    const generator = new MediaStreamTrackGenerator({ kind: "video" });
    this.worker = new Worker(new URL("./mixer.js", import.meta.url), { type: "module" });
    const pictures = (track) => track && new MediaStreamTrackProcessor({ track }).readable;
    const told = { screen: pictures(screen), camera: pictures(camera), out: generator.writable };
    this.worker.postMessage(told, [told.screen, told.camera, told.out].filter(Boolean));
    return generator;
  }

  close() {
    for (const stream of [this.devices, this.screen, this.stream]) stream?.getTracks().forEach((track) => track.stop());
    this.worker?.terminate();
    this.devices = this.screen = this.stream = this.worker = null;
  }

  /* The menus; names are known only after the first permission. */
  async fill(menus) {
    const devices = await navigator.mediaDevices.enumerateDevices();
    for (const [kind, menu] of Object.entries(menus)) {
      const [usual] = menu.options;
      const named = devices.filter((device) => device.kind === kind && device.deviceId && device.label);
      menu.replaceChildren(usual, ...named.map((device) => new Option(device.label, device.deviceId, false, device.deviceId === menu.value)));
    }
  }
}
