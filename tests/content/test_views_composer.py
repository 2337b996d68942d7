"""The composer over HTTP: what is typed is kept once, counted as the networks count, and never lost."""

from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from apps.content.forms import ComposerForm, LocalTimeField, usual_time
from apps.content.models import Post
from apps.content.validation import PictureChoice
from apps.media import checking
from apps.media.models import Asset
from tests.factories import (
    make_asset,
    make_brand,
    make_channel,
    make_membership,
    make_organization,
    make_post,
    make_scheduled,
    make_standing,
    make_user,
    make_workspace,
)
from tests.factories.media import picture_file

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def workspace(db):
    return make_workspace(organization=make_organization(plan="pro"), time_zone="Europe/Berlin")


@pytest.fixture
def channel(workspace):
    return make_channel(workspace=workspace, handle="@linden")


@pytest.fixture
def manager(client, workspace):
    user = make_user()
    make_membership(user=user, organization=workspace.organization, role="manager")
    client.force_login(user)
    return user


def typed(channel, **more) -> dict:
    at = usual_time(channel.workspace).strftime("%Y-%m-%dT%H:%M")
    return {
        "draft_key": str(uuid4()),
        "version": "",
        "text": "Rye at seven",
        "channels": [str(channel.pk)],
        "due_at": at,
        **more,
    }


@pytest.mark.parametrize("profiles", [1, 3])
def test_composer_costs_the_same_however_many_profiles(client, workspace, manager, django_assert_num_queries, profiles):
    channels = [make_channel(workspace=workspace) for _n in range(profiles)]
    post = make_post(workspace=workspace, channels=channels)
    client.get(f"/w/{workspace.slug}/")  # the first visit remembers the workspace
    with django_assert_num_queries(6):
        client.get(f"/w/{workspace.slug}/posts/new/")
    with django_assert_num_queries(10):
        response = client.get(f"/w/{workspace.slug}/posts/{post.pk}/edit/")
    assert len(response.content) <= 60 * 1024


def test_button_names_what_it_will_do(client, workspace, channel, manager):
    html = client.get(f"/w/{workspace.slug}/posts/new/?at=2030-01-08T09:30").content.decode()
    assert "Schedule for Tue 8 Jan, 09:30 Berlin" in html or "Schedule for Tue 8 Jan" in html


def test_sent_twice_there_is_one_post(client, workspace, channel, manager):
    data = typed(channel)
    client.post(f"/w/{workspace.slug}/posts/new/", data)
    client.post(f"/w/{workspace.slug}/posts/new/", data)
    assert Post.objects.count() == 1


def test_words_typed_while_the_first_save_was_under_way_are_kept(client, workspace, channel, manager):
    data = typed(channel)
    client.post(f"/w/{workspace.slug}/posts/new/", data, headers=HTMX)
    client.post(f"/w/{workspace.slug}/posts/new/schedule/", data | {"text": "Rye at seven, come early"})
    assert [(post.text, post.status) for post in Post.objects.all()] == [("Rye at seven, come early", "scheduled")]


def test_form_found_again_by_the_back_button_overwrites_nothing(client, workspace, channel, manager):
    data = typed(channel)
    client.post(f"/w/{workspace.slug}/posts/new/", data)
    client.post(f"/w/{workspace.slug}/posts/new/", data | {"version": "1", "text": "Better words"})
    assert client.post(f"/w/{workspace.slug}/posts/new/", data | {"text": "Old words"}).status_code == 409
    assert Post.objects.get().text == "Better words"


def test_autosave_answers_with_the_next_version(client, workspace, channel, manager):
    data = typed(channel)
    first = client.post(f"/w/{workspace.slug}/posts/new/", data, headers=HTMX)
    post = Post.objects.get()
    assert first["HX-Replace-Url"] == f"/w/{workspace.slug}/posts/{post.pk}/edit/"
    assert 'id="composer-version" value="1"' in first.content.decode()
    again = client.post(
        f"/w/{workspace.slug}/posts/new/", data | {"version": "1", "text": "Rye at eight"}, headers=HTMX
    )
    assert 'value="2"' in again.content.decode()
    assert Post.objects.get().text == "Rye at eight"


def test_autosave_of_an_empty_page_makes_no_draft(client, workspace, channel, manager):
    client.post(f"/w/{workspace.slug}/posts/new/", typed(channel, text=""), headers=HTMX)
    assert Post.objects.count() == 0


def test_stale_tab_is_told_and_keeps_its_words(client, workspace, channel, manager):
    post = make_post(workspace=workspace, channels=[channel])
    url = f"/w/{workspace.slug}/posts/{post.pk}/edit/"
    data = typed(channel, draft_key=str(post.draft_key), version="1")
    client.post(url, data | {"text": "First tab"})
    response = client.post(url, data | {"text": "Second tab"})
    html = response.content.decode()
    assert response.status_code == 409
    assert "changed in another tab" in html
    assert "Second tab" in html
    assert Post.objects.get().text == "First tab"


def test_schedule_keeps_and_schedules(client, workspace, channel, manager):
    response = client.post(f"/w/{workspace.slug}/posts/new/schedule/", typed(channel))
    post = Post.objects.get()
    assert (post.status, response.url) == ("scheduled", f"/w/{workspace.slug}/posts/{post.pk}/")
    assert post.due_at == usual_time(workspace).replace(tzinfo=workspace.zone)


def test_too_long_is_refused_beside_the_field_and_kept_as_a_draft(client, workspace, channel, manager):
    response = client.post(f"/w/{workspace.slug}/posts/new/schedule/", typed(channel, text="x" * 501))
    assert response.status_code == 422
    assert "x" * 501 in response.content.decode()
    assert Post.objects.get().status == "draft"


def test_networks_own_words_are_kept_and_previewed(client, workspace, channel, manager):
    data = typed(channel, variant_sandbox="Only here")
    html = client.post(f"/w/{workspace.slug}/posts/new/", data, headers=HTMX).content.decode()
    assert "Only here" in html
    assert [variant.text for variant in Post.objects.get().variants.all()] == ["Only here"]


def test_line_ends_count_once(client, workspace, channel, manager):
    client.post(f"/w/{workspace.slug}/posts/new/", typed(channel, text="a\r\nb"))
    assert Post.objects.get().text == "a\nb"


def test_counter_counts_as_the_network_does(workspace):
    make_channel(workspace=workspace, network="bluesky")
    form = ComposerForm(workspace=workspace, user=make_user())
    form.initial["text"] = "👩‍👩‍👧‍👦"  # one grapheme, eleven UTF-16 units
    assert [(counter.used, counter.allowed) for counter in form.counters] == [(1, 300)]


def test_check_keeps_nothing(client, workspace, channel, manager):
    post = make_scheduled(workspace=workspace, channels=[channel], text="As it is")
    data = typed(channel, draft_key=str(post.draft_key), version="1", text="As it could be")
    html = client.post(f"/w/{workspace.slug}/posts/{post.pk}/check/", data, headers=HTMX).content.decode()
    assert "As it could be" in html
    assert Post.objects.get().text == "As it is"


def test_member_may_write_but_not_change_what_is_scheduled(client, workspace, channel):
    user = make_user()
    make_membership(user=user, organization=workspace.organization, role="member")
    client.force_login(user)
    post = make_scheduled(workspace=workspace, channels=[channel])
    data = typed(channel, draft_key=str(post.draft_key), version="1")
    assert client.post(f"/w/{workspace.slug}/posts/{post.pk}/edit/", data).status_code == 403
    assert client.post(f"/w/{workspace.slug}/posts/new/", typed(channel)).status_code == 302
    assert client.post(f"/w/{workspace.slug}/posts/new/schedule/", typed(channel)).status_code == 403


def test_profile_of_another_workspace_cannot_be_chosen(client, workspace, channel, manager):
    other = make_channel()
    client.post(f"/w/{workspace.slug}/posts/new/", typed(channel, channels=[str(other.pk)]))
    assert list(Post.objects.get().publications.all()) == []


def test_time_that_is_no_time_is_said_beside_the_field(client, workspace, channel, manager):
    response = client.post(f"/w/{workspace.slug}/posts/new/", typed(channel, due_at="tomorrow"))
    assert response.status_code == 422
    assert "Give a day and a time" in response.content.decode()


def test_local_time_field_reads_what_browsers_send():
    assert LocalTimeField().clean("2026-11-24T09:00") == datetime(2026, 11, 24, 9)  # noqa: DTZ001


def test_usual_time_is_ahead(workspace, settings):
    at = usual_time(workspace)
    assert at.replace(tzinfo=workspace.zone).astimezone(UTC) > datetime.now(UTC)
    assert (at.hour, at.minute) == (9, 0)


def test_uploaded_picture_waits_to_be_checked_and_keeps_its_words(client, workspace, channel, manager):
    data = typed(channel) | {"upload": picture_file()}
    html = client.post(f"/w/{workspace.slug}/posts/new/", data, headers=HTMX).content.decode()
    asset = Asset.objects.get()
    assert "Being checked" in html
    assert "data-live" in html
    checking.check(asset.pk)
    again = typed(channel, draft_key=data["draft_key"], version="1", picture=[str(asset.pk)], pending=[str(asset.pk)])
    html = client.post(
        f"/w/{workspace.slug}/posts/new/", again | {f"alt_{asset.pk}": "A loaf"}, headers=HTMX
    ).content.decode()
    assert "data-live" not in html
    assert [(use.asset, use.alt_text) for use in Post.objects.get().pictures.all()] == [(asset, "A loaf")]


def test_picture_is_taken_off(client, workspace, channel, manager):
    asset = make_asset(workspace=workspace)
    data = typed(channel, picture=[str(asset.pk)], remove=[str(asset.pk)], add=[str(asset.pk)])
    client.post(f"/w/{workspace.slug}/posts/new/", data)
    assert list(Post.objects.get().pictures.all()) == []


@pytest.fixture
def three(workspace):
    """The keys of three pictures."""
    return [str(make_asset(workspace=workspace).pk) for _n in range(3)]


def order(post: Post) -> list[str]:
    return [str(use.asset_id) for use in post.pictures.all()]


@pytest.mark.parametrize(
    ("button", "picture", "expected"),
    [("earlier", 1, [1, 0, 2]), ("later", 1, [0, 2, 1]), ("earlier", 0, [0, 1, 2]), ("later", 2, [0, 1, 2])],
)
def test_buttons_move_a_picture_and_lead_back_to_the_pictures(
    client, workspace, channel, manager, three, button, picture, expected
):
    data = typed(channel, picture=three, **{button: three[picture]})
    response = client.post(f"/w/{workspace.slug}/posts/new/", data)
    post = Post.objects.get()
    assert order(post) == [three[index] for index in expected]
    assert response.url == f"/w/{workspace.slug}/posts/{post.pk}/edit/#composer-pictures"


def test_pictures_of_a_scheduled_post_are_moved_on_the_page_and_stay_until_it_is_saved(
    client, workspace, channel, manager, three
):
    chosen = [PictureChoice(Asset.objects.get(pk=key), "A loaf") for key in three]
    post = make_scheduled(workspace=workspace, channels=[channel], pictures=chosen)
    data = typed(channel, draft_key=str(post.draft_key), version="1", picture=three)
    page = client.post(f"/w/{workspace.slug}/posts/{post.pk}/check/", data | {"later": three[0]}).content.decode()
    shown = [line.partition('"')[0] for line in page.split('name="picture" value="')[1:]]
    assert (shown, order(post)) == ([three[1], three[0], three[2]], three)
    client.post(f"/w/{workspace.slug}/posts/{post.pk}/edit/", data | {"picture": shown})
    assert order(post) == shown


def test_picture_of_another_workspace_cannot_be_added(client, workspace, channel, manager):
    client.post(f"/w/{workspace.slug}/posts/new/", typed(channel, add=[str(make_asset().pk), "nonsense"]))
    assert list(Post.objects.get().pictures.all()) == []


def test_library_is_offered_when_asked_for(client, workspace, channel, manager):
    asset = make_asset(workspace=workspace)
    url = f"/w/{workspace.slug}/posts/new/"
    assert f'name="add" value="{asset.pk}"' not in client.get(url).content.decode()
    assert f'name="add" value="{asset.pk}"' in client.get(url, {"pick": "1"}).content.decode()
    fragment = client.get(url, {"pick": "1"}, headers=HTMX).content.decode()
    assert fragment.strip().startswith('<div class="picker"')


def test_picture_made_for_a_post_comes_back_to_it(client, workspace, channel, manager):
    response = client.post(f"/w/{workspace.slug}/posts/new/", typed(channel, make_picture="1"))
    post, asset = Post.objects.get(), make_asset(workspace=workspace)
    edit = f"/w/{workspace.slug}/posts/{post.pk}/edit/"
    assert response.url == f"/w/{workspace.slug}/pictures/new/?{urlencode({'next': edit, 'text': post.text})}"
    assert f'name="picture" value="{asset.pk}"' in client.get(edit, {"picture": asset.pk}).content.decode()


def test_post_shows_its_pictures(client, workspace, channel, manager):
    asset = make_asset(workspace=workspace)
    post = make_post(workspace=workspace, channels=[channel], pictures=[PictureChoice(asset, "A loaf")])
    html = client.get(f"/w/{workspace.slug}/posts/{post.pk}/").content.decode()
    assert 'alt="A loaf"' in html


def test_limit_of_the_plan_is_said_with_a_way_on(client, workspace, channel):
    make_standing(workspace.organization, plan="free")
    client.force_login(workspace.organization.memberships.get().user)
    data = typed(channel, due_at="2030-01-08T09:30")
    response = client.post(f"/w/{workspace.slug}/posts/new/schedule/", data)
    assert response.status_code == 422
    assert Post.objects.get().status == "draft"


@pytest.fixture
def branded(workspace, channel):
    make_brand(workspace=workspace, avoid=[{"term": "cheap", "mode": "replace", "instead": "fair"}])
    return channel


def shown(form: ComposerForm) -> dict[str, list[str]]:
    """Field → what is said beside it about words that go out differently."""
    return {field: list(messages) for field, messages in form.replaced.items()}


def test_words_are_shown_and_counted_as_they_go_out(workspace, branded):
    post = make_post(workspace=workspace, channels=[branded], text="Cheap!", variants={"sandbox": "So cheap"})
    form = ComposerForm(workspace=workspace, user=make_user(), post=post)
    assert [preview.text for preview in form.previews] == ["So fair"]
    assert [counter.used for counter in form.counters] == [len("So fair")]
    assert shown(form) == {
        "text": ["“Cheap” will go out as “Fair”."],
        "variant_sandbox": ["“cheap” will go out as “fair”."],
    }
    assert [problem.code for problem in form.open_problems] == []


def test_what_goes_out_differently_is_said_at_its_field_while_typing(client, workspace, branded, manager):
    data = typed(branded, text="Cheap rye", variant_sandbox="Cheap rolls")
    html = client.post(f"/w/{workspace.slug}/posts/new/", data, headers=HTMX).content.decode()
    notice = "“Cheap” will go out as “Fair”."
    assert [part.partition("</div>")[0].count(notice) for part in html.split('id="replaced_')[1:]] == [1, 1]
    assert html.count(notice) == 2
    assert "Fair rolls" in html


def test_a_draft_is_shown_as_it_will_go_out(client, workspace, branded, manager):
    post = make_post(workspace=workspace, channels=[branded], text="Cheap rye")
    assert "Fair rye" in client.get(f"/w/{workspace.slug}/posts/{post.pk}/").content.decode()


def test_more_words_than_any_network_takes_are_refused_and_stay_on_the_page(client, workspace, manager, channel):
    """PostgreSQL indexes no megabyte of words."""
    words = " ".join(f"word{n}" for n in range(130_000))
    answer = client.post(f"/w/{workspace.slug}/posts/new/", typed(channel, text=words))
    page = answer.content.decode()
    assert (answer.status_code, "has at most 10000 characters" in page, "word129999" in page) == (422, True, True)
    assert not Post.objects.exists()


def test_fields_of_one_network_and_one_picture_take_as_much_as_their_page_lets_type(
    client, workspace, manager, channel
):
    asset = make_asset(workspace=workspace)
    form = typed(channel, picture=[str(asset.pk)]) | {"variant_sandbox": "b" * 99_999, f"alt_{asset.pk}": "c" * 99_999}
    page = client.post(f"/w/{workspace.slug}/posts/new/", form, follow=True).content.decode()
    assert (page.count('maxlength="10000"'), page.count('maxlength="2000"')) == (2, 1)
    post = Post.objects.get()
    assert (post.variants.get().text, post.pictures.get().alt_text) == ("b" * 10_000, "c" * 2000)
