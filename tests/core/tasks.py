"""Tasks for the tests of what travels with tasks, and of what is told when one breaks."""

import json

from celery import shared_task

from apps.core import context, valkey


@shared_task
def look_around(key: str) -> None:
    valkey.connection().rpush(key, json.dumps(context.facts()))


@shared_task
def break_with(name: str) -> None:
    raise ValueError(f"Nobody is called {name}")
