"""A kept connection is found alive without a round trip, a broken one is replaced, and statements are planned once."""

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

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


SUM = "SELECT %s::integer + 1"


def add_one(number):
    with connection.prepared_cursor() as cursor:
        cursor.execute(SUM, [number])
        return cursor.fetchone()[0]


def prepared_statements():
    """Each with how often one plan for all values was used; no other was made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, generic_plans FROM pg_prepared_statements WHERE custom_plans = 0")
        return cursor.fetchall()


def test_a_prepared_statement_is_planned_once_for_a_connection():
    assert [add_one(number) for number in (1, 2, 3)] == [2, 3, 4]
    assert prepared_statements() == [("SELECT $1::integer + 1", 3)]


def test_other_statements_are_not_prepared():
    pids = {ask() for _ in range(20)}
    assert (len(pids), prepared_statements()) == (1, [])


def test_a_prepared_statement_works_after_an_undone_transaction():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        add_one(1)
        raise ZeroDivisionError
    assert [add_one(2), add_one(3)] == [3, 4]
    assert prepared_statements() == [("SELECT $1::integer + 1", 2)]


def test_a_prepared_statement_is_prepared_again_on_a_new_connection():
    add_one(1)
    end(ask())
    start_request()
    assert add_one(2) == 3
    assert prepared_statements() == [("SELECT $1::integer + 1", 1)]


def test_a_prepared_statement_is_logged_with_its_values():
    with CaptureQueriesContext(connection) as asked:
        add_one(41)
    assert [row["sql"] for row in asked] == ["SELECT 41::integer + 1"]


def test_settings_check_kept_connections():
    assert settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] is True
