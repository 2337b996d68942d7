"""Brands for tests."""

from apps.brand.models import BrandKit
from apps.brand.services import save_kit


def make_brand(*, workspace, author=None, **values) -> BrandKit:
    """The workspace's kit with these values of the vault."""
    return save_kit(workspace=workspace, author=author, **({"audience": "People nearby"} | values))
