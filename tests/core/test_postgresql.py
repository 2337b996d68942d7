"""A kept connection is found alive without a round trip, and a broken one is replaced."""

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection

pytestmark = pytest.mark.django_db(transaction=True)


def last_query(pid):
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        return other.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone()[0]


def end(pid):
    """As a restarted server does."""
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def ask():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def start_request():
    """What Django does at the start of one with a connection kept from the last."""
    connection.close_if_unusable_or_obsolete()


def test_a_connection_that_lives_is_not_asked():
    pid = ask()
    assert connection.is_usable()
    assert last_query(pid) == "SELECT pg_backend_pid()"


def test_an_ended_connection_is_replaced_before_its_first_query():
    pid = ask()
    end(pid)
    start_request()
    assert ask() != pid


def test_a_connection_ended_in_a_request_is_an_error_and_the_next_request_works():
    pid = ask()
    end(pid)
    with pytest.raises(OperationalError):
        ask()
    start_request()
    assert ask() != pid


def test_settings_check_kept_connections():
    assert settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] is True
