from django.urls import path

from apps.social.views import channels, metadata, sandbox

urlpatterns = [
    path("w/<slug:workspace>/channels/", channels.channel_list, name="channel_list"),
    path("w/<slug:workspace>/channels/new/", channels.channel_new, name="channel_new"),
    path("w/<slug:workspace>/channels/new/<slug:network>/", channels.channel_connect, name="channel_connect"),
    path(
        "w/<slug:workspace>/channels/new/<slug:network>/password/", channels.channel_password, name="channel_password"
    ),
    path("w/<slug:workspace>/channels/choose/<uuid:pk>/", channels.channel_choose, name="channel_choose"),
    path("w/<slug:workspace>/channels/<uuid:pk>/reconnect/", channels.channel_reconnect, name="channel_reconnect"),
    path("w/<slug:workspace>/channels/<uuid:pk>/disconnect/", channels.channel_disconnect, name="channel_disconnect"),
    path("w/<slug:workspace>/channels/<uuid:pk>/verify/", channels.channel_verify, name="channel_verify"),
    path("w/<slug:workspace>/channels/<uuid:pk>/pause/", channels.channel_pause, name="channel_pause"),
    path("w/<slug:workspace>/channels/<uuid:pk>/resume/", channels.channel_resume, name="channel_resume"),
    path("oauth/<slug:network>/callback", channels.channel_callback, name="channel_callback"),
    path("oauth/bluesky/client-metadata.json", metadata.bluesky_client_metadata, name="bluesky_client_metadata"),
    path("oauth/bluesky/jwks.json", metadata.bluesky_jwks, name="bluesky_jwks"),
    path("w/<slug:workspace>/sandbox/", sandbox.sandbox_feed, name="sandbox_feed"),
    path("w/<slug:workspace>/sandbox/faults/", sandbox.sandbox_fault, name="sandbox_fault"),
    path("w/<slug:workspace>/sandbox/clock/", sandbox.sandbox_clock, name="sandbox_clock"),
    path("w/<slug:workspace>/sandbox/pictures/<uuid:pk>/", sandbox.sandbox_picture, name="sandbox_picture"),
]
