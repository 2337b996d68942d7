"""The pages of connected profiles and of the sandbox."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test.utils import CaptureQueriesContext

from apps.accounts.catalog import Role
from apps.core import clock
from apps.plans.models import Plan
from apps.social.models import Channel, ConnectState, Status
from apps.social.providers.sandbox import Fault, SandboxFault, SandboxPicture, SandboxPost
from tests.factories import (
    make_channel,
    make_fault,
    make_membership,
    make_organization,
    make_user,
    make_workspace,
)
from tests.social.conftest import PIXEL

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def manager(workspace):
    return make_membership(organization=workspace.organization, role=Role.MANAGER).user


@pytest.fixture
def web(client, manager):
    client.force_login(manager)
    return client


def at(workspace, path: str = "") -> str:
    return f"/w/{workspace.slug}/channels/{path}"


def test_list_reads_as_much_for_three_profiles_as_for_one(web, workspace):
    from django.db import connection

    counts = []
    for _ in range(2):
        make_channel(workspace=workspace)
        if counts:
            make_channel(workspace=workspace)
        web.get(at(workspace))
        with CaptureQueriesContext(connection) as captured:
            page = web.get(at(workspace))
        counts.append(len(captured))
    assert page.content.count(b'class="card channel"') == 3
    assert counts[0] == counts[1] <= 12


def test_list_of_nothing_leads_to_connecting(web, workspace):
    page = web.get(at(workspace)).content.decode()
    assert "No profile is connected yet" in page
    assert at(workspace, "new/") in page


def test_list_warns_of_what_needs_a_person_and_of_what_ends(web, workspace):
    lost = make_channel(workspace=workspace, handle="@lost")
    lost.need_reconnect("The server no longer accepts this connection.")
    lost.save()
    ends = (clock.now() + timedelta(days=20)).isoformat()
    make_channel(workspace=workspace, handle="@ending", credentials={"access_token": "x", "ends_at": ends})
    page = web.get(at(workspace)).content.decode()
    assert "@lost on Sandbox needs you" in page
    assert "ends the connection to @ending" in page
    assert at(workspace, f"{lost.pk}/reconnect/") in page


def test_viewer_sees_profiles_and_nothing_to_press(client, workspace):
    channel = make_channel(workspace=workspace)
    client.force_login(make_membership(organization=workspace.organization, role=Role.VIEWER).user)
    page = client.get(at(workspace)).content.decode()
    assert channel.handle in page
    assert "/disconnect/" not in page
    assert at(workspace, "new/") not in page


def test_surplus_of_a_smaller_plan_is_shown_as_locked(client):
    workspace = make_workspace(organization=make_organization(plan="free"))
    for _ in range(2):
        make_channel(workspace=workspace)
    client.force_login(workspace.organization.memberships.get().user)
    assert client.get(at(workspace)).content.decode().count("Locked by the plan") == 1


def test_networks_page_says_what_the_plan_lacks_before_it_is_clicked(web, workspace):
    Plan.objects.filter(key="pro").update(choices={"networks": ["bluesky"], "image_models": []})
    page = web.get(at(workspace, "new/")).content.decode()
    assert at(workspace, "new/bluesky/") in page
    assert at(workspace, "new/mastodon/") not in page
    assert "Not in your plan." in page
    assert web.get(at(workspace, "new/mastodon/")).status_code == 403


def test_full_plan_shows_the_upgrade_in_place(client):
    workspace = make_workspace(organization=make_organization(plan="free"))
    make_channel(workspace=workspace)
    client.force_login(workspace.organization.memberships.get().user)
    page = client.get(at(workspace, "new/"))
    assert page.status_code == 200
    assert 'class="upgrade"' in page.content.decode()
    assert client.post(at(workspace, "new/sandbox/")).status_code == 402
    assert ConnectState.objects.count() == 0


def test_connecting_through_the_pages(web, workspace):
    sent = web.post(at(workspace, "new/sandbox/"))
    assert (sent.status_code, sent.url.partition("?")[0]) == (302, "http://127.0.0.1:8000/oauth/sandbox/callback")
    back = web.get(sent.url.removeprefix("http://127.0.0.1:8000"))
    assert back.status_code == 302
    choose = web.get(back.url)
    assert choose.content.count(b'type="checkbox"') == 3
    assert web.post(back.url, {}).status_code == 422
    done = web.post(back.url, {"profiles": [f"{workspace.slug}:feed"]}, follow=True)
    assert "@feed.sandbox is connected." in done.content.decode()
    assert Channel.objects.get().is_ready
    assert web.get(back.url).status_code == 404  # once


def test_callback_is_the_persons_own_and_works_once(web, client, workspace, manager):
    address = urlsplit(web.post(at(workspace, "new/sandbox/")).url)
    callback = f"{address.path}?{address.query}"
    client.force_login(make_user())
    assert client.get(callback).status_code == 404
    client.force_login(manager)
    assert client.get(callback).status_code == 302
    assert client.get(callback).status_code == 404
    assert client.get("/oauth/sandbox/callback?state=made-up").status_code == 404


def test_callback_after_losing_the_role_is_refused(web, workspace, manager):
    address = urlsplit(web.post(at(workspace, "new/sandbox/")).url)
    manager.memberships.update(role=Role.VIEWER)
    assert web.get(f"{address.path}?{address.query}").status_code == 403
    assert Channel.objects.count() == 0


def test_refused_consent_leads_back_with_the_reason(web, workspace, mastodon):
    web.post(at(workspace, "new/mastodon/"), {"server": mastodon.url})
    address = urlsplit(web.post(at(workspace, "new/mastodon/"), {"server": mastodon.url}).url)

    state = parse_qs(address.query)["state"][0]
    page = web.get(f"/oauth/mastodon/callback?error=access_denied&state={state}", follow=True)
    assert "You did not allow Lily" in page.content.decode()
    assert Channel.objects.count() == 0


def test_wrong_handle_is_said_at_its_field_and_kept(web, workspace, bluesky):
    page = web.post(at(workspace, "new/bluesky/"), {"handle": "nobody-here.test", "server": bluesky.url})
    assert page.status_code == 422
    assert "Bluesky does not know" in page.content.decode()
    assert 'value="nobody-here.test"' in page.content.decode()


def test_app_password_connects(web, workspace, bluesky):
    person = bluesky.make_person()
    fields = {"handle": person.handle, "password": bluesky.make_app_password(person)}
    address = at(workspace, "new/bluesky/password/")
    wrong = web.post(address, fields | {"password": "wrong-wrong"})
    assert wrong.status_code == 422
    assert "wrong-wrong" not in wrong.content.decode()
    assert "is connected" in web.post(address, fields, follow=True).content.decode()
    assert Channel.objects.get().account_id == person.did


def test_network_that_is_not_there_is_not_found(web, workspace):
    assert web.get(at(workspace, "new/myspace/")).status_code == 404
    assert web.post(at(workspace, "new/sandbox/password/")).status_code == 404


def test_pausing_and_going_on(web, workspace):
    channel = make_channel(workspace=workspace)
    web.post(at(workspace, f"{channel.pk}/pause/"))
    assert Channel.objects.get().is_paused
    web.post(at(workspace, f"{channel.pk}/resume/"))
    assert not Channel.objects.get().is_paused


def test_checking_now_says_what_was_found(web, workspace):
    channel = make_channel(workspace=workspace, handle="@a")
    assert "is fine" in web.post(at(workspace, f"{channel.pk}/verify/"), follow=True).content.decode()


def test_disconnecting_asks_first(web, workspace):
    channel = make_channel(workspace=workspace)
    address = at(workspace, f"{channel.pk}/disconnect/")
    assert "Disconnect @" in web.get(address).content.decode()
    assert Channel.objects.get().status == Status.CONNECTED
    assert web.post(address).url == at(workspace)
    assert Channel.objects.get().status == Status.DISCONNECTED
    assert web.get(address).status_code == 404


class TestSandbox:
    def feed(self, workspace) -> str:
        return f"/w/{workspace.slug}/sandbox/"

    def test_feed_shows_what_is_live_with_its_picture(self, web, workspace):
        channel, other = make_channel(workspace=workspace), make_channel()
        post = SandboxPost.objects.create(account_id=channel.account_id, key="a", text="Soup <b>today</b>")
        SandboxPost.objects.create(account_id=other.account_id, key="a", text="Another workspace's")
        picture = SandboxPicture.objects.create(
            post=post, data=PIXEL, mime="image/png", width=1, height=1, alt="A bowl"
        )
        page = web.get(self.feed(workspace)).content.decode()
        assert "Soup &lt;b&gt;today" in page
        assert 'alt="A bowl"' in page
        assert "Another workspace" not in page
        answer = web.get(f"{self.feed(workspace)}pictures/{picture.pk}/")
        assert (answer.content, answer["Content-Type"]) == (PIXEL, "image/png")

    def test_fault_is_planned_on_a_profile_of_ones_own(self, web, workspace):
        channel, other = make_channel(workspace=workspace), make_channel()
        fields = {"kind": Fault.TRY_LATER, "seconds": 90, "times_left": 2}
        address = f"{self.feed(workspace)}faults/"
        assert web.post(address, fields | {"channel": other.pk}).status_code == 422
        assert web.post(address, fields | {"channel": channel.pk}).status_code == 302
        fault = SandboxFault.objects.get()
        assert (fault.account_id, fault.seconds, fault.times_left) == (channel.account_id, 90, 2)

    def test_clock_moves_and_comes_back(self, web, workspace):
        try:
            web.post(f"{self.feed(workspace)}clock/", {"by": "3600"})
            assert clock.offset().total_seconds() == 3600
            web.post(f"{self.feed(workspace)}clock/", {})
            assert clock.offset().total_seconds() == 0
        finally:
            clock.reset()

    def test_clock_stands_still_where_it_may_not_move(self, web, workspace, settings):
        settings.CLOCK_FILE = None
        assert web.post(f"{self.feed(workspace)}clock/", {"by": "3600"}).status_code == 404

    def test_nothing_of_it_is_there_where_it_is_not_offered(self, web, workspace, settings):
        make_channel(workspace=workspace)
        settings.SANDBOX = False
        for path in ("", "faults/", "clock/"):
            method = web.post if path else web.get
            assert method(f"{self.feed(workspace)}{path}").status_code == 404
        assert web.get(at(workspace, "new/sandbox/")).status_code == 404


class TestAdmin:
    @pytest.fixture
    def operator(self, client):
        client.force_login(make_user(is_staff=True, is_superuser=True))
        return client

    def test_no_secret_is_shown(self, operator):
        channel = make_channel(credentials={"access_token": "tell-nobody"})
        make_fault(channel, Fault.HANG)
        for name in ("channel", "connectstate", "serverapp", "sandboxgrant", "sandboxpost", "sandboxfault"):
            assert operator.get(f"/admin/social/{name}/").status_code == 200
        page = operator.get(f"/admin/social/channel/{channel.pk}/change/")
        assert page.status_code == 200
        assert b"tell-nobody" not in page.content

    def test_disconnecting_asks_why_and_keeps_it(self, operator):
        from apps.core.models import AuditEntry

        channel = make_channel()
        fields = {"action": "operator_channel_disconnected", "_selected_action": [str(channel.pk)]}
        operator.post("/admin/social/channel/", fields | {"confirmed": "1", "reason": "Asked to by mail"})
        assert Channel.objects.get().status == Status.DISCONNECTED
        assert AuditEntry.objects.get(action="channel.disconnected").reason == "Asked to by mail"
