"""The bell, the list of notices, and the page that says what one is told."""

import pytest
from django.urls import reverse

from apps.accounts import services
from apps.accounts.catalog import KEY_MADE, KINDS, MEMBER_JOINED, MEMBER_LEFT, Role
from apps.accounts.models import Notice, User
from tests.factories import make_membership, make_notice, make_organization, make_workspace

pytestmark = pytest.mark.django_db
LIST, CHOICES = "/notices/", "/account/notices/"


@pytest.fixture
def owner(client):
    user = make_organization(name="Café Ada").memberships.get().user
    client.force_login(user)
    return user


def home_of(user):
    return user.memberships.get().organization


def notices(owner, count=1, **fields):
    return [make_notice(user=owner, organization=home_of(owner), **fields) for _ in range(count)]


def unread_of(user) -> int:
    return User.objects.get(pk=user.pk).unread_notices


def test_list_without_notices_says_what_will_stand_there(client, owner):
    page = client.get(LIST)
    assert (page.status_code, "Nothing to tell you" in page.text, "Mark all" in page.text) == (200, True, False)


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_however_long(client, owner, count, django_assert_num_queries):
    notices(owner, count, workspace=make_workspace(organization=home_of(owner)))
    client.get(LIST)
    with django_assert_num_queries(4):  # session, person, notices, the switcher's workspaces
        assert client.get(LIST).text.count("is-unread") == count


def test_list_is_newest_first_and_read_by_key(client, owner):
    made = notices(owner, 51)
    first = client.get(LIST)
    assert [notice.pk for notice in first.context["page"]] == [notice.pk for notice in reversed(made[1:])]
    second = client.get(LIST, {"before": first.context["page"].after})
    assert [notice.pk for notice in second.context["page"]] == [made[0].pk]
    beyond = client.get(LIST, {"before": str(made[0].pk)})
    assert "No older notices" in beyond.text


def test_list_holds_one_s_own_and_not_what_went_by_mail_alone(client, owner):
    make_notice()
    notices(owner, is_listed=False)
    [mine] = notices(owner)
    assert list(client.get(LIST).context["page"]) == [mine]


def test_opening_leads_to_the_thing_and_reads_it_once(client, owner):
    first, _second = notices(owner, 2)
    for _ in range(2):
        assert client.get(first.get_absolute_url())["Location"] == f"/o/{home_of(owner).slug}/members/"
        assert unread_of(owner) == 1
    first.refresh_from_db()
    assert first.read_at is not None


def test_what_is_no_longer_one_s_business_is_said_kindly(client, owner):
    [notice] = notices(owner)
    other = make_membership(organization=home_of(owner), role=Role.OWNER)
    services.change_role(actor=other, member=owner.memberships.get(), role=Role.MEMBER)
    page = client.get(notice.get_absolute_url(), follow=True)
    assert page.redirect_chain == [(LIST, 302)]
    assert "You can no longer open this" in page.text


def test_notice_that_went_with_what_it_was_about_is_said_kindly(client, owner):
    [notice] = notices(owner)
    home_of(owner).delete()
    page = client.get(notice.get_absolute_url())
    assert (page.status_code, "This notice is no longer kept" in page.text) == (404, True)


def test_nobody_opens_another_person_s(client, owner):
    other = make_notice()
    assert client.get(other.get_absolute_url()).status_code == 404
    assert unread_of(other.user) == 1


def test_all_are_read_with_one_button(client, owner):
    notices(owner, 3)
    hidden, strangers = notices(owner, is_listed=False)[0], make_notice()
    assert client.post("/notices/read/")["Location"] == LIST
    assert (unread_of(owner), unread_of(strangers.user)) == (0, 1)
    assert set(Notice.objects.unread()) == {hidden, strangers}
    assert "is-unread" not in client.get(LIST).text


@pytest.mark.parametrize(("count", "mark"), [(0, None), (2, "2"), (100, "99+")])
def test_bell_stands_on_every_page_without_a_query_of_its_own(client, owner, count, mark, django_assert_num_queries):
    User.objects.update(unread_notices=count)
    with django_assert_num_queries(3):  # session and person; the switcher's workspaces
        page = client.get("/account/profile/").text
    assert page.count('href="/notices/"') == 2
    assert page.count(f'count-unread">{mark}<') == (2 if mark else 0)
    assert page.count("bar-mark") == (1 if mark else 0)


# -- what one is told


def ticked(page) -> list[str]:
    return [field.name for _kind, fields in page.context["form"].rows() for field in fields if field.value()]


def test_page_offers_what_the_roles_can_be_told(client, owner):
    kinds = [kind for kind, _fields in client.get(CHOICES).context["form"].rows()]
    assert kinds == list(KINDS.values())
    client.force_login(make_membership(role=Role.VIEWER).user)
    assert [kind.key for kind, _fields in client.get(CHOICES).context["form"].rows()] == ["export_ready"]


def test_choices_are_kept_and_what_is_always_told_stays(client, owner):
    User.objects.update(notice_choices={"of_another_version": []})
    assert client.post(CHOICES, {"member_joined-mail": "on", "key_made-lily": "on"})["Location"] == CHOICES
    owner.refresh_from_db()
    assert [sorted(owner.ways(kind)) for kind in (MEMBER_JOINED, MEMBER_LEFT, KEY_MADE)] == [
        ["mail"],
        [],
        ["lily", "mail"],
    ]
    assert owner.notice_choices["of_another_version"] == []
    always = [f"{kind.key}-{way}" for kind in KINDS.values() for way in kind.always]
    assert sorted(ticked(client.get(CHOICES))) == sorted([*always, "member_joined-mail", "key_made-lily"])


def test_everything_can_be_taken_off_but_what_is_always_told(client, owner):
    client.post(CHOICES, {})
    owner.refresh_from_db()
    assert [owner.ways(kind) for kind in KINDS.values()] == [kind.always for kind in KINDS.values()]


def test_export_of_a_person_holds_their_notices(client, owner):
    from apps.accounts.belongings import belongings

    [mine] = notices(owner)
    make_notice()
    found = {belonging.model: belonging.rows(owner) for belonging in belongings(User)}
    assert list(found[Notice]) == [mine]


def test_address_of_the_list_is_what_mails_say():
    assert reverse("person_notices") == CHOICES
