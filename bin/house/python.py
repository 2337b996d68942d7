"""The virtual environment of this checkout and what is installed in it."""

import hashlib
import os
import subprocess
import sys

from . import places
from .words import Trouble, say

OLDEST = (3, 11)
PYTHON = places.VENV / "bin/python"
REQUIREMENTS = places.CHECKOUT / "requirements"


def prepare(*names: str) -> None:
    """Make `.venv` when absent and install `requirements/<name>.txt`, when they changed since the last time."""
    wanted = _fingerprint(names)
    stamp = places.VENV / f".installed-{'-'.join(names)}"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    places.VENV.mkdir(exist_ok=True)
    with places.locked(
        places.VENV / ".lock",
        wait=600,
        otherwise="Another command (process {holder}) has been installing packages for ten minutes: end it first.",
    ):
        if stamp.exists() and stamp.read_text() == wanted:
            return
        places.require_space(places.CHECKOUT)
        if not PYTHON.exists():
            _make()
        _install(names)
        stamp.write_text(wanted)


def _fingerprint(names: tuple[str, ...]) -> str:
    """One hash of the named requirement files and those they include, and of the Python they are for."""
    digest, look, seen = hashlib.sha256(str(sys.version_info[:2]).encode()), list(names), set()
    while look:
        name = look.pop()
        if name in seen:
            continue
        seen.add(name)
        text = (REQUIREMENTS / f"{name}.txt").read_text()
        digest.update(text.encode())
        look += [line.split()[1].removesuffix(".txt") for line in text.splitlines() if line.startswith("-r ")]
    return digest.hexdigest()


def _make() -> None:
    say("Making .venv ...")
    done = subprocess.run(
        [sys.executable, "-m", "venv", places.VENV],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        said = done.stdout + done.stderr
        if "ensurepip" in said:
            version = ".".join(map(str, sys.version_info[:2]))
            raise Trouble(
                f"This Python cannot make virtual environments: install its venv package "
                f"(Debian, Ubuntu: apt install python{version}-venv) and start again."
            )
        raise _trouble(said)


def _install(names: tuple[str, ...]) -> None:
    say(f"Installing packages ({', '.join(f'requirements/{name}.txt' for name in names)}), once ...")
    files = [word for name in names for word in ("-r", REQUIREMENTS / f"{name}.txt")]
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--retries", "2"]
    done = subprocess.run(
        [PYTHON, "-m", "pip", "install", *options, *files],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"PIP_ROOT_USER_ACTION": "ignore"},
    )
    if done.returncode:
        raise _trouble(done.stdout + done.stderr)


NO_NETWORK = (
    "Temporary failure in name resolution",
    "Name or service not known",
    "NewConnectionError",
    "Failed to establish a new connection",
    "Network is unreachable",
    "nodename nor servname",
    "ProxyError",
    "Read timed out",
    "ConnectTimeoutError",
)


def _trouble(said: str) -> Trouble:
    if "No space left on device" in said:
        return Trouble("The disk is full: free about 1 GB and start again.")
    if any(word in said for word in NO_NETWORK):
        return Trouble("The packages could not be downloaded: there is no network, or no way to the package index.")
    last = next((line for line in reversed(said.splitlines()) if line.startswith("ERROR")), said.strip()[-400:])
    return Trouble(f"The packages could not be installed. pip says: {last}")
