"""Nothing outlives the command that started it, not even when that is killed with -9.

`keep(run)` splits the command in two. The *front* is what the person started: it passes signals on and waits. The
*keeper*, a session of its own, does the work. Each is the other's safety net:

- the front dies → the keeper reads the end of a pipe that only the front held, and stops everything;
- the keeper dies → its children are told by the kernel (PR_SET_PDEATHSIG) and become the front's (it is their
  subreaper), which ends whatever is left;
- grandchildren that lost their parents become the keeper's for the same reason, so a walk down from it finds all.

Where the kernel has no prctl (macOS), the pipe and the walk do the work.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .words import guarded

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
IN_ALL = 4  # seconds a stop may take once the front is gone; five are promised
HURRIED = 1.2  # seconds each part of it may take then
_orphaned = threading.Event()
_libc = ctypes.CDLL(None)


class Stopped(BaseException):
    """A signal asked the keeper to stop. Not an Exception, so that only `finally` clauses see it."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum


def keep(run: Callable[[], int]) -> int:
    """Run `run()` in the keeper and give its exit status; 128 + signal when a signal ended it."""
    _adopt_orphans()
    pipe, held = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        os.close(held)
        os.setsid()
        _adopt_orphans()
        os._exit(_work(run, pipe))
    os.close(pipe)
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, lambda number, _: _signal(keeper, number))
    _, status = os.waitpid(keeper, 0)
    end_descendants(within=3)
    return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def spawn(command: Sequence[object], *, when_orphaned: int = signal.SIGTERM, **options: Any) -> subprocess.Popen:
    """Start a program that gets `when_orphaned` when the keeper dies."""

    def bind() -> None:
        if sys.platform == "linux":
            _libc.prctl(PR_SET_PDEATHSIG, when_orphaned)  # after the change of user, which clears it

    return subprocess.Popen([str(word) for word in command], preexec_fn=bind, **options)


@contextmanager
def foreground(words: Sequence[object], *, patience: float = 10, **options: Any) -> Iterator[subprocess.Popen]:
    """A program and what it starts, for as long as the block; both are gone after it.

    When a signal stops the keeper, the program's group gets SIGINT: a Python program then runs its `finally`s.
    """
    process = spawn(words, start_new_session=True, **options)
    try:
        yield process
    finally:
        family = [process.pid, *descendants(process.pid)]
        if process.poll() is None:
            _signal_group(process.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_hurried(patience))
        for pid in set(family) & {process.pid, *descendants(os.getpid())}:
            _signal(pid, signal.SIGKILL)
        process.wait()


def command(words: Sequence[object], **options: Any) -> int:
    """Run a program in the foreground and give its exit status."""
    with foreground(words, **options) as process:
        return process.wait()


def stop(process: subprocess.Popen, signum: int, *, patience: float = 5) -> None:
    """Ask a program to end, and end it when it does not."""
    if process.poll() is None:
        process.send_signal(signum)
        try:
            process.wait(_hurried(patience))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def end_descendants(*, within: float) -> None:
    """Wait until everything below this process is gone; what is left after `within` seconds is killed."""
    until = time.monotonic() + within
    while left := descendants(os.getpid()):
        if time.monotonic() >= until:
            for pid in left:
                _signal(pid, signal.SIGKILL)
        _reap()
        time.sleep(0.02)


def descendants(root: int) -> list[int]:
    """The ids of every living process below `root`."""
    children: dict[int, list[int]] = {}
    for pid, parent in _processes():
        children.setdefault(parent, []).append(pid)
    found, look = [], [root]
    while look:
        below = children.get(look.pop(), [])
        found += below
        look += below
    return found


def words_of(pid: int) -> str:
    """The command line of a process; nothing when there is none. Where there is /proc, `ps` need not be installed."""
    if Path("/proc/self/cmdline").exists():
        with suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return ""
    words = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout


def _work(run: Callable[[], int], pipe: int) -> int:
    def interrupt(signum: int, _frame: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # once is enough; the stop itself is not to be stopped
        raise Stopped(signum)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    threading.Thread(target=_watch, args=(pipe,), daemon=True).start()
    try:
        status = guarded(run)
    except Stopped as stopped:
        status = 128 + stopped.signum
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        end_descendants(within=1)
    return status


def _watch(pipe: int) -> None:
    """Ends the keeper when the front is gone: first in order, then by force."""
    os.read(pipe, 1)
    _orphaned.set()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(IN_ALL)
    for pid in descendants(os.getpid()):
        _signal(pid, signal.SIGKILL)
    os._exit(1)


def _hurried(patience: float) -> float:
    return min(patience, HURRIED) if _orphaned.is_set() else patience


def _adopt_orphans() -> None:
    if sys.platform == "linux":
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)


def _processes() -> list[tuple[int, int]]:
    """(id, parent's id) of every process that is not merely waiting to be reaped."""
    if not Path("/proc/self/stat").exists():
        table = subprocess.run(["ps", "-axo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
        rows = [line.split() for line in table.splitlines()]
        return [(int(pid), int(parent)) for pid, parent, stat in rows if not stat.startswith("Z")]
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue  # gone since
            if state not in "ZX":
                found.append((int(entry.name), int(parent)))
    return found


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue


def _signal(pid: int, signum: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signum)


def _signal_group(pid: int, signum: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signum)
