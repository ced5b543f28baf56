"""Small ladders for the player's tests, whatever the library's own encoder is just learning."""

import subprocess

from media import ffmpeg

BANDWIDTH = {90: 150_000, 180: 400_000, 360: 900_000}


def make(folder, seconds=40, heights=(90, 180), sound=True):
    """A ladder of testsrc pictures with a tone, two seconds to a piece; with `sound` also the sound alone."""
    for height in [*heights, *([0] if sound else [])]:
        rendition = folder / (f"{height}p" if height else "audio")
        rendition.mkdir(parents=True)
        _encode(rendition, seconds, height)
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for height in heights:
        codecs = 'CODECS="avc1.42c00c,mp4a.40.2"'
        lines += [f"#EXT-X-STREAM-INF:BANDWIDTH={BANDWIDTH[height]},RESOLUTION={_size(height)},{codecs}"]
        lines += [f"{height}p/index.m3u8"]
    (folder / "master.m3u8").write_text("\n".join(lines) + "\n")
    return folder


def _size(height):
    return f"{height * 16 // 9 // 2 * 2}x{height}"


def _encode(folder, seconds, height):
    picture = ["-f", "lavfi", "-i", f"testsrc=s={_size(height)}:r=25:d={seconds}"] if height else []
    video = ["-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "baseline", "-pix_fmt", "yuv420p"]
    keys = ["-force_key_frames", "expr:gte(t,n_forced*2)"]
    command = [
        ffmpeg.binary(), "-y", "-v", "error", *picture, "-f", "lavfi", "-i", f"sine=f=440:d={seconds}",
        *([*video, *keys] if height else []), "-c:a", "aac", "-b:a", "48k",
        "-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4",
        "-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", str(folder / "%05d.m4s"),
        str(folder / "index.m3u8"),
    ]  # fmt: skip
    subprocess.run(command, check=True, timeout=120)


def unfinished(folder, pieces):
    """The ladder as it is while the rest is being made: playlists that grow, with so many pieces."""
    for playlist in folder.glob("*/index.m3u8"):
        lines = playlist.read_text().replace("PLAYLIST-TYPE:VOD", "PLAYLIST-TYPE:EVENT").splitlines()
        last = [number for number, line in enumerate(lines) if line.endswith(".m4s")][pieces - 1]
        playlist.write_text("\n".join(lines[: last + 1]) + "\n")


def finished(folder, source):
    """All pieces are there: the playlists with their end."""
    for playlist in folder.glob("*/index.m3u8"):
        text = (source / playlist.relative_to(folder)).read_text()
        playlist.write_text(text.replace("PLAYLIST-TYPE:VOD", "PLAYLIST-TYPE:EVENT"))
