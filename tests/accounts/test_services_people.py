"""What a person does with themselves: export and deletion, and what is deleted for good."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from apps.accounts import belongings, deleting, exporting, services, signals
from apps.accounts.catalog import Role
from apps.accounts.models import Export, Invitation, Membership, Organization, OutgoingMail, Team, User, Workspace
from apps.core import clock
from apps.core.errors import Invalid, WrongState
from apps.core.models import AuditEntry
from apps.imaging.models import Candidate
from tests.factories import (
    PASSWORD,
    make_asset,
    make_brand,
    make_candidate,
    make_channel,
    make_export,
    make_invitation,
    make_membership,
    make_organization,
    make_scheduled,
    make_team,
    make_user,
    make_workspace,
)

pytestmark = pytest.mark.django_db


def contents(response):
    archive = zipfile.ZipFile(io.BytesIO(response.getvalue()))
    return {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}


def status_of(client, path):
    response = client.get(path)
    if response.streaming:
        response.getvalue()
    return response.status_code


def log_in(client, user):
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def test_person_exports_what_is_theirs(client, done, mailed):
    user, stranger = make_user(name="Ada"), make_membership().user
    make_organization(owner=user)
    client.force_login(user)
    with done():
        client.post(reverse("person_export"))
    response = client.get(mailed())
    assert mail.outbox[-1].to == [user.email]
    assert response["Content-Disposition"].startswith('attachment; filename="lily-')
    files = contents(response)
    assert files["accounts.user.json"][0]["name"] == "Ada"
    assert [row["email"] for row in files["account.emailaddress.json"]] == [user.email]
    assert len(files["accounts.membership.json"]) == 1
    assert stranger.email not in json.dumps(files)
    assert not {"password", "session_key"} & files["accounts.user.json"][0].keys()


def test_organization_export_holds_everything_and_no_secret(client, done, mailed):
    owner = make_user()
    workspace = make_workspace(organization=make_organization(owner=owner))
    channel = make_channel(workspace=workspace)
    invitation = make_invitation(organization=workspace.organization)
    other = make_workspace()
    client.force_login(owner)
    with done():
        client.post(reverse("organization_export", args=[workspace.organization.slug]))
    files = contents(client.get(mailed()))
    assert [row["id"] for row in files["social.channel.json"]] == [str(channel.pk)]
    assert [row["id"] for row in files["accounts.workspace.json"]] == [str(workspace.pk)]
    text = json.dumps(files)
    assert "credentials" not in files["social.channel.json"][0]
    assert invitation.token_hash not in text
    assert str(other.pk) not in text


def test_no_secret_looking_column_of_any_model_is_exported():
    allowed = {"accounts.export.bytes"}
    for root in (Organization, User, Workspace):
        for belonging in belongings.belongings(root):
            open_names = [field.name for field in belonging.model._meta.concrete_fields if exporting.is_open(field)]
            suspicious = [name for name in open_names if any(part in name for part in ("secret", "token", "password"))]
            assert not set(suspicious) - allowed, belonging.model


def test_export_is_made_once_at_a_time():
    user = make_user()
    services.request_export(user=user)
    with pytest.raises(WrongState):
        services.request_export(user=user)
    services.request_export(user=user, organization=make_organization(owner=user))


def test_export_task_may_run_twice(done):
    user = make_user()
    with done():
        export = services.request_export(user=user)
    exporting.make_export(str(export.pk))
    notice = user.notices.get()
    assert (str(notice), notice.get_page_url()) == ("The export you asked for is ready", "/account/export/")
    assert OutgoingMail.objects.get().to == user.email


def test_export_that_fails_can_be_asked_for_again(settings, tmp_path):
    user = make_user()
    export = services.request_export(user=user)
    settings.EXPORT_ROOT = tmp_path / "a file, not a folder"
    settings.EXPORT_ROOT.write_text("")
    with pytest.raises(FileExistsError):
        exporting.make_export(str(export.pk))
    export.refresh_from_db()
    assert export.state == Export.State.FAILED
    services.request_export(user=user)


def test_export_whose_task_was_lost_can_be_asked_for_again():
    user = make_user()
    services.request_export(user=user)
    deleting.clear_expired()
    with pytest.raises(WrongState):
        services.request_export(user=user)
    Export.objects.update(created_at=clock.now() - timedelta(hours=2))
    deleting.clear_expired()
    services.request_export(user=user)


def test_export_opens_for_its_person_for_a_week(client):
    export = make_export(user=make_user())
    client.force_login(make_user())
    assert status_of(client, export.get_absolute_url()) == 404
    client.force_login(export.user)
    assert status_of(client, export.get_absolute_url()) == 200
    assert status_of(client, export.get_absolute_url().replace(str(export.pk), str(make_user().pk))) == 404
    Export.objects.update(expires_at=clock.now())
    assert status_of(client, export.get_absolute_url()) == 404
    deleting.clear_expired()
    assert not export.path.exists()
    assert not Export.objects.exists()


def test_organization_export_closes_when_the_person_is_no_owner_any_more(client):
    organization = make_organization()
    member = make_membership(organization=organization, role=Role.OWNER)
    export = make_export(user=member.user, organization=organization)
    client.force_login(member.user)
    assert status_of(client, export.get_absolute_url()) == 200
    Membership.objects.filter(pk=member.pk).update(role=Role.ADMIN)
    assert status_of(client, export.get_absolute_url()) == 403
    member.delete()
    assert status_of(client, export.get_absolute_url()) == 404


def test_person_is_deleted_with_what_is_theirs_alone(client, done):
    user = make_user(email="ada@example.com", name="Ada")
    alone = make_organization(owner=user, name="Mine")
    shared = make_membership(user=user).organization
    export = make_export(user=user)
    log_in(client, user)
    with done():
        response = client.post(reverse("person_delete"), {"typed": "ADA@example.com"})
    assert response["Location"] == "/"
    assert not User.objects.filter(pk=user.pk).exists()
    assert not Organization.objects.filter(pk=alone.pk).exists()
    assert shared.memberships.count() == 1
    assert not export.path.exists()
    assert client.get("/account/profile/").status_code == 302
    assert "Ada" not in str(list(AuditEntry.objects.values_list("actor_label", "target_label")))


def test_last_owner_of_others_is_not_deleted():
    member = make_membership()
    owner = member.organization.memberships.get(role=Role.OWNER).user
    with pytest.raises(WrongState):
        services.delete_person(user=owner, typed=owner.email)
    owner.refresh_from_db()
    assert owner.is_active
    with pytest.raises(Invalid):
        services.delete_person(user=member.user, typed="somebody else")


def test_due_organization_goes_with_everything_in_it_and_nothing_else():
    gone, kept = make_workspace(), make_workspace()
    make_channel(workspace=gone)
    make_invitation(organization=gone.organization)
    make_team(organization=gone.organization, workspaces=[gone])
    Organization.objects.filter(pk=gone.organization_id).update(delete_at=clock.now())
    heard = []

    def hear(sender, organization, workspace, **kwargs):
        heard.append(organization)

    signals.deleting.connect(hear)
    deleting.delete_due()
    signals.deleting.disconnect(hear)
    assert heard == [gone.organization]
    assert list(Workspace.objects.all()) == [kept]
    assert not Invitation.objects.exists()
    assert not Team.objects.exists()
    assert AuditEntry.objects.get(action="organization.deleted").facts["id"] == str(gone.organization_id)


def test_organization_kept_at_the_last_moment_stays():
    organization = make_organization(delete_at=clock.now())

    def keep(sender, organization, workspace, **kwargs):
        Organization.objects.filter(pk=organization.pk).update(delete_at=None)

    signals.deleting.connect(keep)
    deleting.delete_due()
    signals.deleting.disconnect(keep)
    assert Organization.objects.filter(pk=organization.pk).exists()


def make_everything(workspace):
    """A workspace with rows and files of every app."""
    channel = make_channel(workspace=workspace)
    asset = make_asset(workspace=workspace)
    make_brand(workspace=workspace)
    make_scheduled(workspace=workspace, channels=[channel])
    make_candidate(workspace=workspace)
    return channel, asset


def test_organization_goes_whatever_the_apps_above_keep_in_it():
    workspace, other = make_workspace(), make_workspace()
    channel, asset = make_everything(workspace)
    _, kept = make_everything(other)
    Organization.objects.filter(pk=workspace.organization_id).update(delete_at=clock.now())
    deleting.delete_due()
    assert not Workspace.objects.filter(pk=workspace.pk).exists()
    assert not asset.original.storage.exists(asset.original.name)
    assert kept.original.storage.exists(kept.original.name)
    assert AuditEntry.objects.filter(action="channel.disconnected", target_id=channel.pk).exists()
    for belonging in belongings.belongings(Workspace):
        assert not belonging.rows(workspace).exists(), belonging.model


def test_organization_export_holds_files_and_rows_of_every_app(client, done, mailed):
    workspace = make_workspace()
    _, asset = make_everything(workspace)
    client.force_login(workspace.organization.memberships.get().user)
    with done():
        client.post(reverse("organization_export", args=[workspace.organization.slug]))
    archive = zipfile.ZipFile(io.BytesIO(client.get(mailed()).getvalue()))
    with asset.original.storage.open(asset.original.name) as original:
        assert archive.read(f"files/{asset.original.name}") == original.read()
    candidate = Candidate.objects.get(generation__workspace=workspace)
    assert f"files/{candidate.preview.name}" in archive.namelist()
    assert f"files/{candidate.file.name}" not in archive.namelist(), "whole pictures are paid for when they are taken"
    kinds = {name.removesuffix(".json") for name in archive.namelist()}
    assert {"content.post", "content.publication", "media.asset", "brand.brandkit", "social.channel"} <= kinds


def test_deletion_waits_for_its_day():
    workspace = make_workspace(delete_at=clock.now() + timedelta(days=1))
    deleting.delete_due()
    assert Workspace.objects.filter(pk=workspace.pk).exists()


def test_what_goes_is_listed_by_kind():
    workspace = make_workspace()
    make_channel(workspace=workspace)
    listed = dict(belongings.summarize(workspace.organization))
    assert listed["workspace"] == 1
    assert listed["member"] == 1
    assert sum(count for name, count in listed.items() if name in ("channel", "social profile", "profile")) == 1
