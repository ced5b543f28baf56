"""What the library keeps: films with their ladders, and their words."""

from .caption import Caption
from .delivery import Delivery
from .hold import Hold
from .upload import Replacement, Upload
from .video import Rendition, Video, VideoQuerySet

__all__ = ["Caption", "Delivery", "Hold", "Rendition", "Replacement", "Upload", "Video", "VideoQuerySet"]
