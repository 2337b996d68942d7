"""What the commands say: one clear sentence, never a traceback, when the machine is what is wrong."""

import errno
import sys
from collections.abc import Callable


class Trouble(Exception):
    """Something on this machine that a person can mend; `str()` is the sentence that says how."""


def say(sentence: str) -> None:
    """One line for the person who started the command."""
    print(sentence, flush=True)


def explain(error: Exception) -> str:
    """The sentence for an error that the machine caused. Raises it again when it is a fault of ours."""
    if isinstance(error, Trouble):
        return str(error)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"The disk is full{_at(error)}: free about 1 GB and start again."
    if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"This user may not write{_at(error)}: change its owner, or start as the user who owns it."
    raise error


def guarded(run: Callable[[], int]) -> int:
    """The exit status of `run()`; what the machine lacks is said in one sentence."""
    try:
        return run()
    except (Trouble, OSError) as error:
        print(explain(error), file=sys.stderr, flush=True)
        return 1


def _at(error: OSError) -> str:
    return f" at {error.filename}" if error.filename else ""
