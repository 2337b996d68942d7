"""The table of who draws which family. Providers are imported when asked for: web processes load no Pillow."""

from __future__ import annotations

from importlib import import_module

from apps.imaging.providers.base import Provider

PROVIDERS: dict[str, str] = {
    "canvas": "apps.imaging.providers.canvas.Canvas",
}


def get(family: str) -> Provider:
    """The provider of a family. Raises KeyError for one that is not built."""
    module, name = PROVIDERS[family].rsplit(".", 1)
    return getattr(import_module(module), name)()
