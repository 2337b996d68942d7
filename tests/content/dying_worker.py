"""A real Celery worker whose process kills itself (SIGKILL) at a named point of sending, when a test asks it to.

    python -m tests.content.dying_worker FOLDER [keyless]

It reads the point from FOLDER/die_at, writes FOLDER/died before it dies, and FOLDER/pid when an attempt is on record,
so that a test can kill it in the middle of the call. The parent of the pool starts a new process for a dead one.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path


def main(folder: Path, *, keyless: bool) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    import django

    django.setup()
    from apps.content.signals import publication_step
    from config.celery import app

    if keyless:
        forget_keys()

    def die(step: str, **_news: object) -> None:
        if step == "recorded":
            write(folder / "pid", str(os.getpid()))
        asked = folder / "die_at"
        if asked.exists() and asked.read_text() == step:
            asked.unlink()
            write(folder / "died", step)
            os.kill(os.getpid(), signal.SIGKILL)

    publication_step.connect(die, weak=False)
    options = "worker --queues publish --concurrency 1 --loglevel ERROR --without-mingle --without-gossip --hostname"
    app.worker_main(["--quiet", *options.split(), f"dying{os.getpid()}@%h"])


def forget_keys() -> None:
    """Mastodon as a network that keeps no idempotency keys: what the recorder is."""
    from apps.social import providers

    class Keyless(type(providers.PROVIDERS["mastodon"])):
        capabilities = replace(providers.PROVIDERS["mastodon"].capabilities, idempotent=False)

    providers.PROVIDERS["mastodon"] = Keyless()


def write(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(text)
    part.rename(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), keyless="keyless" in sys.argv[2:])
