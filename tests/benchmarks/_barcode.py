"""`python -m tests.benchmarks._barcode ADDRESS SECONDS`: publish a picture that carries the time of day as 32 bars."""

import subprocess
import sys
import time

import imageio_ffmpeg

WIDTH, HEIGHT, RATE, BAR, HIGH = 640, 360, 25, 20, 30
REST = bytes([90]) * (WIDTH * (HEIGHT - HIGH))


def word(moment: float) -> int:
    """Milliseconds in 24 bits, and eight by which a misread is known."""
    value = int(moment * 1000) & 0xFFFFFF
    return value << 8 | (value & 255 ^ value >> 8 & 255 ^ value >> 16 ^ 0x5A) & 255


def main(address, seconds):
    encoder = subprocess.Popen(
        [
            imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error",
            "-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "pipe:0",
            "-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo", "-shortest", "-c:v", "libx264", "-preset", "ultrafast",
            "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", str(2 * RATE), "-sc_threshold", "0", "-b:v", "800k",
            "-c:a", "aac", "-b:a", "64k", "-f", "flv", address,
        ],
        stdin=subprocess.PIPE,
    )  # fmt: skip
    began, frames = time.time(), 0
    try:
        while time.time() - began < seconds:
            bits = word(time.time())
            line = b"".join((b"\xeb" if bits >> (31 - bar) & 1 else b"\x10") * BAR for bar in range(32))
            encoder.stdin.write(line * HIGH + REST)
            encoder.stdin.flush()
            frames += 1
            time.sleep(max(0, began + frames / RATE - time.time()))
    except BrokenPipeError:
        print("the publisher was sent away", file=sys.stderr)
    encoder.stdin.close()
    encoder.wait()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
