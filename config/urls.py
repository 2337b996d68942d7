"""Every address of the product. A view states its permission by its decorator; tests/architecture proves it."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("apps.content.urls")),  # the busiest first: Django tries them in turn
    path("admin/", admin.site.urls),
    path("account/", include("allauth.urls")),
    path("api/v1/", include("config.api")),
    path("", include("apps.core.urls")),
    path("", include("apps.accounts.urls")),
    path("", include("apps.media.urls")),
    path("", include("apps.brand.urls")),
    path("", include("apps.imaging.urls")),
    path("", include("apps.social.urls")),
]

handler400 = "apps.core.views.bad_request"
handler403 = "apps.core.views.permission_denied"
handler404 = "apps.core.views.page_not_found"
