/* A worker: draws the screen, with the camera in its corner, at a steady rate. */
const RATE = 20; // pictures a second
const [WIDTH, HEIGHT] = [1280, 720];
const CORNER = 0.24; // of the width
const EDGE = 16; // pixels from the edges

const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
const paper = canvas.getContext("2d", { alpha: false });
const latest = { screen: null, camera: null };

async function read(name, pictures) {
  const reader = pictures.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    latest[name]?.close();
    latest[name] = value;
  }
}

function fit(frame, box) {
  const scale = Math.min(box.width / frame.displayWidth, box.height / frame.displayHeight);
  const [width, height] = [frame.displayWidth * scale, frame.displayHeight * scale];
  return [box.x + (box.width - width) / 2, box.y + (box.height - height) / 2, width, height];
}

function draw() {
  paper.fillStyle = "#0B1417";
  paper.fillRect(0, 0, WIDTH, HEIGHT);
  if (latest.screen) paper.drawImage(latest.screen, ...fit(latest.screen, { x: 0, y: 0, width: WIDTH, height: HEIGHT }));
  if (!latest.camera) return;
  const width = WIDTH * CORNER;
  const height = (width * latest.camera.displayHeight) / latest.camera.displayWidth;
  paper.drawImage(latest.camera, WIDTH - width - EDGE, HEIGHT - height - EDGE, width, height);
}

self.onmessage = ({ data }) => {
  const writer = data.out.getWriter();
  read("screen", data.screen);
  if (data.camera) read("camera", data.camera);
  setInterval(() => {
    if (writer.desiredSize <= 0) return; // the encoder is behind: this picture is left out
    draw();
    writer.write(new VideoFrame(canvas, { timestamp: performance.now() * 1000 })).catch(() => self.close());
  }, 1000 / RATE);
};
