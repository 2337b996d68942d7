import pytest

from apps.accounts.catalog import Role, Way
from apps.accounts.models import Notice, OutgoingMail, User
from apps.content import publishing, services, telling
from apps.content.models import Post, Publication
from apps.social.providers.sandbox import Fault
from tests.factories import make_channel, make_due, make_fault, make_membership, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def refused():
    """Two posts of one author, both refused."""
    channel = make_channel()
    author = make_membership(role=Role.MANAGER, organization=channel.workspace.organization).user
    make_fault(channel, Fault.REJECT, times=99)
    rows = [make_due(channels=[channel], text=text) for text in ("Fresh bread", "Warm rolls")]
    Post.objects.update(author=author)
    for row in rows:
        publishing.publish(row.pk)
    return author, rows


def told() -> list[str]:
    return sorted(Notice.objects.values_list("user__email", flat=True))


def test_the_author_gets_one_notice_and_mail_for_all_and_none_again(refused):
    author, rows = refused
    assert telling.tell_authors() == 1
    assert telling.tell_authors() == 0
    letter, notice = OutgoingMail.objects.get(), Notice.objects.get()
    assert (letter.to, letter.subject) == (author.email, "2 posts need you: Café Ada")
    for row in rows:
        assert f"/posts/{row.post_id}/" in letter.text
        assert row.post.first_words in letter.text
    assert "The sandbox refuses this content" in letter.text
    assert (notice.user, str(notice)) == (author, "2 posts need you")
    assert notice.get_page_url() == f"/w/{rows[0].workspace.slug}/posts/?status=attention"


def test_notice_of_one_post_leads_to_it(refused):
    _author, rows = refused
    Publication.objects.filter(pk=rows[1].pk).update(asks_person=False)
    telling.tell_authors()
    notice = Notice.objects.get()
    assert str(notice) == "A post needs you: “Fresh bread”"
    assert notice.get_page_url() == rows[0].post.get_absolute_url()


def test_the_same_problem_anew_is_told_anew(refused):
    _author, rows = refused
    telling.tell_authors()
    services.retry_publication(publication=rows[0])
    publishing.publish(rows[0].pk)
    assert telling.tell_authors() == 1
    assert (Notice.objects.count(), OutgoingMail.objects.count()) == (2, 2)


def test_without_an_author_those_who_run_the_organization_are_told(refused):
    _author, rows = refused
    Post.objects.update(author=None)
    admin = make_membership(role=Role.ADMIN, organization=rows[0].workspace.organization).user
    owner = rows[0].workspace.organization.memberships.get(role=Role.OWNER).user
    assert telling.tell_authors() == 2
    assert told() == sorted([admin.email, owner.email])


@pytest.mark.parametrize("change", [{"role": Role.VIEWER}, {}])
def test_an_author_who_may_no_longer_write_there_is_not_told(refused, change):
    author, rows = refused
    organization = rows[0].workspace.organization
    owner = organization.memberships.get(role=Role.OWNER).user
    if change:
        author.memberships.update(**change)
    else:
        make_team(organization=organization, workspaces=[rows[0].workspace])
    telling.tell_authors()
    assert told() == [owner.email]


def test_an_author_who_wants_no_mail_still_finds_it_in_lily(refused):
    author, _rows = refused
    User.objects.filter(pk=author.pk).update(notice_choices={"post_needs_you": []})
    telling.tell_authors()
    assert (told(), OutgoingMail.objects.count()) == ([author.email], 0)
    assert Notice.objects.get().about.always == {Way.LILY}
