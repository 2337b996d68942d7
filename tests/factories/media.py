"""Pictures for tests: real bytes, stored as they would be."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from apps.media import checking
from apps.media.models import Asset
from apps.media.services import store_upload
from tests.factories.accounts import make_workspace


def picture_bytes(format: str = "JPEG", size: tuple[int, int] = (640, 480), colour="#4a6fa5", **options) -> bytes:
    """A picture of one colour; `options` go to Pillow's save."""
    out = io.BytesIO()
    Image.new("RGBA" if format in ("PNG", "WEBP") else "RGB", size, colour).save(out, format, **options)
    return out.getvalue()


def picture_file(name: str = "bread.jpg", data: bytes | None = None) -> SimpleUploadedFile:
    """What a browser sends."""
    return SimpleUploadedFile(name, picture_bytes() if data is None else data)


def make_asset(*, workspace=None, user=None, file=None, is_checked: bool = True, alt_text: str = "") -> Asset:
    """An uploaded picture, checked as the imaging worker does it unless `is_checked` is False."""
    asset = store_upload(workspace or make_workspace(), user, file or picture_file())
    if is_checked:
        checking.check(asset.pk)
    Asset.objects.filter(pk=asset.pk).update(alt_text=alt_text)
    return Asset.objects.get(pk=asset.pk)
