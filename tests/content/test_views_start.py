"""Setting up a workspace: step by step, leaving out, coming back, and the first post at its end."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.accounts.catalog import Role, Setup
from apps.accounts.models import Workspace
from apps.brand.services import find_kit
from apps.content.models import Post
from tests.factories import make_brand, make_channel, make_membership, make_workspace

pytestmark = pytest.mark.django_db
ANSWERS = {"name": "Café Linden", "trade": "restaurant", "primary": "#1f6f54", "voice": "casual"}


@pytest.fixture
def workspace(client):
    """A workspace whose brand is asked for next, with its owner signed in."""
    workspace = make_workspace(name="Mara Linden GmbH", setup=Setup.BRAND)
    client.force_login(workspace.organization.memberships.get().user)
    return workspace


def link(name, workspace):
    return reverse(name, kwargs={"workspace": workspace.slug})


@pytest.mark.parametrize(
    ("setup", "page"), [(Setup.BRAND, "start_brand"), (Setup.PROFILE, "start_profile"), ("", "calendar")]
)
def test_owner_comes_back_to_the_step_they_left(client, workspace, setup, page):
    Workspace.objects.update(setup=setup)
    assert client.get(workspace.get_absolute_url())["Location"] == link(page, workspace)


def test_nobody_else_is_led_through_setting_up(client, workspace):
    client.force_login(make_membership(organization=workspace.organization, role=Role.MANAGER).user)
    assert client.get(workspace.get_absolute_url())["Location"] == link("calendar", workspace)


def test_step_that_is_over_leads_to_the_present_one(client, workspace):
    assert client.get(link("start_profile", workspace))["Location"] == workspace.get_absolute_url()
    Workspace.objects.update(setup=Setup.PROFILE)
    assert client.get(link("start_brand", workspace))["Location"] == workspace.get_absolute_url()


def test_brand_is_what_was_answered_and_its_trade_says_the_rest(client, workspace):
    response = client.post(link("start_brand", workspace), ANSWERS)
    assert response["Location"] == link("start_profile", workspace)
    workspace.refresh_from_db()
    vault = find_kit(workspace).vault
    assert (workspace.name, workspace.setup) == ("Café Linden", Setup.PROFILE)
    assert vault.colours == ("#1f6f54", "#f3e3cf", "#c8862b")
    assert (vault.voice, vault.industry, vault.brand_words[0]) == ("casual", "Restaurant or café", "fresh")


def test_brand_is_kept_as_it_is_when_left_out(client, workspace):
    client.post(link("start_brand", workspace), ANSWERS | {"skip": "1"})
    workspace.refresh_from_db()
    assert (workspace.name, workspace.setup, find_kit(workspace).number) == ("Mara Linden GmbH", Setup.PROFILE, 0)


def test_wrong_colour_is_said_at_its_field_and_asked_of_no_card(client, workspace):
    page = client.post(link("start_brand", workspace), ANSWERS | {"primary": "greenish"})
    assert (page.status_code, page.context["form"].errors.keys()) == (422, {"primary"})
    assert "colour=" not in page.context["sample_url"]


def test_card_of_what_was_typed_is_shown_without_keeping_it(client, workspace):
    page = client.post(link("start_brand", workspace), ANSWERS | {"show": "1"})
    assert page.context["sample_url"] == (
        f"{link('image_sample', workspace)}?name=Caf%C3%A9+Linden&trade=restaurant&colour=%231f6f54&voice=casual"
    )
    assert client.get(page.context["sample_url"]).status_code == 200
    workspace.refresh_from_db()
    assert (workspace.setup, find_kit(workspace).number) == (Setup.BRAND, 0)


@pytest.mark.parametrize("count", [1, 3])
def test_profiles_page_costs_the_same_however_many_are_connected(client, workspace, count, django_assert_num_queries):
    Workspace.objects.update(setup=Setup.PROFILE)
    for _ in range(count):
        make_channel(workspace=workspace)
    with django_assert_num_queries(6):
        page = client.get(link("start_profile", workspace))
    assert len(page.context["channels"]) == count


def test_setting_up_ends_in_the_composer_with_words_of_the_brand(client, workspace):
    client.post(link("start_brand", workspace), ANSWERS)
    channel = make_channel(workspace=workspace)
    responses = [client.post(link("start_post", workspace)) for _ in range(2)]
    post = Post.objects.get()
    assert [response["Location"] for response in responses] == [
        reverse("post_edit", args=[workspace.slug, post.pk]),
        workspace.get_absolute_url(),
    ]
    assert post.text == (
        "Hello, this is Café Linden. What you will find here: Today's dishes, Behind the counter, Events and offers."
        "\n\n"
        "Come by and say hello.\n\n#Fresh #Handmade #Seasonal"
    )
    assert [publication.channel for publication in post.publications.all()] == [channel]
    assert client.get(responses[0]["Location"]).context["form"].open_problems == []
    assert client.get(workspace.get_absolute_url())["Location"] == link("calendar", workspace)


def test_first_words_need_nothing_to_be_known_and_keep_to_the_rules(client, workspace):
    Workspace.objects.update(setup=Setup.PROFILE)
    make_brand(workspace=workspace, avoid=[{"term": "hello", "mode": "replace", "instead": "welcome"}])
    client.post(link("start_post", workspace))
    assert Post.objects.get().text.splitlines()[0] == "Welcome, this is Mara Linden GmbH."


def test_profile_connected_on_the_way_leads_back_to_it(client, workspace):
    Workspace.objects.update(setup=Setup.PROFILE)
    page = client.post(reverse("channel_connect", args=[workspace.slug, "sandbox"]), follow=True)
    names = [choice[0] for choice in page.context["form"].fields["profiles"].choices]
    response = client.post(page.request["PATH_INFO"], {"profiles": names[:1]})
    assert response["Location"] == link("start_profile", workspace)
