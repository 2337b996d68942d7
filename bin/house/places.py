"""Where things are kept, and who may be there at once."""

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from .words import Trouble

CHECKOUT = Path(__file__).resolve().parents[2]
VENV = CHECKOUT / ".venv"
TEMPORARY = "lily-test-"
OF_ROOT = Path("/var/lib")  # where root's data of every checkout is
NEEDED = 1_000_000_000  # bytes free for packages, two databases and some pictures


def state() -> Path:
    """The folder of this checkout's data: `.lily/`, or the system's for root.

    PostgreSQL refuses to run as root, and the user it runs as then cannot enter a closed home folder.
    """
    if os.geteuid() != 0:
        return CHECKOUT / ".lily"
    return OF_ROOT / f"lily-{hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:12]}"


def sign(state: Path) -> None:
    """Write into root's folder whose it is: its name is only a hash."""
    if not state.is_relative_to(CHECKOUT):
        (state / "checkout").write_text(str(CHECKOUT))


def left_behind() -> list[Path]:
    """Root's folders whose checkout is no longer there, or not at this moment."""
    signed = sorted(OF_ROOT.glob("lily-*/checkout"))
    return [signature.parent for signature in signed if not Path(signature.read_text()).exists()]


def cache() -> Path:
    """Where downloads that several checkouts may share are kept, by the hash of what they hold."""
    if os.geteuid() == 0:
        return Path("/var/cache/lily")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lily"


def servant() -> dict[str, Any]:
    """Popen's arguments for the user that servers run as: this one, or nobody when this one is root."""
    if os.geteuid() != 0:
        return {}
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise Trouble("This machine has no user nobody: start as a user who is not root.") from None
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def give(path: Path) -> None:
    """Hand a file or folder to the user that servers run as."""
    owner = servant()
    if owner:
        os.chown(path, owner["user"], owner["group"])


def folder(path: Path, *, given: bool = False) -> Path:
    """The folder, made if absent and closed to others; `given` to the user that servers run as."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if given:
        give(path)
    return path


def secret(path: Path) -> str:
    """The password kept in this file, made at the first call."""
    if not path.exists() or not path.read_text():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
        give(path)
    return path.read_text()


def require_space(path: Path, needed: int = NEEDED) -> None:
    """Raises Trouble when the disk of `path` has too little room to begin."""
    while not path.exists():
        path = path.parent
    free = shutil.disk_usage(path).free
    if free < needed:
        raise Trouble(
            f"The disk is nearly full at {path}: {free // 1_000_000} MB are free, "
            f"about {needed // 1_000_000} MB are needed. Free some and start again."
        )


@contextmanager
def locked(path: Path, *, wait: float, otherwise: str, error: type[Trouble] = Trouble) -> Iterator[None]:
    """Hold the lock of `path` for as long as this process lives; raises `error`(`otherwise`) after `wait` seconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        until = time.monotonic() + wait
        while not _flock(file):
            if time.monotonic() >= until:
                file.seek(0)
                raise error(otherwise.format(holder=file.read().strip() or "unknown"))
            time.sleep(0.1)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def temporary() -> Iterator[Path]:
    """A folder that is gone afterwards. What runs that were killed hard left behind is swept first."""
    _sweep(Path(tempfile.gettempdir()))
    path = Path(tempfile.mkdtemp(prefix=TEMPORARY))
    path.chmod(0o711)  # the servers' user walks through, and sees nothing
    try:
        with locked(path / "lock", wait=0, otherwise="The temporary folder is in use."):
            yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _sweep(parent: Path) -> None:
    for path in parent.glob(TEMPORARY + "*"):
        try:
            if time.time() - path.stat().st_mtime < 60 or path.stat().st_uid != os.geteuid():
                continue
            with (path / "lock").open("a") as file:
                if _flock(file):
                    shutil.rmtree(path, ignore_errors=True)
        except OSError:
            continue  # another run swept it first


def _flock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
