"""Pages of posts: the list by key, the record, and what can be done from there."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection

from apps.content import publishing
from apps.content.models import Post, words_wanted
from apps.core import clock
from apps.core.ids import uuid7
from apps.social.providers.sandbox import Fault
from tests.factories import (
    make_channel,
    make_fault,
    make_membership,
    make_organization,
    make_post,
    make_scheduled,
    make_user,
    make_workspace,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace(db):
    return make_workspace(organization=make_organization(plan="pro"), time_zone="Europe/Berlin")


@pytest.fixture
def channel(workspace):
    return make_channel(workspace=workspace)


def enter(client, workspace, role):
    user = make_user()
    make_membership(user=user, organization=workspace.organization, role=role)
    client.force_login(user)
    return user


@pytest.fixture
def manager(client, workspace):
    return enter(client, workspace, "manager")


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.parametrize("posts", [1, 3, 40])
def test_list_costs_the_same_however_many_posts(client, workspace, manager, django_assert_num_queries, posts):
    Post.objects.bulk_create(Post(id=uuid7(), workspace=workspace, text=f"Post {n}") for n in range(posts))
    client.get(f"/w/{workspace.slug}/")  # the first visit remembers the workspace
    with django_assert_num_queries(8):
        response = client.get(f"/w/{workspace.slug}/posts/")
    assert len(response.content) <= 60 * 1024


@pytest.mark.parametrize("profiles", [1, 4])
def test_post_costs_the_same_on_however_many_profiles(client, workspace, manager, django_assert_num_queries, profiles):
    post = make_scheduled(channels=[make_channel(workspace=workspace) for _ in range(profiles)], at=clock.now())
    for publication in post.publications.all():
        make_fault(publication.channel, Fault.REJECT)
        publishing.publish(publication.pk)
    client.get(f"/w/{workspace.slug}/")  # the first visit remembers the workspace
    with django_assert_num_queries(10):
        page = client.get(post.get_absolute_url()).content.decode()
    assert (page.count('class="lane"'), page.count("refused it.")) == (profiles, profiles)


def test_list_goes_on_by_key(client, workspace, manager):
    Post.objects.bulk_create(Post(id=uuid7(), workspace=workspace, text=f"Post {n}") for n in range(31))
    first = client.get(f"/w/{workspace.slug}/posts/").context["page"]
    second = client.get(f"/w/{workspace.slug}/posts/", {"before": first.older}).context["page"]
    assert [chip.words for chip in first.chips][:2] == ["Post 30", "Post 29"]
    assert ([chip.words for chip in second.chips], second.older) == (["Post 0"], "")


def test_list_of_a_state_shows_that_state(client, workspace, channel, manager):
    make_scheduled(workspace=workspace, channels=[channel], text="On the calendar")
    make_post(workspace=workspace, channels=[channel], text="A draft")
    page = client.get(f"/w/{workspace.slug}/posts/", {"status": "scheduled"}).context["page"]
    assert [chip.words for chip in page.chips] == ["On the calendar"]


def test_list_never_shows_another_workspace(client, workspace, manager):
    make_post(channels=[make_channel()], text="Somebody else's")
    assert client.get(f"/w/{workspace.slug}/posts/").context["page"].chips == []


def test_post_of_another_workspace_is_404(client, workspace, manager):
    other = make_post(channels=[make_channel()])
    assert client.get(f"/w/{workspace.slug}/posts/{other.pk}/").status_code == 404


def test_move_to_another_day_keeps_the_local_time_and_can_be_undone(client, workspace, channel, manager):
    post = make_scheduled(workspace=workspace, channels=[channel], at=clock.now() + timedelta(days=1))
    before = post.due_at.astimezone(workspace.zone)
    day = (before + timedelta(days=2)).date()
    response = client.post(f"/w/{workspace.slug}/posts/{post.pk}/move/", {"day": day.isoformat()})
    post.refresh_from_db()
    moved = post.due_at.astimezone(workspace.zone)
    assert (moved.date(), moved.time()) == (day, before.time())
    assert f'name="at" value="{before:%Y-%m-%dT%H:%M}"' in said(response)[0]


def test_move_by_htmx_tells_the_calendar(client, workspace, channel, manager):
    post = make_scheduled(workspace=workspace, channels=[channel])
    day = (clock.now() + timedelta(days=3)).date()
    response = client.post(
        f"/w/{workspace.slug}/posts/{post.pk}/move/",
        {"day": day.isoformat()},
        headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver/w/{workspace.slug}/calendar/"},
    )
    assert (response.status_code, response["HX-Trigger"]) == (204, "calendar-changed")


def test_move_without_a_time_says_so(client, workspace, channel, manager):
    post = make_scheduled(workspace=workspace, channels=[channel])
    response = client.post(f"/w/{workspace.slug}/posts/{post.pk}/move/", {})
    assert response.status_code == 422
    assert "Choose a day and a time." in response.content.decode()
    assert Post.objects.get(pk=post.pk).due_at == post.due_at


def test_move_into_the_past_is_refused(client, workspace, channel, manager):
    post = make_scheduled(workspace=workspace, channels=[channel])
    response = client.post(f"/w/{workspace.slug}/posts/{post.pk}/move/", {"at": "2020-01-01T09:00"})
    assert response.status_code == 422
    assert "This time has passed" in response.content.decode()


def test_cancel_takes_it_off_and_offers_a_way_back(client, workspace, channel, manager):
    post = make_scheduled(workspace=workspace, channels=[channel])
    response = client.post(f"/w/{workspace.slug}/posts/{post.pk}/cancel/")
    assert Post.objects.get(pk=post.pk).status == "cancelled"
    assert f"/w/{workspace.slug}/posts/{post.pk}/uncancel/" in said(response)[0]
    client.post(f"/w/{workspace.slug}/posts/{post.pk}/uncancel/")
    assert Post.objects.get(pk=post.pk).status == "scheduled"


def test_member_may_not_move(client, workspace, channel):
    enter(client, workspace, "member")
    post = make_scheduled(workspace=workspace, channels=[channel])
    assert client.post(f"/w/{workspace.slug}/posts/{post.pk}/move/", {"day": "2026-12-01"}).status_code == 403


def test_record_says_what_waits(client, workspace, channel, manager):
    post = make_scheduled(workspace=workspace, channels=[channel], text="Rye <b>")
    html = client.get(f"/w/{workspace.slug}/posts/{post.pk}/").content.decode()
    assert "Goes out to Sandbox at its time." in html
    assert "Rye &lt;b&gt;" in html
    assert "Written by" in html


def test_duplicate_opens_the_copy(client, workspace, channel, manager):
    post = make_scheduled(workspace=workspace, channels=[channel])
    response = client.post(f"/w/{workspace.slug}/posts/{post.pk}/duplicate/")
    copy = Post.objects.exclude(pk=post.pk).get()
    assert (copy.text, copy.status, response.url) == (post.text, "draft", f"/w/{workspace.slug}/posts/{copy.pk}/edit/")


def test_delete_of_a_draft(client, workspace, channel, manager):
    post = make_post(workspace=workspace, channels=[channel])
    assert client.post(f"/w/{workspace.slug}/posts/{post.pk}/delete/").url == f"/w/{workspace.slug}/posts/"
    assert not Post.objects.exists()


def found(client, workspace, **asked) -> list[str]:
    page = client.get(f"/w/{workspace.slug}/posts/", asked)
    return [chip.words for chip in page.context["page"].chips]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("bread", ["Rye bread, and cake", "Bread is back"]),
        ("BREA cak", ["Rye bread, and cake"]),
        ("read", []),
        ("& ! ':* ()", ["Rye bread, and cake", "Käsekuchen für alle", "Bread is back"]),
        ("käse", ["Käsekuchen für alle"]),
        ("bread' | !cake", ["Rye bread, and cake"]),
        ("bread " * 30, ["Rye bread, and cake", "Bread is back"]),
    ],
)
def test_search_finds_posts_with_every_word_or_its_beginning(client, workspace, channel, manager, typed, words):
    for text in ("Bread is back", "Käsekuchen für alle", "Rye bread, and cake"):
        make_post(channels=[channel], text=text)
    make_post(text="Bread of another brand")
    assert found(client, workspace, q=typed) == words


def test_search_keeps_to_a_state_and_to_a_page(client, workspace, channel, manager):
    make_scheduled(channels=[channel], text="Bread on Sunday")
    Post.objects.bulk_create(Post(id=uuid7(), workspace=workspace, text=f"Bread {n}") for n in range(31))
    assert found(client, workspace, q="bread", status="scheduled") == ["Bread on Sunday"]
    first = client.get(f"/w/{workspace.slug}/posts/", {"q": "bread", "status": "draft"})
    older = first.context["page"].older
    assert f"?q=bread&amp;status=draft&amp;before={older}" in first.content.decode()
    assert found(client, workspace, q="bread", status="draft", before=older) == ["Bread 0"]


@pytest.mark.parametrize("posts", [1, 3])
def test_search_costs_no_more_than_the_list(client, workspace, manager, django_assert_num_queries, posts):
    Post.objects.bulk_create(Post(id=uuid7(), workspace=workspace, text=f"Bread {n}") for n in range(posts))
    client.get(f"/w/{workspace.slug}/")
    with django_assert_num_queries(8):
        client.get(f"/w/{workspace.slug}/posts/", {"q": "bread"})


def test_search_without_a_find_says_so_and_leads_back(client, workspace, channel, manager):
    make_post(channels=[channel], text="Bread")
    page = client.get(f"/w/{workspace.slug}/posts/", {"q": "<i>"}).content.decode()
    assert ("Nothing says “&lt;i&gt;”" in page, 'value="&lt;i&gt;"' in page) == (True, True)


def test_search_reads_the_index_of_words(workspace):
    """However many posts other workspaces have with the same words."""
    wanted = words_wanted(workspace.pk, "bread")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    plan = Post.objects.saying(wanted).explain()
    assert ("Bitmap Index Scan on post_words" in plan, wanted) == (True, f"w{workspace.pk.hex} & bread:*")
