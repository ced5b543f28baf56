"""The ladder of a 1080p lecture beside ffmpeg by hand: the same encodes in one run with a split.

Ours adds probing, the poster, an even loudness, the sound alone, a look into every piece before it is public, and the
small pictures of the time bar. LADDER_SECONDS says how long the lecture is; the film of the target is 600.
"""

import os
import resource
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.dev")
django.setup()

from media import ffmpeg, making, probing  # noqa: E402 - models want Django to be set up

SECONDS = int(os.environ.get("LADDER_SECONDS", "60"))
DRAWN = 60  # seconds of lecture that are drawn; a longer one shows them again and again
PLAIN = ((640, 360, "700k"), (1280, 720, "2200k"), (1920, 1080, "4500k"))


def lecture(path):
    """A lecture of SECONDS: drawing an hour would take longer than all that is measured."""
    once = path.with_name("once.mp4")
    drawn(once)
    copied = ["-c", "copy", "-t", str(SECONDS), path]
    subprocess.run([ffmpeg.binary(), "-v", "error", "-y", "-stream_loop", "-1", "-i", once, *copied], check=True)


def drawn(path):
    """Slides that drift slowly, an inset with film grain, a tone."""
    source = [
        "-f", "lavfi", "-i", "mandelbrot=s=1920x1080:r=25:start_scale=0.4:end_scale=0.05:end_pts=1500",
        "-f", "lavfi", "-i", "testsrc2=s=480x270:r=25",
        "-f", "lavfi", "-i", "sine=f=220:b=4:r=48000",
    ]  # fmt: skip
    graph = "[0]eq=contrast=0.7[b];[1]noise=alls=20:allf=t[i];[b][i]overlay=1400:780,format=yuv420p[v]"
    codec = ["-c:v", "libx264", "-preset", "veryfast", "-b:v", "4M", "-maxrate", "5M", "-bufsize", "8M", "-c:a", "aac"]
    maps = ["-filter_complex", graph, "-map", "[v]", "-map", "2:a", "-t", str(min(SECONDS, DRAWN))]
    subprocess.run([ffmpeg.binary(), "-v", "error", "-y", *source, *maps, *codec, path], check=True)


def plain(source, folder):
    """What somebody who knows ffmpeg types."""
    split = f"[0:v]split={len(PLAIN)}" + "".join(f"[i{n}]" for n in range(len(PLAIN)))
    scales = ";".join(f"[i{n}]scale={w}:{h}[v{n}]" for n, (w, h, _) in enumerate(PLAIN))
    command = [ffmpeg.binary(), "-v", "error", "-nostdin", "-y", "-i", source, "-filter_complex", f"{split};{scales}"]
    for n, (_width, height, rate) in enumerate(PLAIN):
        out = folder / f"{height}p"
        out.mkdir(parents=True)
        command += ["-map", f"[v{n}]", "-map", "0:a", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23"]
        command += ["-maxrate", rate, "-bufsize", f"{2 * int(rate[:-1])}k", "-sc_threshold", "0", "-g", "50"]
        command += ["-c:a", "aac", "-b:a", "96k", "-ac", "2", "-f", "hls", "-hls_time", "4"]
        command += ["-hls_playlist_type", "event", "-hls_segment_type", "fmp4", out / "index.m3u8"]
    subprocess.run(["nice", "-n", str(ffmpeg.NICE), *map(str, command)], check=True)  # a guest like ours


def ours(source, folder):
    begun = making.begin(source, probing.probe(source), folder)

    def on_tick(done):
        if begun.ladder.waiting() and begun.ladder.publish() and not (folder / "master.m3u8").exists():
            making.announce(begun)
            making.illustrate(begun)

    making.encode(begun, on_tick=on_tick, waits=lambda: False)
    making.complete(begun)


def playable(folder):
    """Every rendition has its first piece, and its playlist names it."""
    playlists = [folder / f"{height}p/index.m3u8" for _, height, _ in PLAIN]
    return all(path.exists() and "#EXTINF" in path.read_text() for path in playlists)


def listed(folder):
    """A player may come: ours has a master playlist."""
    return (folder / "master.m3u8").exists() and playable(folder)


def measured(make, begins, source, folder):
    """Seconds on the clock, seconds of processor, seconds until every rendition can be played."""
    shutil.rmtree(folder, ignore_errors=True)
    began, first, done = time.monotonic(), [], threading.Event()

    def watch():
        while not first and not done.wait(0.02):
            if begins(folder):
                first.append(time.monotonic() - began)

    watcher = threading.Thread(target=watch)
    watcher.start()
    before = resource.getrusage(resource.RUSAGE_CHILDREN), resource.getrusage(resource.RUSAGE_SELF)
    make(source, folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN), resource.getrusage(resource.RUSAGE_SELF)
    clock = time.monotonic() - began
    done.set()
    watcher.join()
    processor = sum(b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime for a, b in zip(before, after, strict=True))
    return clock, processor, first[0]


def run() -> list[dict]:
    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "lecture.mp4"
        lecture(source)
        mine = measured(ours, listed, source, Path(place) / "ours")
        theirs = measured(plain, playable, source, Path(place) / "plain")
    names = (
        f"processor for the ladder of {SECONDS} s of 1080p",
        f"clock for the ladder of {SECONDS} s of 1080p",
        "clock until every rendition can be played",
    )
    return [
        {
            "measure": name,
            "value": mine[which],
            "unit": "s",
            "peer": "ffmpeg by hand, one run with split",
            "peer_value": theirs[which],
            "ratio": mine[which] / theirs[which],
        }
        for name, which in zip(names, (1, 0, 2), strict=True)
    ]
