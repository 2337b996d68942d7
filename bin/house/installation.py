"""One running Lily of this checkout: what it is told, who holds it, what it remembers."""

import base64
import json
import os
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import places, services
from .words import Trouble, say

RELEASE = 8  # seconds to wait for one that was just killed to let go
HELD = "Lily already runs from this checkout (process {holder}): use it, or end it first."


class Held(Trouble):
    """Another command has the state folder."""


@contextmanager
def held(*, wait: float = RELEASE) -> Iterator[Path]:
    """The state folder, ours alone for the block. Raises Trouble when another command has it."""
    state = places.state()
    if not state.exists():
        state.mkdir(mode=0o711, parents=True)
    with places.locked(state / "lock", wait=wait, otherwise=HELD, error=Held):
        places.sign(state)
        yield state


def is_new(state: Path) -> bool:
    """Whether no database was ever made here."""
    return not (state / "postgres/made").exists()


def forget(state: Path) -> None:
    """Delete the databases, pictures and secrets of this checkout; downloaded programs stay."""
    for path in state.iterdir():
        if path.name in {"lock", "programs", "checkout"}:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def say_what_is_left() -> None:
    """Name the data of checkouts that are gone. It is not deleted here: a disk may only be away."""
    if left := places.left_behind():
        folders = " ".join(map(str, left))
        say(f"The checkouts of these folders are gone; unless their disk is only away: rm -r {folders}")


def environment(state: Path, given: dict[str, str], *, port: int) -> dict[str, str]:
    """What the product's processes read: the person's own settings win over what is made here."""
    events = f"127.0.0.1:{services.free_port()}"
    ours = {
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "MEDIA_ROOT": str(places.folder(state / "media")),
        "EXPORT_ROOT": str(places.folder(state / "exports")),
        "BUILT_ROOT": str(state / "built"),
        "MAILBOX_DIR": str(places.folder(state / "mailbox")),
        "CLOCK_FILE": str(state / "clock"),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "EVENTS_BIND": events,
        "EVENTS_URL": f"http://{events}/events",
        "HEALTH_PORT": str(services.free_port()),
        "METRICS_DIR": str(state / "metrics"),
        "STATE": str(state),
        "LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
        "WEB_RELOAD": "1",
        "WEB_CONCURRENCY": "1",
    }
    path = {"PATH": os.pathsep.join([str(places.VENV / "bin"), given.get("PATH", os.defpath)])}
    return {**ours, **_secrets(state / "secrets.json"), **given, **path}


def given() -> dict[str, str]:
    """The person's settings: the environment, and before it the lines of `.env`."""
    return {**_read_env(places.CHECKOUT / ".env"), **os.environ}


def remember(state: Path, environment: dict[str, str]) -> None:
    """Keep what the running processes were told, for `bin/dev manage` beside them."""
    path = state / "running.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(environment))


def remembered(state: Path) -> dict[str, str]:
    """What `remember` kept. Raises Trouble when a start is still on its way."""
    try:
        return json.loads((state / "running.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        raise Trouble("Lily is just starting: wait until it says that it is ready, and try again.") from None


def require_port(port: int) -> None:
    """Raises Trouble when another program listens on the port the pages are to have."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise Trouble(f"This user may not use port {port}: start with bin/dev --port 8000.") from None
        except OSError:
            raise Trouble(
                f"Port {port} is taken by another program: end it, or start with bin/dev --port {port + 1}."
            ) from None


def _secrets(path: Path) -> dict[str, str]:
    """The keys of this installation, made at the first start. Whoever loses them loses what is encrypted."""
    if not path.exists():
        made = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "FIELD_KEYS": f"d1:{base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}",
            "DEMO_PASSWORD": secrets.token_urlsafe(9),
        }
        path.touch(mode=0o600)
        path.write_text(json.dumps(made))
    return json.loads(path.read_text())


def _read_env(path: Path) -> dict[str, str]:
    """NAME=value lines; `#` begins a comment line; quotes around a whole value are taken off."""
    if not path.exists():
        return {}
    lines = (line.strip().removeprefix("export ") for line in path.read_text().splitlines())
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): _unquote(value.strip()) for name, _, value in pairs if value.strip()}


def _unquote(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
