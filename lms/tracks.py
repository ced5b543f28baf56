"""The four tracks and their looks: the one mapping of track to colour and figure, for pages and for paper."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Track:
    """`ink` and `wash` are the colours of covers; `motif` names the figure in the icon sprite."""

    key: str
    name: Promise
    ink: str
    wash: str

    @property
    def motif(self) -> str:
        return f"motif-{self.key}"


TRACKS = {
    track.key: track
    for track in (
        Track("cqo", _("CQO appointment training"), ink="#084C4F", wash="#E3F0EF"),
        Track("std", _("Standards classroom"), ink="#1E3F66", wash="#E7EDF5"),
        Track("tqm", _("Total quality management"), ink="#6A4A12", wash="#F6EFE2"),
        Track("chain", _("Industry chains"), ink="#2F5233", wash="#E9F1E8"),
    )
}
