"""Who is told, once, in the ways they chose; and what becomes of it when they are no longer concerned."""

import threading
from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest
from django.db import connection

from apps.accounts import deleting, services
from apps.accounts.catalog import CHANNEL_LOST, KINDS, MEMBER_JOINED, POST_NEEDS_YOU, Role, Way
from apps.accounts.models import Notice, OutgoingMail, User, Workspace
from apps.accounts.telling import tell
from apps.core import clock, retention
from tests.factories import (
    make_channel,
    make_invitation,
    make_membership,
    make_notice,
    make_organization,
    make_team,
    make_user,
    make_workspace,
)

pytestmark = pytest.mark.django_db
BOTH_ON = {MEMBER_JOINED.key: list(Way)}


@pytest.fixture
def organization():
    """Its owner wants to be told of new members in both ways."""
    return make_organization(owner=make_user(email="owner@example.com", notice_choices=BOTH_ON), name="Café Ada")


def joined(organization, *, key="1", **given) -> int:
    facts = {"who": "Grace Hopper", "name": organization.name}
    return tell(MEMBER_JOINED, key=key, tenant=organization, page="member_list", facts=facts, **given)


def lost(workspace, **given) -> int:
    facts = {"handle": "@ada", "network": "Sandbox"}
    return tell(
        CHANNEL_LOST,
        key="1",
        tenant=workspace,
        page="channel_list",
        facts=facts,
        channel=make_channel(workspace=workspace),
        **given,
    )


def told() -> list[str]:
    return sorted(Notice.objects.values_list("user__email", flat=True))


def unread_of(user) -> int:
    return User.objects.get(pk=user.pk).unread_notices


def test_event_makes_a_notice_a_number_and_a_mail(organization, delivered):
    assert joined(organization) == 1
    notice = Notice.objects.get()
    assert (str(notice), notice.get_page_url()) == ("Grace Hopper joined Café Ada", f"/o/{organization.slug}/members/")
    assert unread_of(notice.user) == 1
    [letter] = delivered()
    assert (letter.to, letter.subject) == (["owner@example.com"], "Grace Hopper joined Café Ada")
    links = [line.rpartition("http://")[2].partition("/")[2] for line in letter.body.splitlines() if "http" in line]
    assert links == [f"o/{organization.slug}/members/", "account/notices/"]


def test_the_same_event_twice_is_told_once(organization):
    assert [joined(organization), joined(organization), joined(organization, key="2")] == [1, 0, 1]
    assert (Notice.objects.count(), OutgoingMail.objects.count(), unread_of(Notice.objects.first().user)) == (2, 2, 2)


@pytest.mark.django_db(transaction=True)
def test_the_same_event_from_many_at_once_is_told_once(organization):
    start, results = threading.Barrier(8), []

    def run():
        start.wait()
        results.append(joined(organization))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0] * 7 + [1]
    assert (OutgoingMail.objects.count(), unread_of(Notice.objects.get().user)) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_number_stays_right_while_some_are_told_and_others_read(organization):
    """Eight read the same notice, four are told of anew, twelve at once; and what was wrong is put right."""
    joined(organization)
    notice = Notice.objects.select_related("user").get()
    reading = [lambda: services.read_notice(notice=notice)] * 8
    telling = [partial(joined, organization, key=f"new {n}") for n in range(4)]
    start = threading.Barrier(12)

    def run(do):
        start.wait()
        do()
        connection.close()

    threads = [threading.Thread(target=run, args=[do]) for do in reading + telling]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert unread_of(notice.user) == 4
    User.objects.update(unread_notices=9)
    services.read_notices(user=notice.user)
    assert unread_of(notice.user) == 0


@pytest.mark.parametrize(
    ("ways", "notices", "unread", "mails"),
    [(["lily", "mail"], 1, 1, 1), (["lily"], 1, 1, 0), (["mail"], 0, 0, 1), ([], 0, 0, 0)],
)
def test_people_are_told_in_the_ways_they_chose(organization, ways, notices, unread, mails):
    User.objects.update(notice_choices={MEMBER_JOINED.key: ways})
    joined(organization)
    joined(organization)
    user = User.objects.get()
    assert (user.notices.listed().count(), user.unread_notices, OutgoingMail.objects.count()) == (
        notices,
        unread,
        mails,
    )


def test_what_may_not_be_switched_off_is_told_all_the_same():
    for kind in KINDS.values():
        assert make_user(notice_choices={kind.key: []}).ways(kind) == kind.always


def test_only_who_may_do_something_about_it_is_told():
    organization = make_organization(owner=make_user(email="owner@example.com"))
    for role in (Role.ADMIN, Role.MANAGER, Role.MEMBER, Role.VIEWER):
        make_membership(organization=organization, role=role, user=make_user(email=f"{role}@example.com"))
    make_membership(
        organization=organization, role=Role.ADMIN, user=make_user(email="shut@example.com", is_active=False)
    )
    make_organization()
    joined(organization)
    assert told() == ["admin@example.com", "owner@example.com"]
    Notice.objects.all().delete()
    lost(make_workspace(organization=organization))
    assert told() == ["admin@example.com", "manager@example.com", "owner@example.com"]


def test_whoever_did_it_is_not_told(organization):
    assert joined(organization, by=User.objects.get()) == 0


def test_teams_keep_news_of_a_workspace_to_those_it_is_open_to():
    organization = make_organization(plan="pro", owner=make_user(email="owner@example.com"))
    workspace = make_workspace(organization=organization)
    inside, _outside = (make_membership(organization=organization, role=Role.MANAGER) for _ in range(2))
    make_team(organization=organization, members=[inside], workspaces=[workspace])
    lost(workspace)
    assert told() == sorted(["owner@example.com", inside.user.email])


def test_locked_member_is_told_nothing():
    organization = make_organization(plan="free", owner=make_user(email="owner@example.com"))
    make_membership(organization=organization, role=Role.ADMIN)
    joined(organization)
    assert told() == ["owner@example.com"]


def test_news_of_a_locked_workspace_reach_those_who_can_make_room():
    organization = make_organization(plan="free", owner=make_user(email="owner@example.com"))
    _first, locked = (make_workspace(organization=organization) for _ in range(2))
    lost(locked)
    assert told() == ["owner@example.com"]


# -- what is told


def pause_workspace(organization, actor):
    services.pause_workspace(actor=actor.user, workspace=make_workspace(organization=organization, name="Bakery"))


def pause_organization(organization, actor):
    services.pause_organization(actor=actor.user, organization=organization)


def delete_workspace(organization, actor):
    workspace = make_workspace(organization=organization, name="Bakery")
    services.delete_workspace(actor=actor.user, workspace=workspace, typed="Bakery")


def delete_organization(organization, actor):
    services.delete_organization(actor=actor.user, organization=organization, typed=organization.name)


def join(organization, actor):
    invitation = make_invitation(organization=organization, email="grace@example.com")
    user = make_user(name="Grace Hopper", email="grace@example.com")
    services.accept_invitation(user=user, token=invitation.token)


def leave(organization, actor):
    services.leave_organization(member=make_membership(organization=organization, user=make_user(name="Grace Hopper")))


def go_for_good(organization, actor):
    user = make_membership(organization=organization, user=make_user(name="Grace Hopper")).user
    services.delete_person(user=user, typed=user.email)


def make_api_key(organization, actor):
    services.create_key(actor=actor, name="Till", scopes=["workspace.view"])


@pytest.mark.parametrize(
    ("do", "sentence", "page", "who"),
    [
        (pause_workspace, "Ada Lovelace paused Bakery. Nothing of it goes out.", "/settings/", "admin owner"),
        (pause_organization, "Ada Lovelace paused Café Ada. Nothing of it goes out.", "/settings/", "admin owner"),
        (
            delete_workspace,
            "Ada Lovelace asked to delete Bakery. You have seven days to keep it.",
            "/settings/",
            "actor admin owner",
        ),
        (
            delete_organization,
            "Ada Lovelace asked to delete Café Ada. You have seven days to keep it.",
            "/settings/",
            "actor owner",
        ),
        (join, "Grace Hopper joined Café Ada", "/members/", "actor admin owner"),
        (leave, "Grace Hopper is no longer in Café Ada", "/members/", "actor admin owner"),
        (go_for_good, "Grace Hopper is no longer in Café Ada", "/members/", "actor admin owner"),
        (make_api_key, "Ada Lovelace made the API key “Till”", "/keys/", "actor admin owner"),
    ],
)
def test_what_happens_is_told_to_those_it_concerns(do, sentence, page, who):
    organization = make_organization(name="Café Ada", plan="enterprise", owner=make_user(email="owner@example.com"))
    for role in (Role.ADMIN, Role.MANAGER, Role.MEMBER, Role.VIEWER):
        make_membership(organization=organization, role=role, user=make_user(email=f"{role}@example.com"))
    actor = make_membership(organization=organization, role=Role.OWNER, user=make_user(email="actor@example.com"))
    do(organization, actor)
    assert told() == [f"{name}@example.com" for name in who.split()]
    assert {str(notice) for notice in Notice.objects.all()} == {sentence}
    assert {notice.get_page_url().endswith(page) for notice in Notice.objects.select_related("workspace")} == {True}


def test_person_who_goes_for_good_is_missed_in_each_of_their_organizations():
    user, owner = make_user(), make_user()
    for _ in range(2):
        make_membership(organization=make_organization(owner=owner), user=user)
    services.delete_person(user=user, typed=user.email)
    assert [notice.user for notice in Notice.objects.all()] == [owner, owner]


# -- afterwards


def resume_workspace(organization, actor):
    pause_workspace(organization, actor)
    services.resume_workspace(actor=actor.user, workspace=organization.workspaces.get())


def resume_organization(organization, actor):
    pause_organization(organization, actor)
    services.resume_organization(actor=actor.user, organization=organization)


def keep_workspace(organization, actor):
    delete_workspace(organization, actor)
    services.keep_workspace(actor=actor.user, workspace=organization.workspaces.get())


def keep_organization(organization, actor):
    delete_organization(organization, actor)
    services.keep_organization(actor=actor.user, organization=organization)


@pytest.mark.parametrize("do", [resume_workspace, resume_organization, keep_workspace, keep_organization])
def test_what_no_longer_holds_is_taken_back(do):
    organization = make_organization()
    actor = make_membership(organization=organization, role=Role.OWNER)
    elsewhere = make_notice(user=organization.memberships.first().user)
    do(organization, actor)
    assert list(Notice.objects.all()) == [elsewhere]
    assert (OutgoingMail.objects.count(), unread_of(elsewhere.user), unread_of(actor.user)) == (0, 1, 0)


def demote(member):
    services.change_role(actor=owner_of(member), member=member, role=Role.VIEWER)


def remove(member):
    services.remove_member(actor=owner_of(member), member=member)


def close(member):
    services.close_account(actor=owner_of(member).user, user=member.user, reason="They asked us to.")


def owner_of(member):
    return member.organization.memberships.get(role=Role.OWNER)


@pytest.mark.parametrize("change", [demote, remove, close])
def test_mail_that_still_waits_is_not_sent_to_who_is_no_longer_concerned(organization, delivered, change):
    user = make_user(email="admin@example.com", notice_choices=BOTH_ON)
    member = make_membership(organization=organization, role=Role.ADMIN, user=user)
    joined(organization)
    change(member)
    OutgoingMail.objects.exclude(notice__kind=MEMBER_JOINED.key).delete()
    assert [letter.to for letter in delivered()] == [["owner@example.com"]]
    assert not OutgoingMail.objects.exists()


def test_who_is_removed_keeps_no_notice_of_the_organization(organization):
    member = make_membership(organization=organization, role=Role.ADMIN)
    joined(organization)
    elsewhere = make_notice(user=member.user)
    remove(member)
    assert list(member.user.notices.all()) == [elsewhere]
    assert unread_of(member.user) == 1


@pytest.mark.parametrize("kind", [User, Workspace, SimpleNamespace])
def test_notices_go_with_what_they_are_about_and_the_number_with_them(kind):
    organization = make_organization()
    owner = organization.memberships.get().user
    workspace = make_workspace(organization=organization)
    make_notice(organization=organization, workspace=workspace)
    kept = make_notice(user=owner)
    row = {User: owner, Workspace: workspace}.get(kind, organization)
    type(row).objects.filter(pk=row.pk).update(delete_at=clock.now())
    deleting.delete_due()
    left = list(Notice.objects.all())
    assert left == ([] if kind is User else [kept])
    assert list(User.objects.filter(pk=owner.pk).values_list("unread_notices", flat=True)) == [1] * len(left)


def test_notices_read_long_ago_leave_and_unread_ones_stay(organization):
    old = clock.now() - timedelta(days=91)
    make_notice(organization=organization, made_at=old, read_at=old)
    unread, fresh = make_notice(organization=organization, made_at=old), make_notice(organization=organization)
    services.read_notice(notice=fresh)
    retention.apply()
    assert list(Notice.objects.order_by("id")) == [unread, fresh]
    assert unread_of(unread.user) == 1


# -- its words


def test_sentences_speak_the_reader_s_language_and_number():
    one = make_notice(kind=POST_NEEDS_YOU, facts={"count": 1, "words": "Fresh bread"})
    many = make_notice(kind=POST_NEEDS_YOU, facts={"count": 3, "words": "Fresh bread"})
    assert [str(one), str(many)] == ["A post needs you: “Fresh bread”", "3 posts need you"]


def test_every_kind_says_what_it_is_and_fits_its_column():
    facts = dict.fromkeys(("who", "name", "words", "handle", "network", "label", "used", "allowed"), "x")
    for kind in KINDS.values():
        notice = Notice(kind=kind.key, facts={**facts, "count": 2, "limit": "members"})
        assert (str(notice).count("%"), len(kind.key) <= 30) == (0, True)
