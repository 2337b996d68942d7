"""Every address of the API, version 1."""

from django.urls import path

from apps.accounts import api as accounts

urlpatterns = [
    path("o/<slug:organization>/usage", accounts.usage, name="api_usage"),
]
