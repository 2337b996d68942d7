"""Has `decoder` open a picture in a child process with nothing to lose: no secrets, little memory, little time.

Only tasks of the imaging worker call this; web processes never decode a picture.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from django.conf import settings

from apps.media import decoder
from apps.media.catalog import KINDS

log = logging.getLogger("lily.media")
WALL_SECONDS = 40


@dataclass(frozen=True)
class Decoded:
    """What is left of a picture once it has been opened: the copy to work with, and the small one (WebP)."""

    mime: str
    width: int
    height: int
    frames: int
    working: bytes
    preview: bytes


class Refused(Exception):
    """The picture is not taken; `code` is one of `catalog.PROBLEMS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def decode(
    original: BinaryIO,
    mime: str,
    *,
    memory: int = decoder.MEMORY,
    cpu_seconds: int = decoder.CPU_SECONDS,
    wall_seconds: float = WALL_SECONDS,
) -> Decoded:
    """Open a picture that says it is `mime`. Raises Refused."""
    with TemporaryDirectory(prefix="lily-picture-") as name:
        folder = Path(name)
        (folder / "original").write_bytes(original.read())
        words = [str(folder / "original"), KINDS[mime].format, str(folder), str(memory), str(cpu_seconds)]
        said = _run([sys.executable, "-m", "apps.media.decoder", *words], wall_seconds)
        if "problem" in said:
            raise Refused(said["problem"])
        return Decoded(**said, working=(folder / "working").read_bytes(), preview=(folder / "preview").read_bytes())


def _run(command: list[str], wall_seconds: float) -> dict:
    """What the child said. Raises Refused where it was killed, crashed or said nothing."""
    environment = {"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
    try:
        done = subprocess.run(
            command,
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused("time") from None
    if done.returncode == 0:
        return json.loads(done.stdout)
    log.info(
        "a picture could not be opened",
        extra={"returncode": done.returncode, "error": done.stderr.decode(errors="replace")[-500:]},
    )
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise Refused("time")
    raise Refused("memory" if b"MemoryError" in done.stderr else "damaged")
