"""A task for the tests of what travels with tasks."""

import json

from celery import shared_task

from apps.core import context, valkey


@shared_task
def look_around(key: str) -> None:
    valkey.connection().rpush(key, json.dumps(context.facts()))
