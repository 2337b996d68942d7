"""What a form of mine may not do: name rows of another organization, or set what it does not offer."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Team, User
from apps.content.models import Post, PostPicture, Publication
from apps.plans.models import Standing
from tests import factories
from tests.architecture import table
from tests.architecture.table import Scene

pytestmark = pytest.mark.django_db

TENANTS = [address for address in table.addresses() if address.is_ours and address.is_tenants]
PERSONAL = [address for address in table.addresses() if address.is_ours and address.access == "signed_in"]
WRITING = [address for address in TENANTS if "POST" in address.view.methods] + PERSONAL
TYPED = {
    "name": "Bakery",
    "text": "Fresh bread",
    "topic": "Fresh bread",
    "subject": "Fresh bread",
    "email": "new@example.com",
    "role": "member",
    "time_zone": "Europe/Berlin",
    "due_at": "2027-01-05T09:00",
    "date": "2027-01-05",
    "time": "09:00",
    "kind": "reject",
    "seconds": "5",
    "times_left": "1",
    "alt_text": "Bread",
    "network": "sandbox",
    "rule": "ask",
    "is_live": "yes",
}
CLAIMED = {
    "is_staff": "on",
    "is_superuser": "on",
    "is_active": "",
    "plan": "enterprise",
    "source": "comped",
    "status": "published",
    "state": "ready",
    "published_at": "2026-01-01",
    "remote_id": "1",
    "held": "",
    "is_checked": "on",
}
Rows = dict[tuple[str, Any], tuple]


def rows() -> Rows:
    """Every row of every table of ours."""
    models = [model for model in apps.get_models(include_auto_created=True) if model.__module__.startswith("apps.")]
    return {
        (model._meta.label, values[0]): values
        for model in models
        for values in model._base_manager.order_by().values_list(
            "pk", *(f.attname for f in model._meta.concrete_fields)
        )
    }


def theirs(scene: Scene) -> dict[str, Model]:
    """One of everything a form may name, in somebody else's organization."""
    return {
        "channel": factories.make_channel(workspace=scene.workspace),
        "asset": factories.make_asset(workspace=scene.workspace, is_checked=False),
        "post": factories.make_post(workspace=scene.workspace),
        "suggestion": factories.make_suggestion(workspace=scene.workspace),
        "candidate": factories.make_candidate(workspace=scene.workspace),
        "member": factories.make_membership(organization=scene.organization),
        "team": factories.make_team(organization=scene.organization),
    }


def naming(scene: Scene, found: dict[str, Model]) -> dict[str, Any]:
    """Every name our forms give to a row, and those that models do, with their rows behind it."""
    key = {name: str(row.pk) for name, row in found.items()}
    return {
        "channels": [key["channel"]],
        "channel": key["channel"],
        "profiles": [found["channel"].account_id],
        "picture": [key["asset"]],
        "pictures": [key["asset"]],
        "add": [key["asset"]],
        "pending": [key["asset"]],
        "logos": [key["asset"]],
        "asset": key["asset"],
        "post": key["post"],
        "before": key["post"],
        "suggestion": key["suggestion"],
        "candidate": key["candidate"],
        "members": [key["member"]],
        "membership": key["member"],
        "teams": [key["team"]],
        "workspaces": [str(scene.workspace.pk)],
        "workspace": str(scene.workspace.pk),
        "organization": str(scene.organization.pk),
        "owner": str(scene.owner.pk),
        "author": str(scene.owner.pk),
        "user": str(scene.owner.pk),
        "id": key["post"],
        "pk": key["post"],
    }


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def keys() -> dict[str, str]:
    return {"draft_key": str(uuid4()), "request_key": str(uuid4())}


@pytest.mark.parametrize("address", WRITING, ids=str)
def test_form_reaches_no_row_of_another_organization_and_sets_only_what_it_offers(address):
    """Their rows stay as they were, no row of mine points at one of them, and nobody is given anything."""
    mine = table.make_scene()
    path = table.path_of(address, mine)
    before, other = rows(), table.make_scene()
    found = theirs(other)
    both = rows()
    their_rows = {key: values for key, values in both.items() if key not in before}
    standing = Standing.objects.get(organization=mine.organization).plan_id
    answer = signed_in(mine.owner).post(path, TYPED | CLAIMED | keys() | naming(other, found))
    after = rows()
    assert answer.status_code < 500
    assert {key: after.get(key) for key in their_rows} == their_rows
    their_keys = {str(pk) for _, pk in their_rows if len(str(pk)) == 36}
    changed = {key: values for key, values in after.items() if both.get(key) != values}
    assert [key for key, values in changed.items() if any(pk in str(values) for pk in their_keys)] == []
    assert not User.objects.filter(is_staff=True).exists()
    assert Standing.objects.get(organization=mine.organization).plan_id == standing
    assert not Publication.objects.filter(status="published", attempts=None).exists()


# -- each way to name a row, with a form that is right but for it


@pytest.fixture
def mine() -> Scene:
    return table.make_scene()


@pytest.fixture
def found() -> dict[str, Model]:
    return theirs(table.make_scene())


def composed(channel: Model, **more: Any) -> dict[str, Any]:
    return {"text": "Fresh bread", "channels": [str(channel.pk)], **keys(), **more}


def test_profile_of_another_organization_gets_no_post(mine, found):
    path = reverse("post_new_publish", args=[mine.workspace.slug])
    answer = signed_in(mine.owner).post(path, composed(found["channel"]))
    assert (answer.status_code, found["channel"].publications.count()) == (422, 0)


def test_picture_of_another_organization_is_on_no_post(mine, found):
    channel = factories.make_channel(workspace=mine.workspace)
    path = reverse("post_new", args=[mine.workspace.slug])
    for name in ("picture", "add", "pending"):
        answer = signed_in(mine.owner).post(path, composed(channel, **{name: [str(found["asset"].pk)]}))
        assert (answer.status_code < 500, PostPicture.objects.count()) == (True, 0)
        assert str(found["asset"].pk) not in answer.content.decode()
    assert set(Post.objects.values_list("workspace", flat=True)) <= {mine.workspace.pk, found["post"].workspace_id}


@pytest.mark.parametrize(("name", "row"), [("members", "member"), ("workspaces", "workspace")])
def test_team_takes_nobody_of_another_organization(mine, found, name, row):
    pk = found["post"].workspace_id if row == "workspace" else found[row].pk
    path = reverse("team_new", args=[mine.organization.slug])
    answer = signed_in(mine.owner).post(path, {"name": "Night shift", name: [str(pk)]})
    assert (answer.status_code, Team.objects.filter(organization=mine.organization).count()) == (422, 0)


def test_invitation_opens_no_team_of_another_organization(mine, found):
    path = reverse("invitation_new", args=[mine.organization.slug])
    form = {"email": "new@example.com", "role": "member", "teams": [str(found["team"].pk)]}
    answer = signed_in(mine.owner).post(path, form)
    assert (answer.status_code, mine.organization.invitations.count()) == (422, 0)


def test_sandbox_breaks_nothing_of_another_organization(mine, found):
    path = reverse("sandbox_fault", args=[mine.workspace.slug])
    form = {"channel": str(found["channel"].pk), "kind": "reject", "seconds": "5", "times_left": "1"}
    assert signed_in(mine.owner).post(path, form).status_code == 422


def test_nobody_is_made_an_owner_by_a_form_that_offers_other_roles(mine):
    member = factories.make_membership(organization=mine.organization)
    admin = factories.make_membership(organization=mine.organization, role="admin").user
    path = reverse("member_edit", args=[mine.organization.slug, member.pk])
    answer = signed_in(admin).post(path, {"role": "owner"})
    member.refresh_from_db()
    assert (answer.status_code, member.role) == (422, "member")
