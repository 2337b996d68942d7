"""The settings of the events process with less patience than in production, for tests that wait for what it does."""

from config import gunicorn_events
from config.gunicorn_events import *  # noqa: F403

gunicorn_events.UNREAD = 1500


def post_worker_init(worker):
    from config import events

    events.BEAT, events.AGAIN, events.MOST = 0.4, 0.1, 600
    gunicorn_events.post_worker_init(worker)
