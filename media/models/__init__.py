"""What the library keeps: films with their ladders, and their words."""

from .caption import Caption
from .video import Rendition, Video, VideoQuerySet

__all__ = ["Caption", "Rendition", "Video", "VideoQuerySet"]
