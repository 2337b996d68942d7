"""Addresses of the calendar, the posts and the composer, all under a workspace."""

from django.urls import include, path

from apps.content.views import calendar, composer, late, posts, start, words

_workspace = [
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/<int:year>-<int:month>-<int:day>/", calendar.calendar_day, name="calendar_day"),
    path("posts/", posts.post_list, name="post_list"),
    path("posts/new/", composer.post_new, name="post_new"),
    path("posts/new/check/", composer.post_check, name="post_new_check"),
    path("posts/new/schedule/", composer.post_schedule, name="post_new_schedule"),
    path("posts/new/publish/", composer.post_publish, name="post_new_publish"),
    path("posts/<uuid:pk>/", posts.post_detail, name="post_detail"),
    path("posts/<uuid:pk>/edit/", composer.post_edit, name="post_edit"),
    path("posts/<uuid:pk>/check/", composer.post_check, name="post_check"),
    path("posts/<uuid:pk>/schedule/", composer.post_schedule, name="post_schedule"),
    path("posts/<uuid:pk>/publish/", composer.post_publish, name="post_publish"),
    path("posts/<uuid:pk>/move/", posts.post_move, name="post_move"),
    path("posts/<uuid:pk>/cancel/", posts.post_cancel, name="post_cancel"),
    path("posts/<uuid:pk>/uncancel/", posts.post_uncancel, name="post_uncancel"),
    path("posts/<uuid:pk>/unschedule/", posts.post_unschedule, name="post_unschedule"),
    path("posts/<uuid:pk>/duplicate/", posts.post_duplicate, name="post_duplicate"),
    path("posts/<uuid:pk>/delete/", posts.post_delete, name="post_delete"),
    path("start/brand/", start.start_brand, name="start_brand"),
    path("start/profile/", start.start_profile, name="start_profile"),
    path("start/post/", start.start_post, name="start_post"),
    path("settings/late/", late.catch_up_edit, name="catch_up_edit"),
    path("words/new/", words.words_new, name="words_new"),
    path("words/<uuid:pk>/", words.words_detail, name="words_detail"),
    path("words/<uuid:pk>/take/", words.words_take, name="words_take"),
    path("publications/<uuid:pk>/retry/", posts.publication_retry, name="publication_retry"),
    path("publications/<uuid:pk>/dismiss/", posts.publication_dismiss, name="publication_dismiss"),
    path("publications/<uuid:pk>/settle/", posts.publication_settle, name="publication_settle"),
]

urlpatterns = [path("w/<slug:workspace>/", include(_workspace))]
