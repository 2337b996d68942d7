"""`python -m benchmarks NAME [case ...]`, started by `bin/bench` beside empty services."""

import importlib
import sys

import django
from django.core.management import call_command

django.setup()
call_command("prepare", verbosity=0, stdout=sys.stderr)
call_command("collectstatic", verbosity=0, interactive=False)
sys.exit(importlib.import_module(f"benchmarks.{sys.argv[1]}").run(sys.argv[2:]))
