"""Production: refuses to start without its secrets, all named at once."""

from .base import *  # noqa: F403

PRODUCTION = True
