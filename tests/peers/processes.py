"""Starting and ending counterpart servers: each in a process group of its own that dies with the test run."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PEERS = Path(__file__).parent
START = 60  # seconds a server may take to answer, on a busy machine
_PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """A port nobody listens on, kept free for a moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _die_with_parent() -> None:
    """In the child: Linux ends it when the starter is gone, however that ended (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """One server. `stop` ends its whole group; `freeze` and `thaw` stop and continue it; `kill` is `kill -9`."""

    def __init__(self, command: list[str], *, log: Path, env: dict[str, str] | None = None, cwd: Path = PEERS) -> None:
        self.log = log
        self._output = log.open("ab")
        self.popen = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._output,
            text=True,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # the child does nothing else before exec
        )

    @property
    def pid(self) -> int:
        return self.popen.pid

    def first_line(self) -> str:
        """What it prints first: that it is ready. Raises RuntimeError with the end of its log if it ended instead."""
        line = self.popen.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.popen.args[0]} ended: {self.log.read_text(errors='replace')[-2000:]}")
        return line

    def wait_until(self, answers: Callable[[], bool]) -> None:
        """Wait until `answers()`; raises RuntimeError when it ends before, or after `START` seconds."""
        deadline = time.monotonic() + START
        while not answers():
            if self.popen.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.popen.args[0]}: {self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def freeze(self) -> None:
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        self._close()

    def stop(self) -> None:
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        try:
            self.popen.wait(5)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
        self._close()

    def _signal(self, number: int) -> None:
        if self.popen.poll() is None:
            os.killpg(self.pid, number)

    def _close(self) -> None:
        self.popen.wait(10)
        self.popen.stdout.close()
        self._output.close()


def listens(port: int) -> Callable[[], bool]:
    """Whether someone listens on a port of this machine, as a question to ask again."""

    def ask() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return ask
