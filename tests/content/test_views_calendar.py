"""The calendar's pages: right days in the workspace's zone, few queries and few bytes however many posts."""

from datetime import UTC, date, datetime, timedelta

import pytest

from apps.content import agenda
from apps.content.models import Post, Publication
from apps.core.ids import uuid7
from tests.factories import make_channel, make_membership, make_organization, make_scheduled, make_user, make_workspace

pytestmark = pytest.mark.django_db

BYTES = 60 * 1024  # bar.md, which allows 12 queries


@pytest.fixture
def workspace(db):
    return make_workspace(organization=make_organization(plan="enterprise"), time_zone="Europe/Berlin")


@pytest.fixture
def manager(client, workspace):
    user = make_user()
    make_membership(user=user, organization=workspace.organization, role="manager")
    client.force_login(user)
    return user


def fill_month(workspace, *, posts: int, first: datetime) -> None:
    """`posts` scheduled posts spread over 28 days, each on two profiles."""
    channels = [make_channel(workspace=workspace), make_channel(workspace=workspace)]
    rows = [
        Post(
            id=uuid7(),
            workspace=workspace,
            text=f"{n} Rye and caraway, out of the oven at seven. First come, first slice, the rest is for the birds.",
            status="scheduled",
            due_at=first + timedelta(days=n % 28, minutes=n),
        )
        for n in range(posts)
    ]
    Post.objects.bulk_create(rows)
    Publication.objects.bulk_create(
        Publication(
            post=post,
            channel=channel,
            workspace=workspace,
            status="queued",
            due_at=post.due_at,
            next_try_at=post.due_at,
        )
        for post in rows
        for channel in channels
    )


def test_day_of_a_post_is_that_of_the_workspace(workspace):
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    post = make_scheduled(workspace=workspace, channels=[make_channel(workspace=workspace)])
    Post.objects.filter(pk=post.pk).update(due_at=late)
    days = {day.date: day for week in agenda.month(workspace, date(2026, 11, 1)).weeks for day in week}
    assert [chip.at.strftime("%H:%M") for chip in days[date(2026, 11, 24)].chips] == ["00:30"]
    assert days[date(2026, 11, 23)].chips == ()


def test_month_shows_three_a_day_and_counts_the_rest(workspace):
    fill_month(workspace, posts=28 * 5, first=datetime(2026, 12, 1, 8, tzinfo=UTC))
    days = {day.date: day for week in agenda.month(workspace, date(2026, 12, 1)).weeks for day in week}
    assert (len(days[date(2026, 12, 5)].chips), days[date(2026, 12, 5)].more) == (3, 2)


@pytest.mark.parametrize(("text", "shown"), [("é" * 90, "é" * 90), ("a b " * 23, "a b " * 22 + "a…")])
def test_a_line_says_where_it_leaves_words_out(workspace, text, shown):
    make_scheduled(workspace=workspace, channels=[make_channel(workspace=workspace)], text=text)
    assert [chip.words for chip in agenda.page(workspace).chips] == [shown]


def test_months_lead_to_each_other(workspace):
    shown = agenda.month(workspace, date(2026, 12, 1))
    assert (shown.previous, shown.next) == (date(2026, 11, 1), date(2027, 1, 1))


@pytest.mark.parametrize("posts", [1, 3, 600])
def test_month_costs_the_same_however_many_posts(client, workspace, manager, django_assert_num_queries, posts):
    fill_month(workspace, posts=posts, first=datetime(2026, 12, 1, 8, tzinfo=UTC))
    client.get(f"/w/{workspace.slug}/")  # the first visit remembers the workspace
    with django_assert_num_queries(8):
        response = client.get(f"/w/{workspace.slug}/calendar/?month=2026-12")
    assert response.status_code == 200
    assert len(response.content) <= BYTES


def test_month_that_is_no_month_shows_this_one(client, workspace, manager):
    response = client.get(f"/w/{workspace.slug}/calendar/?month=nonsense")
    assert response.context["month"].first == agenda.today(workspace).replace(day=1)


def test_fragment_is_the_month_alone(client, workspace, manager):
    response = client.get(f"/w/{workspace.slug}/calendar/", headers={"HX-Request": "true"})
    assert b'id="month"' in response.content
    assert b"<html" not in response.content


def test_day_shows_every_post(client, workspace, manager):
    fill_month(workspace, posts=28 * 5, first=datetime(2026, 12, 1, 8, tzinfo=UTC))
    response = client.get(f"/w/{workspace.slug}/calendar/2026-12-05/")
    assert len(response.context["day"].chips) == 5


@pytest.mark.parametrize("day", ["2026-11-31", "1-1-1", "2026-13-01"])
def test_day_that_does_not_exist_is_404(client, workspace, manager, day):
    assert client.get(f"/w/{workspace.slug}/calendar/{day}/").status_code == 404


def test_empty_month_says_what_to_do(client, workspace, manager):
    response = client.get(f"/w/{workspace.slug}/calendar/")
    assert "Nothing planned this month" in response.content.decode()


@pytest.mark.parametrize(("zone", "says"), [("America/New_York", True), ("Europe/Berlin", False)])
def test_page_says_whose_days_the_plan_counts_where_they_differ(client, workspace, manager, zone, says):
    workspace.organization.time_zone = zone
    workspace.organization.save()
    html = client.get(f"/w/{workspace.slug}/calendar/").content.decode()
    assert ("Your plan counts days and weeks in America/New_York." in html) is says
