"""`PYTHONPATH=bin python3 -m house COMMAND ...`: a command beside a PostgreSQL and a Valkey that end with it."""

import os
import sys

from . import keeping, places, services
from .words import Trouble


def main() -> int:
    if len(sys.argv) < 2:
        raise Trouble("Say which command to run beside temporary services.")
    with places.temporary() as state, services.running(state, lasting=True) as addresses:
        environment = os.environ | addresses.environment() | {"MEDIA_ROOT": str(places.folder(state / "media"))}
        return keeping.command(sys.argv[1:], env=environment)


sys.exit(keeping.keep(main))
