"""Looking at finished ladders: do they decode, are they in step, what do they hold?"""

import hashlib
import subprocess

import av

from media import ffmpeg, fragments, hls, transcoding


def folder(video):
    return transcoding.run_folder(video.uuid, video.run)


def playlists(video):
    """One playlist for each rendition, and that of the sound."""
    return sorted(folder(video).glob("*/index.m3u8"))


def decodes(playlist):
    """What `ffmpeg -xerror` says of a rendition: the first fault ends it."""
    command = [ffmpeg.binary(), "-v", "error", "-xerror", "-err_detect", "explode", "-i", playlist, "-f", "null", "-"]
    return subprocess.run(list(map(str, command)), capture_output=True, check=False).returncode == 0


def keys(path):
    """When the pictures that stand alone are shown, in thousandths of a second."""
    with av.open(str(path)) as container:
        packets = container.demux(video=0)
        return [round(1000 * p.pts * p.time_base) for p in packets if p.pts is not None and p.is_keyframe]


def frames(playlist):
    """The number of pictures that come out."""
    with av.open(str(playlist)) as container:
        return sum(1 for _ in container.decode(video=0))


def samples(playlist):
    """The number of samples of sound that come out."""
    with av.open(str(playlist)) as container:
        return sum(frame.samples for frame in container.decode(audio=0))


def prints(video_folder):
    """A fingerprint and the time of the last change of every public piece."""
    return {
        str(path.relative_to(video_folder)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in video_folder.glob("*/*.m4s")
    }


def gaps(place):
    """Where a piece does not begin where the one before it ended: (piece, kind, units)."""
    tracks = fragments.announced((place / hls.INIT).read_bytes())
    ends, found = {}, []
    for _, name in hls.read(place / hls.INDEX).cuts:
        for kind, run in fragments.contents((place / name).read_bytes(), tracks).items():
            if ends.get(kind, run.start) != run.start:
                found.append((name, kind, run.start - ends[kind]))
            ends[kind] = run.end
    return found
