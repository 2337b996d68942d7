"""Stops an upload that is too large while it comes in, so that nobody fills the disk of a web machine."""

from __future__ import annotations

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from apps.media.catalog import UPLOAD_BYTES_MAX


class SizeGuard(FileUploadHandler):
    """First of FILE_UPLOAD_HANDLERS: drops what is over the limit and says so on the request."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > UPLOAD_BYTES_MAX:
            self.request.is_upload_too_large = True  # type: ignore[attr-defined]
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
