"""The rule for late posts: its page, and what the pages of a brake say before it is let go."""

from datetime import timedelta

import pytest
from django.urls import reverse

from apps.accounts import services as accounts
from apps.accounts.catalog import Role
from apps.content import services
from apps.content.catalog import CatchUpRule
from apps.content.forms import say_length
from apps.content.models import CatchUp
from apps.core import audit, clock
from tests.factories import (
    make_channel,
    make_membership,
    make_organization,
    make_scheduled,
    make_user,
    make_workspace,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def workspace(client, owner):
    client.force_login(owner)
    return make_workspace(organization=make_organization(owner=owner))


def link(workspace, name="catch_up_edit"):
    return reverse(name, kwargs={"workspace": workspace.slug})


def said(page) -> list[str]:
    return page.context["on_resume"]


def test_page_starts_with_the_standard_rule(client, workspace, django_assert_num_queries):
    client.get(link(workspace))
    with django_assert_num_queries(6):
        form = client.get(link(workspace)).context["form"]
    assert (form["rule"].value(), form["window"].value(), form["gap"].value()) == (CatchUpRule.ASK, 120, 15)
    assert [str(label) for _minutes, label in form.fields["window"].choices] == [
        "5 minutes",
        "15 minutes",
        "30 minutes",
        "1 hour",
        "2 hours",
        "4 hours",
        "8 hours",
        "1 day",
    ]


def test_rule_is_kept_and_recorded(client, workspace, owner):
    answer = client.post(link(workspace), {"rule": "spread", "window": "60", "gap": "30"})
    assert answer["Location"] == link(workspace)
    own = CatchUp.of(workspace)
    assert (own.rule, own.window, own.gap) == (CatchUpRule.SPREAD, HOUR, HOUR / 2)
    entry = audit.entries(workspace.organization).get()
    assert (entry.action, entry.actor, entry.workspace) == ("workspace.late_posts_changed", owner, workspace)
    assert entry.facts == {"after": {"rule": "spread", "window": "1:00:00", "gap": "0:30:00"}}


@pytest.mark.parametrize(
    ("field", "value"), [("rule", "never"), ("window", "4"), ("window", "x"), ("window", ""), ("gap", "0")]
)
def test_what_is_not_offered_is_refused_next_to_its_field(client, workspace, field, value):
    page = client.post(link(workspace), {"rule": "ask", "window": "60", "gap": "15"} | {field: value})
    assert (page.status_code, page.context["form"].errors.keys()) == (422, {field})
    assert page.content.decode().count('class="errorlist"') == 1
    assert not CatchUp.objects.exists()


def test_length_that_was_set_elsewhere_stays_on_offer(client, workspace):
    services.set_catch_up(workspace=workspace, rule=CatchUpRule.SKIP, window=timedelta(minutes=90))
    form = client.get(link(workspace)).context["form"]
    assert (form["window"].value(), dict(form.fields["window"].choices)[90]) == (90, "90 minutes")


@pytest.mark.parametrize(("minutes", "words"), [(1, "1 minute"), (90, "90 minutes"), (60, "1 hour"), (2880, "2 days")])
def test_lengths_are_said_in_the_largest_unit_that_is_exact(minutes, words):
    assert say_length(minutes) == words


def test_manager_is_refused(client, workspace):
    client.force_login(make_membership(organization=workspace.organization, role=Role.MANAGER).user)
    assert client.get(link(workspace)).status_code == 403


def pause_with_posts(workspace, *ages: timedelta) -> None:
    """Posts so long past their time, held by the workspace's brake."""
    channel = make_channel(workspace=workspace)
    accounts.pause_workspace(actor=None, workspace=workspace)
    for age in ages:
        post = make_scheduled(channels=[channel])
        post.publications.update(due_at=clock.now() - age)
    services.review_holds(organization=workspace.organization)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (None, "2 posts are too late to go out by themselves: Lily asks you about each."),
        (CatchUpRule.SKIP, "2 posts are too late and are left out, as you chose."),
        (CatchUpRule.SPREAD, "2 posts are late and go out one after the other."),
    ],
)
def test_settings_say_what_resuming_does(client, workspace, rule, sentence):
    if rule:
        services.set_catch_up(workspace=workspace, rule=rule)
    pause_with_posts(workspace, 3 * HOUR, 4 * HOUR, HOUR, -HOUR)
    page = client.get(link(workspace, "workspace_settings"))
    assert said(page) == ["1 post that is due goes out at once.", sentence]
    assert page.content.decode().count(sentence) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_what_resuming_does_costs_one_query(client, workspace, count, django_assert_num_queries):
    path = link(workspace, "workspace_settings")
    client.get(path)
    with django_assert_num_queries(5):
        client.get(path)
    pause_with_posts(workspace, *[3 * HOUR] * count)
    with django_assert_num_queries(6):
        assert len(said(client.get(path))) == 1


def test_what_is_said_is_what_happens(client, workspace, owner):
    pause_with_posts(workspace, 3 * HOUR, HOUR)
    accounts.resume_workspace(actor=owner, workspace=workspace)
    posts = workspace.posts.order_by("pk")
    assert [(post.status, post.publications.get().held) for post in posts] == [
        ("attention", False),
        ("scheduled", False),
    ]


def test_paused_and_nothing_late_says_so(client, workspace):
    pause_with_posts(workspace, -HOUR)
    assert said(client.get(link(workspace, "workspace_settings"))) == [
        "Nothing is late. Everything goes out at its time."
    ]


def test_profile_with_a_brake_of_its_own_is_not_counted(client, workspace):
    pause_with_posts(workspace, 3 * HOUR)
    workspace.channels.update(is_paused=True)
    assert said(client.get(link(workspace, "workspace_settings"))) == [
        "Nothing is late. Everything goes out at its time."
    ]


def test_workspace_about_to_be_deleted_is_held_for_that_and_asks_nobody(workspace, owner):
    post = make_scheduled(channels=[make_channel(workspace=workspace)])
    accounts.delete_workspace(actor=owner, workspace=workspace, typed=workspace.name)
    publication = post.publications.get()
    assert (publication.held, publication.hold_reason, publication.asks_person) == (True, "workspace_paused", False)


def test_brake_under_the_organizations_moves_nothing_yet(client, workspace, owner):
    pause_with_posts(workspace, 3 * HOUR)
    accounts.pause_organization(actor=owner, organization=workspace.organization)
    assert said(client.get(link(workspace, "workspace_settings"))) == [
        "Nothing goes out yet: more than this brake holds it."
    ]


def test_organization_counts_the_workspaces_it_lets_go_each_by_its_rule(client, workspace, owner):
    organization = workspace.organization
    other, still = (make_workspace(organization=organization) for _ in range(2))
    services.set_catch_up(workspace=other, rule=CatchUpRule.SKIP)
    for one in (workspace, other, still):
        pause_with_posts(one, 3 * HOUR)
    for one in (workspace, other):
        accounts.resume_workspace(actor=owner, workspace=one)
        make_scheduled(channels=[one.channels.get()]).publications.update(due_at=clock.now() - 3 * HOUR)
    accounts.pause_organization(actor=owner, organization=organization)
    path = reverse("organization_settings", kwargs={"organization": organization.slug})
    assert said(client.get(path)) == [
        "1 post is too late to go out by itself: Lily asks you about it.",
        "1 post is too late and is left out, as you chose.",
    ]
