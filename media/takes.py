"""A film that was recorded in pieces, perhaps by several encoders after one another. It is played as it is, at once;
and put together as one file, from which the ladder is made later.

A take is what one encoder sent without a break. Its pieces say how long they are, and the film is as long as they are
together: whatever is made of them is cut or filled to that, so that a moment of the film stays where it was.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import ffmpeg as graph

from media import encoding, ffmpeg, fragments, hls

INITS = "init-{:03}.mp4"  # of the second take and the following ones
PLAYLIST = "take-{:03}.m3u8"
LIST = "takes.txt"
OPENED = {"protocol_whitelist": "file", "allowed_extensions": "ALL"}  # a playlist of ours names our files alone
RATE = 25
SLOWEST = 20.0  # seconds that putting a second of film together may take


class Broken(ValueError):
    """The pieces are not what an encoder writes, or there are none."""


@dataclass(frozen=True)
class Take:
    """The announcement of the tracks, and the pieces in order with their lengths in milliseconds."""

    init: Path
    pieces: tuple[tuple[Path, int], ...]

    @property
    def ms(self) -> int:
        return sum(ms for _piece, ms in self.pieces)

    @cached_property
    def tracks(self) -> dict[int, fragments.Track]:
        try:
            return fragments.announced(self.init.read_bytes())
        except (OSError, fragments.Broken) as error:
            raise Broken(f"{self.init.name}: {error}") from error

    @property
    def picture(self) -> fragments.Track:
        for track in self.tracks.values():
            if track.kind == fragments.PICTURE and track.codec:
                return track
        raise Broken(f"{self.init.name}: no picture")

    @property
    def has_sound(self) -> bool:
        return any(track.kind == fragments.SOUND for track in self.tracks.values())

    @property
    def start(self) -> float:
        """Seconds of the encoder's clock at which the first piece begins."""
        try:
            runs = fragments.contents(self.pieces[0][0].read_bytes(), self.tracks)
        except (OSError, fragments.Broken) as error:
            raise Broken(f"{self.pieces[0][0].name}: {error}") from error
        scales = {track.kind: track.scale for track in self.tracks.values()}
        return min(run.start / scales[kind] for kind, run in runs.items())


def uniform(takes: Sequence[Take]) -> bool:
    """Whether one decoder may go through all of them."""
    return len({frozenset(_kinds(take)) for take in takes}) == 1


def _kinds(take):
    for track in take.tracks.values():
        scale = track.scale if track.kind == fragments.SOUND else 0
        yield track.kind, track.codec, track.width, track.height, scale


def lay(takes: Sequence[Take], folder: Path) -> fragments.Track:
    """A folder that players may be sent to: second names of the pieces, and playlists. Returns the largest picture.

    Raises Broken.
    """
    if not takes or not all(take.pieces for take in takes):
        raise Broken("no piece")
    largest = max((take.picture for take in takes), key=lambda track: (track.height, track.width))
    place = folder / f"{largest.height}p"
    place.mkdir(parents=True)
    lines, number = [], 0
    for turn, take in enumerate(takes):
        init = INITS.format(turn) if turn else hls.INIT
        _link(take.init, place / init)
        lines += [*(["#EXT-X-DISCONTINUITY"] if turn else []), f'#EXT-X-MAP:URI="{init}"']
        for piece, ms in take.pieces:
            name = hls.SEGMENT % number
            _link(piece, place / name)
            lines += [f"#EXTINF:{ms / 1000:.3f},", name]
            number += 1
    hls.replace(place / hls.INDEX, _playlist(lines, takes))
    _write_master(folder, place, takes, largest)
    return largest


def _link(file, place):
    try:
        os.link(file, place)
    except FileNotFoundError as error:
        raise Broken(f"{file.name} is missing") from error
    except OSError:  # another disk, or one that knows no second names
        shutil.copyfile(file, place)


def _playlist(lines, takes):
    longest = max(ms for take in takes for _piece, ms in take.pieces)
    head = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{-(-longest // 1000)}", "#EXT-X-MEDIA-SEQUENCE:0"]
    head += ["#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-INDEPENDENT-SEGMENTS"]
    return "\n".join([*head, *lines, "#EXT-X-ENDLIST"]) + "\n"


def _write_master(folder, place, takes, largest):
    pieces = [(piece.stat().st_size, ms) for take in takes for piece, ms in take.pieces]
    peak = max(8000 * size // max(ms, 1000) for size, ms in pieces)
    average = 8000 * sum(size for size, _ms in pieces) // sum(ms for _size, ms in pieces)
    profile = max(take.picture.codec[1:4] for take in takes).hex()
    codecs = ",".join([f"avc1.{profile}", *([hls.SOUND_CODEC] if any(take.has_sound for take in takes) else [])])
    facts = f"BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},RESOLUTION={largest.width}x{largest.height}"
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-START:TIME-OFFSET=0"]
    lines += [f'#EXT-X-STREAM-INF:{facts},CODECS="{codecs}"', f"{place.name}/{hls.INDEX}"]
    hls.replace(folder / hls.MASTER, "\n".join(lines) + "\n")


def join(takes: Sequence[Take], work: Path) -> Path:
    """One file in that folder with all that was sent, nothing encoded anew. Raises Broken, ffmpeg.Failed or OSError.

    Takes of one kind become an MP4. Others become a transport stream, which may change in the middle: it keeps what
    came in, and `even` makes a film of it that every decoder goes through.
    """
    lists = ["ffconcat version 1.0"]
    for turn, take in enumerate(takes):
        playlist = _private(take, work, turn)
        lists += [f"file {playlist.name}", *(f"option {name} {value}" for name, value in OPENED.items())]
        lists += [f"outpoint {take.start + take.ms / 1000:.6f}", f"duration {take.ms / 1000:.6f}"]
    (work / LIST).write_text("\n".join(lists) + "\n")
    one = uniform(takes)
    target = work / ("recording.mp4" if one else "recording.ts")
    original = graph.input(str(work / LIST), format="concat", safe=0)
    streams = [original["v:0"], *([original["a:0"]] if all(take.has_sound for take in takes) else [])]
    made = graph.output(*streams, str(target), c="copy", map_metadata=-1, format="mp4" if one else "mpegts")
    _run(made, takes, on_tick=lambda done: None, waits=lambda: False)
    return target


def even(
    takes: Sequence[Take], work: Path, *, on_tick: Callable[[float], None], waits: Callable[[], bool]
) -> Path:  # fmt: skip
    """One MP4 of one size from takes of several kinds; smaller pictures get a margin. Encodes, so it takes its time.

    Raises Broken, ffmpeg.Failed, ffmpeg.TimedOut, OSError and what `on_tick` raises.
    """
    largest = max((take.picture for take in takes), key=lambda track: (track.height, track.width))
    parts = []
    for turn, take in enumerate(takes):
        source = graph.input(str(_private(take, work, turn)), format="hls", **OPENED)
        parts += [_picture(source, take, largest), _sound(source, take)]
    joined = graph.concat(*parts, v=1, a=1).node
    target = work / "even.mp4"
    options = {"vcodec": "libx264", "preset": "veryfast", "crf": 20, "acodec": "aac", "audio_bitrate": 128_000}
    made = graph.output(joined[0], joined[1], str(target), map_metadata=-1, format="mp4", **options)
    _run(made, takes, on_tick=on_tick, waits=waits)
    return target


def _picture(source, take, largest):
    seconds = take.ms / 1000
    width, height = largest.width, largest.height
    sized = source["v:0"].filter("scale", width, height, force_original_aspect_ratio="decrease")
    whole = sized.filter("pad", width, height, -1, -1).filter("setsar", 1).filter("fps", RATE, start_time=0)
    whole = whole.filter("tpad", stop_mode="clone", stop_duration=seconds).filter("trim", duration=seconds)
    return whole.filter("format", "yuv420p").filter("setpts", "PTS-STARTPTS")


def _sound(source, take):
    seconds = take.ms / 1000
    if take.has_sound:
        sound = source["a:0"].filter("aformat", sample_rates=encoding.HERTZ, channel_layouts="stereo")
    else:
        sound = graph.input(f"anullsrc=r={encoding.HERTZ}:cl=stereo", format="lavfi")
    whole = sound.filter("apad", whole_dur=seconds).filter("atrim", duration=seconds)
    return whole.filter("asetpts", "PTS-STARTPTS")


def _private(take, work, turn):
    """A playlist of the take's own files, for ffmpeg alone."""
    lines = [f'#EXT-X-MAP:URI="{take.init.resolve()}"']
    for piece, ms in take.pieces:
        lines += [f"#EXTINF:{ms / 1000:.3f},", str(piece.resolve())]
    playlist = work / PLAYLIST.format(turn)
    playlist.write_text(_playlist(lines, [take]))
    return playlist


def _run(made, takes, *, on_tick, waits):
    seconds = sum(take.ms for take in takes) / 1000
    ffmpeg.run(encoding.compiled(made), limit=600 + SLOWEST * seconds, on_tick=on_tick, waits=waits)
