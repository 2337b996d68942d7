"""The table of who draws which family. Providers are imported when asked for: web processes load no Pillow."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings

from apps.imaging.providers.base import Provider

NEEDS: dict[str, tuple[str, ...]] = {"canvas": ()}  # settings a family cannot do without
PROVIDERS: dict[str, str] = {
    "canvas": "apps.imaging.providers.canvas.Canvas",
}


def is_offered(family: str) -> bool:
    """Whether a family is built and set up here; asks settings only, and loads no imaging library."""
    return family in PROVIDERS and all(getattr(settings, name, "") for name in NEEDS.get(family, ()))


def get(family: str) -> Provider:
    """The provider of a family. Raises KeyError for one that is not built."""
    module, name = PROVIDERS[family].rsplit(".", 1)
    return getattr(import_module(module), name)()
