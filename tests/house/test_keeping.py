"""Programs started by a command end with it, however it ends."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from house import keeping

from .conftest import CHECKOUT, PROMISED, all_gone

SCRIPT = """
import os, signal, subprocess, sys, time
from house import keeping

def run():
    keeping.spawn(["sleep", "611"])                                   # a plain child
    keeping.spawn(["sh", "-c", "trap '' TERM INT; sleep 612; sleep 612"])  # one that does not listen, and its child
    keeping.spawn(["sh", "-c", "(setsid sleep 613 &) ; exit 0"])      # one that left its parents and its session
    time.sleep(0.2)
    print("ready", os.getpid(), flush=True)
    return keeping.command(["sleep", "614"])

sys.exit(keeping.keep(run))
"""


@pytest.fixture
def started():
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        env=os.environ | {"PYTHONPATH": str(CHECKOUT / "bin")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    word, keeper = process.stdout.readline().split()
    assert word == "ready"
    family = _family(process.pid)
    yield process, int(keeper), family
    for child in family:
        if child.is_running():
            child.kill()
    process.stdout.close()
    process.wait()


def _family(pid: int) -> list[psutil.Process]:
    """Everything below the front, once the four sleepers are there."""
    until = time.monotonic() + PROMISED
    while time.monotonic() < until:
        family = psutil.Process(pid).children(recursive=True)
        with suppress(psutil.NoSuchProcess):  # a shell that has just ended
            words = sorted(" ".join(child.cmdline()) for child in family if child.name() == "sleep")
            if words == ["sleep 611", "sleep 612", "sleep 613", "sleep 614"]:
                return family
    raise AssertionError(f"Not all were started: {family}")


def test_keep_ends_all_when_the_front_is_killed(started):
    process, _, family = started
    process.kill()
    assert all_gone(family)


def test_keep_ends_all_when_the_keeper_is_killed(started):
    process, keeper, family = started
    os.kill(keeper, signal.SIGKILL)
    assert all_gone(family)
    assert process.wait(PROMISED) == 128 + signal.SIGKILL


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_keep_ends_all_on_a_signal_and_says_which(started, signum):
    process, _, family = started
    process.send_signal(signum)
    assert process.wait(PROMISED) == 128 + signum
    assert all_gone(family)


@pytest.mark.parametrize("status", [0, 3])
def test_keep_gives_the_status_of_its_work(status):
    script = f"import sys; from house import keeping; sys.exit(keeping.keep(lambda: {status}))"
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT / "bin")}
    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == status


def test_trouble_is_one_sentence_and_no_traceback():
    script = (
        "import sys; from house import keeping; from house.words import Trouble\n"
        "def run(): raise Trouble('The disk is full.')\n"
        "sys.exit(keeping.keep(run))"
    )
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT / "bin")}
    done = subprocess.run([sys.executable, "-c", script], env=environment, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "The disk is full.\n")


def test_words_of_a_process_are_read_without_ps(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    assert keeping.words_of(os.getpid()).split() == " ".join(psutil.Process().cmdline()).split()
    assert keeping.words_of(2**22 + 1) == ""  # above Linux's largest id


def test_the_package_needs_nothing_but_the_standard_library():
    """It runs before anything is installed."""
    names = {path.stem for path in Path(CHECKOUT, "bin/house").glob("*.py")} | {"house"}
    for path in Path(CHECKOUT, "bin/house").glob("*.py"):
        for line in path.read_text().splitlines():
            if line.startswith(("import ", "from ")) and not line.startswith("from ."):
                assert line.split()[1].split(".")[0] in sys.stdlib_module_names | names, f"{path.name}: {line}"
