"""Shared by the tests of accounts."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage

from apps.accounts import mailing
from apps.accounts.models import OutgoingMail
from config.celery import app


@pytest.fixture
def done(django_capture_on_commit_callbacks):
    """`with done():` runs what the block has put off until its commit, tasks too, here and now."""
    before = app.conf.task_always_eager, app.conf.task_eager_propagates
    app.conf.task_always_eager = app.conf.task_eager_propagates = True
    yield lambda: django_capture_on_commit_callbacks(execute=True)
    app.conf.task_always_eager, app.conf.task_eager_propagates = before


@pytest.fixture(autouse=True)
def no_rates_left():
    """Rate limits live in the cache; every test begins with none used."""
    cache.clear()


@pytest.fixture
def delivered():
    """`delivered()`: what the worker does with the mails that wait, and then every mail sent so far."""

    def deliver() -> list[EmailMessage]:
        for waiting in OutgoingMail.objects.due():
            mailing.deliver(str(waiting.pk))
        return mail.outbox

    return deliver


@pytest.fixture
def mailed(delivered):
    """The path of the only link in the last mail."""

    def link() -> str:
        delivered()
        found = re.findall(r"https?://[^/\s]+(/\S+)", mail.outbox[-1].body)
        assert len(found) == 1, mail.outbox[-1].body
        return found[0]

    return link
