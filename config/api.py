"""Every address of the API, version 1."""

from django.urls import path

from apps.accounts import api as accounts
from apps.accounts.decorators import api_address

urlpatterns = [
    path("o/<slug:organization>/usage", api_address(GET=accounts.usage), name="api_usage"),
]
