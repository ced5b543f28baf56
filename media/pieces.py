"""Pieces of a ladder on their way from the encoder's folder to where players find them.

The encoder writes below `work`. A piece moves out when every rendition has it and each has been looked into, so what
is public is whole, in step, and stays as it is: a later run goes on after the last of them.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from media import fragments, hls
from media.encoding import FRAME, HERTZ, Start, shift
from media.ladder import Rung
from media.probing import Film

WORK = "work"
SLACK = 1.0  # seconds by which the sound of two pieces may miss each other


@dataclass
class Shelf:
    """One rendition: its public pieces, and how many of the encoder's present run are among them."""

    name: str
    place: Path
    work: Path
    tracks: dict[int, fragments.Track] = field(default_factory=dict)
    cuts: list[float] = field(default_factory=list)
    ends: dict[bytes, int] = field(default_factory=dict)
    taken: int = 0
    ended: bool = False

    def read(self) -> None:
        """What an earlier run has left whole, up to the first piece that is not."""
        listed = hls.read(self.place / hls.INDEX)
        if not listed.cuts:
            return
        self.tracks = fragments.announced((self.place / hls.INIT).read_bytes())
        for seconds, name in listed.cuts:
            try:
                self.follow(self.look(self.place / name))
            except (OSError, fragments.Broken):
                return
            self.cuts.append(seconds)
        self.ended = listed.ended

    def look(self, piece: Path) -> dict[bytes, fragments.Run]:
        """Raises Broken, also for what has no bytes: ffmpeg does not notice when a disk is full."""
        if not piece.stat().st_size:
            raise fragments.Broken(f"{self.name}: {piece.name} is empty")
        return fragments.contents(piece.read_bytes(), self.tracks)

    def follow(self, runs: dict[bytes, fragments.Run]) -> None:
        """Raises Broken when a piece does not go on where the one before it ended."""
        for kind, run in runs.items():
            end = self.ends.get(kind, run.start)
            scale = next(track.scale for track in self.tracks.values() if track.kind == kind)
            if abs(run.start - end) > (0 if kind == fragments.PICTURE else SLACK * scale):
                raise fragments.Broken(f"{self.name}: {run.start - end} of {scale} between two pieces")
        self.ends = {kind: run.end for kind, run in runs.items()}

    def cut_back(self, number: int) -> None:
        """Forget all pieces but the first ones; the files stay until new ones take their places."""
        cuts, self.cuts, self.ends, self.ended = self.cuts[:number], [], {}, False
        for each, seconds in enumerate(cuts):
            self.follow(self.look(self.place / (hls.SEGMENT % each)))
            self.cuts.append(seconds)

    def take(self, cuts: tuple[tuple[float, str], ...]) -> None:
        if cuts and not self.taken:
            self._announce()
        for seconds, name in cuts:
            piece = self.work / name
            self.follow(self.look(piece))
            piece.replace(self.place / (hls.SEGMENT % len(self.cuts)))
            self.cuts.append(seconds)
            self.taken += 1

    def _announce(self):
        """Tracks as before, or the pieces of two runs do not belong together."""
        init = self.work / hls.INIT
        tracks = fragments.announced(init.read_bytes())
        if self.cuts and tracks != self.tracks:
            raise fragments.Broken(f"{self.name}: the encoder writes another kind of track now")
        if not self.cuts:
            self.tracks = tracks
            init.replace(self.place / hls.INIT)

    def picture_end(self) -> Fraction:
        scale = next(track.scale for track in self.tracks.values() if track.kind == fragments.PICTURE)
        return Fraction(self.ends[fragments.PICTURE], scale)


class Ladder:
    """All renditions of a run folder, pictures first; may be one that an earlier worker has begun."""

    def __init__(self, folder: Path, film: Film, rungs: list[Rung]):
        self.folder, self.film, self.rungs = folder, film, rungs
        self.work = folder / WORK
        names = [*(rung.name for rung in rungs), *([hls.SOUND] if film.has_audio else [])]
        self.shelves = [Shelf(name, folder / name, self.work / name) for name in names]
        self.pictures = self.shelves[: len(rungs)]

    def resume(self) -> Start:
        """Read what is public already, and say where the encoder goes on."""
        for shelf in self.shelves:
            for place in (shelf.place, shelf.work):
                place.mkdir(parents=True, exist_ok=True)
            shelf.read()
        if self.ended:
            return Start()
        # The last piece of a rendition that has ended may end in the middle of a packet, so it is made again.
        sure = {shelf.name: len(shelf.cuts) - shelf.ended for shelf in self.shelves}
        whole = min(sure[shelf.name] for shelf in self.pictures) if all(sure.values()) else 0
        for shelf in self.shelves:
            number = whole if shelf in self.pictures or not whole else sure[shelf.name]
            if number < len(shelf.cuts):
                shelf.cut_back(number)
        if not whole:
            return Start()
        frames = round((self.pictures[0].picture_end() - shift(self.film)) * self.film.rate)
        offset = round(shift(self.film) * HERTZ)
        sound = [(s.name, s.ends[fragments.SOUND] - offset) for s in self.shelves if fragments.SOUND in s.ends]
        if any(sample % FRAME for _, sample in sound):
            raise fragments.Broken("the sound of the earlier run is out of step")
        return Start(Fraction(frames) / self.film.rate, tuple(sound))

    @property
    def ended(self) -> bool:
        return all(shelf.ended for shelf in self.shelves)

    @property
    def begun(self) -> bool:
        """Every rendition can be played."""
        return all(shelf.cuts for shelf in self.shelves)

    @property
    def seconds(self) -> float:
        return sum(self.pictures[0].cuts)

    def waiting(self) -> bool:
        """The encoder has finished pieces that every rendition has and that are not public yet."""
        return all(len(hls.read(shelf.work / hls.INDEX).cuts) > shelf.taken for shelf in self.pictures)

    def publish(self) -> bool:
        """Move out what every rendition has; True when there was something. Raises hls.Incomplete."""
        written = [hls.read(shelf.work / hls.INDEX) for shelf in self.shelves]
        common = min(len(playlist.cuts) for playlist in written[: len(self.pictures)])
        ended = all(playlist.ended for playlist in written)
        fresh = []
        try:
            for shelf, playlist in zip(self.shelves, written, strict=True):
                cuts = playlist.cuts[shelf.taken : common if shelf in self.pictures else None]
                shelf.take(cuts)
                fresh += [shelf] if cuts or ended else []
        except fragments.Broken as error:
            raise hls.Incomplete(str(error)) from error
        self._compare()
        for shelf in fresh:
            shelf.ended = ended
            hls.write(shelf.place / hls.INDEX, shelf.cuts, ended=ended)
        return bool(fresh)

    def _compare(self):
        first = self.pictures[0]
        for other in self.pictures[1:]:
            if not hls.in_step(first.cuts, other.cuts):
                raise hls.Incomplete(f"{other.name} and {first.name} cut apart")
