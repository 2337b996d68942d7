"""Whether what a command started has ended."""

import time
from pathlib import Path

import psutil

CHECKOUT = Path(__file__).resolve().parents[2]
PROMISED = 5  # seconds after which nothing of a killed command runs


def all_gone(family: list[psutil.Process]) -> bool:
    """Whether all of them end within the promised time. One that only waits to be reaped has ended."""
    until = time.monotonic() + PROMISED
    while time.monotonic() < until:
        if not any(_runs(process) for process in family):
            return True
        time.sleep(0.05)
    return False


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
