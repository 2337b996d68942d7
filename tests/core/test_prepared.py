"""Queries composed once: the same rows as the queryset gives, whatever the values and whoever asks."""

from datetime import UTC, datetime
from threading import Thread

import pytest
from django.db import connection
from django.db.models import BooleanField, Value
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Organization, Workspace
from apps.core.prepared import Prepared
from tests.factories import make_organization, make_workspace

pytestmark = pytest.mark.django_db

MOMENTS = [datetime(2026, 11, day, 9, tzinfo=UTC) for day in (1, 2, 3)]


def by_name(name, **more):
    found = Organization.objects.filter(name=name).order_by("slug")
    return found.filter(created_at__lt=more["before"]) if "before" in more else found


def make_named(name, created_at=MOMENTS[0]):
    row = make_organization(name=name)
    Organization.objects.filter(pk=row.pk).update(created_at=created_at)
    return row


def test_rows_are_those_of_the_values_given():
    first, second = make_named("One"), make_named("Two")
    prepared = Prepared(by_name)
    assert [prepared(name="One"), prepared(name="Two"), prepared(name="Three")] == [[first], [second], []]


def test_each_set_of_names_is_a_query_of_its_own():
    old, new = make_named("One"), make_named("One", MOMENTS[2])
    prepared = Prepared(by_name)
    assert prepared(name="One", before=MOMENTS[1]) == [old]
    assert set(prepared(name="One")) == {old, new}


def test_is_composed_once(django_assert_num_queries):
    asked = []
    Prepared.is_compared = False
    try:
        prepared = Prepared(lambda name: asked.append(name) or by_name(name))
        with django_assert_num_queries(2):
            prepared(name="One")
            prepared(name="Two")
    finally:
        Prepared.is_compared = True
    assert len(asked) == 1


@pytest.mark.parametrize(("end", "is_planned_once"), [(1234, False), (1235, True)])
def test_a_query_that_ends_early_is_planned_once_only_where_that_is_said(end, is_planned_once):
    Prepared(lambda name: by_name(name)[:end], is_planned_once=is_planned_once)(name="One")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_prepared_statements WHERE statement LIKE %s", [f"%LIMIT {end}"])
        assert bool(cursor.fetchall()) == is_planned_once


def test_related_rows_annotations_and_tuples_come_as_from_the_queryset():
    workspace = make_workspace()
    with_organization = Prepared(
        lambda pk: (
            Workspace.objects.filter(pk=pk)
            .select_related("organization")
            .annotate(is_here=Value(True, output_field=BooleanField()))
        )
    )
    with CaptureQueriesContext(connection) as queries:
        (row,) = with_organization(pk=workspace.pk)
        assert (row, row.organization, row.is_here) == (workspace, workspace.organization, True)
    assert len(queries) == 1
    assert Prepared(lambda pk: Workspace.objects.filter(pk=pk).values_list("name", "pk"))(pk=workspace.pk) == [
        (workspace.name, workspace.pk)
    ]


def test_rows_come_with_what_the_queryset_prefetches(django_assert_num_queries):
    workspaces = [make_workspace() for _ in range(2)]
    prepared = Prepared(lambda name: by_name(name).prefetch_related("workspaces"))
    Organization.objects.update(name="One")
    with django_assert_num_queries(2):
        found = [workspace for row in prepared(name="One") for workspace in row.workspaces.all()]
    assert set(found) == set(workspaces)


def test_first_and_get_say_what_is_not_there():
    row, prepared = make_named("One"), Prepared(by_name)
    assert (prepared.first(name="One"), prepared.first(name="Two"), prepared.get(name="One")) == (row, None, row)
    with pytest.raises(Organization.DoesNotExist):
        prepared.get(name="Two")


@pytest.mark.parametrize("count", [1, 2, 3])
def test_list_is_one_value_however_long(count):
    rows = [make_named(f"One {day}", at) for day, at in enumerate(MOMENTS)]
    among = Prepared(lambda moments: Organization.objects.filter(created_at__among=moments).order_by("name"))
    assert among(moments=MOMENTS[:1]) == rows[:1]
    assert among(moments=MOMENTS[:count]) == rows[:count]


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_on_its_own_connection():
    row, prepared, seen = make_named("One"), Prepared(by_name), []

    def ask():
        seen.extend(prepared(name="One"))
        connection.close()

    threads = [Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [row, row, row]


def test_value_that_is_changed_on_the_way_is_refused():
    with pytest.raises(TypeError, match="do not reach the SQL"):
        Prepared(lambda name: by_name(name.upper()))(name="one")


def test_value_that_decides_something_is_noticed_by_the_comparison():
    prepared = Prepared(lambda name: by_name(name).reverse() if name == "Two" else by_name(name))
    prepared(name="One")
    with pytest.raises(AssertionError, match="is prepared as"):
        prepared(name="Two")


def test_parameters_that_stay_stand_in_the_statement_so_that_its_plan_may_rest_on_them():
    row = make_named("100 %s")
    prepared = Prepared(lambda pk: Organization.objects.filter(pk=pk, name="100 %s"))
    with CaptureQueriesContext(connection) as asked:
        assert prepared(pk=row.pk) == [row]
    assert "100 %s" in asked[0]["sql"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%%100 \\%%s%%'")
        [(statement,)] = cursor.fetchall()
    assert "$1" in statement and "$2" not in statement


def test_query_that_ends_after_so_many_rows_is_planned_for_its_values():
    row = make_named("One")
    assert Prepared(lambda name: by_name(name)[:3])(name="One") == [row]
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        assert cursor.fetchall() == []
