"""Every address of the API, version 1."""

from django.urls import path

from apps.accounts import api as accounts
from apps.accounts.decorators import api_address
from apps.brand import api as brand
from apps.content import api as content
from apps.imaging import api as imaging
from apps.media import api as media
from apps.social import api as social

ORGANIZATION, WORKSPACE = "o/<slug:organization>", "w/<slug:workspace>"

urlpatterns = [
    path(f"{ORGANIZATION}/usage", api_address(GET=accounts.usage), name="api_usage"),
    path(f"{ORGANIZATION}/workspaces", api_address(GET=accounts.workspace_list), name="api_workspaces"),
    path(f"{ORGANIZATION}/members", api_address(GET=accounts.member_list), name="api_members"),
    path(f"{WORKSPACE}/channels", api_address(GET=social.channel_list), name="api_channels"),
    path(f"{WORKSPACE}/posts", api_address(GET=content.post_list, POST=content.post_create), name="api_posts"),
    path(
        f"{WORKSPACE}/posts/<uuid:pk>",
        api_address(GET=content.post_detail, PATCH=content.post_edit, DELETE=content.post_delete),
        name="api_post",
    ),
    path(f"{WORKSPACE}/posts/<uuid:pk>/schedule", api_address(POST=content.post_schedule), name="api_post_schedule"),
    path(f"{WORKSPACE}/posts/<uuid:pk>/publish", api_address(POST=content.post_publish), name="api_post_publish"),
    path(f"{WORKSPACE}/posts/<uuid:pk>/move", api_address(POST=content.post_move), name="api_post_move"),
    path(f"{WORKSPACE}/posts/<uuid:pk>/cancel", api_address(POST=content.post_cancel), name="api_post_cancel"),
    path(
        f"{WORKSPACE}/publications/<uuid:pk>/retry",
        api_address(POST=content.publication_retry),
        name="api_publication_retry",
    ),
    path(f"{WORKSPACE}/media", api_address(GET=media.asset_list, POST=media.asset_create), name="api_media"),
    path(f"{WORKSPACE}/media/<uuid:asset>", api_address(GET=media.asset_detail), name="api_asset"),
    path(f"{WORKSPACE}/images", api_address(GET=imaging.image_list, POST=imaging.image_create), name="api_images"),
    path(f"{WORKSPACE}/images/<uuid:pk>", api_address(GET=imaging.image_detail), name="api_image"),
    path(f"{WORKSPACE}/candidates/<uuid:pk>/take", api_address(POST=imaging.candidate_take), name="api_candidate_take"),
    path(f"{WORKSPACE}/brand", api_address(GET=brand.brand_detail, PATCH=brand.brand_edit), name="api_brand"),
]
