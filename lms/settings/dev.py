"""The school on a laptop: what `make up` runs."""

from .base import *  # noqa: F403
from .base import env, kept_secret

DEMO = True
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret("secret_key")
