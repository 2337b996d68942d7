from __future__ import annotations

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command

from apps.content.models import Bucket, Suggestion
from apps.core import clock, retention, tasks
from apps.plans.catalog import Limit
from apps.plans.models import Reservation, Usage
from tests.factories import make_invitation, make_organization, make_suggestion, make_user

pytestmark = pytest.mark.django_db
YEARS = timedelta(days=3 * 365)


def make_session(*, age: timedelta) -> str:
    session = SessionStore()
    session.create()
    Session.objects.filter(pk=session.session_key).update(expire_date=clock.now() - age)
    return session.session_key


def test_every_table_of_ours_says_how_long_it_is_kept():
    ruled = {rule.model for rule in retention.RULES if apps.get_model(rule.model).__module__.startswith("apps.")}
    stated = [*ruled, *retention.ELSEWHERE, *retention.KEPT]
    assert sorted(stated) == sorted(
        model._meta.label for model in apps.get_models() if model.__module__.startswith("apps.")
    )


def test_old_suggestions_leave():
    old, new = make_suggestion(created_at=clock.now() - timedelta(days=15)), make_suggestion()
    tasks.apply_retention()
    assert (list(Suggestion.objects.all()), old == new) == ([new], False)


def test_ended_sessions_leave_with_what_was_noted_of_them():
    ended, running = make_session(age=timedelta(seconds=1)), make_session(age=-timedelta(days=1))
    for key in (ended, running):
        noted = UserSession.objects.create(user=make_user(), ip="192.0.2.1", session_key=key, user_agent="x")
        UserSession.objects.filter(pk=noted.pk).update(created_at=clock.now() - timedelta(days=2))
    retention.apply()
    assert [session.session_key for session in Session.objects.all()] == [running]
    assert [session.session_key for session in UserSession.objects.all()] == [running]


def test_log_in_of_this_minute_is_kept_though_its_session_is_over():
    UserSession.objects.create(user=make_user(), ip="192.0.2.1", session_key="k", user_agent="x")
    assert retention.apply()["usersessions.UserSession"] == 0


def test_only_what_was_given_back_is_forgotten():
    """What is used or held stays: a picture paid for once is never paid for again."""
    organization, past = make_organization(), clock.now() - YEARS
    facts = {"organization": organization, "limit": Limit.IMAGES_MONTH, "due_at": past, "period_start": past}
    for state in Reservation.State.values:
        Reservation.objects.create(
            **facts, state=state, updated_at=past, subject_type="media.asset", subject_id=uuid4()
        )
    retention.apply()
    assert set(Reservation.objects.values_list("state", flat=True)) == {"reserved", "committed"}


def test_counters_of_the_year_before_last_leave():
    organization = make_organization()
    for age in (timedelta(), timedelta(days=700), YEARS):
        Usage.objects.create(organization=organization, limit=Limit.IMAGES_MONTH, period_start=clock.now() - age)
    retention.apply()
    assert Usage.objects.filter(organization=organization, limit=Limit.IMAGES_MONTH).count() == 2


def test_more_than_one_batch_goes(monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for number in range(5):
        Bucket.objects.create(key=f"k{number}", full_at=clock.now() - timedelta(days=2))
    assert retention.apply()["content.Bucket"] == 5


def test_forecast_says_what_would_go_and_removes_nothing(django_assert_num_queries):
    invitation = make_invitation(organization=make_organization())
    type(invitation).objects.update(expires_at=clock.now() - timedelta(days=91))
    out = StringIO()
    with django_assert_num_queries(len(retention.RULES)):
        call_command("retention", "--dry-run", stdout=out)
    assert [line for line in out.getvalue().splitlines() if ": 0 " not in line] == [
        "accounts.Invitation: 1 older than 90 days (an address; who invited whom is in the audit log)"
    ]
    call_command("retention", stdout=out)
    assert out.getvalue().splitlines()[-1] == "Removed 1 rows."
    assert not type(invitation).objects.exists()
