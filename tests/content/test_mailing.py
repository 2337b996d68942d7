import pytest
from django.core import mail

from apps.accounts.catalog import Role
from apps.content import mailing, publishing, services
from apps.content.models import Post
from apps.social.providers.sandbox import Fault
from tests.factories import make_channel, make_due, make_fault, make_membership

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


def test_the_author_gets_one_mail_for_all_and_none_again(refused):
    author, rows = refused
    assert mailing.tell_authors() == 1
    assert mailing.tell_authors() == 0
    letter = mail.outbox[0]
    assert (letter.to, letter.subject) == ([author.email], "2 posts need you: Café Ada")
    for row in rows:
        assert f"/posts/{row.post_id}/" in letter.body
        assert row.post.first_words in letter.body
    assert "The sandbox refuses this content" in letter.body


def test_the_same_problem_anew_is_a_new_mail(refused):
    _author, rows = refused
    mailing.tell_authors()
    services.retry_publication(publication=rows[0])
    publishing.publish(rows[0].pk)
    assert mailing.tell_authors() == 1
    assert len(mail.outbox) == 2


def test_without_an_author_those_who_run_the_organization_are_told(refused):
    _author, rows = refused
    Post.objects.update(author=None)
    admin = make_membership(role=Role.ADMIN, organization=rows[0].workspace.organization).user
    owner = rows[0].workspace.organization.memberships.get(role=Role.OWNER).user
    mailing.tell_authors()
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted([admin.email, owner.email])


def test_an_author_who_may_no_longer_write_is_not_told(refused):
    author, _rows = refused
    author.memberships.update(role=Role.VIEWER)
    mailing.tell_authors()
    assert author.email not in [letter.to[0] for letter in mail.outbox]
