from django.urls import path

from apps.media import views

urlpatterns = [
    path("w/<slug:workspace>/media/upload/", views.media_upload, name="media_upload"),
    path("w/<slug:workspace>/media/<uuid:asset>/", views.asset_detail, name="asset_detail"),
    path("w/<slug:workspace>/media/<uuid:asset>/edit/", views.asset_edit, name="asset_edit"),
    path("w/<slug:workspace>/media/<uuid:asset>/delete/", views.asset_delete, name="asset_delete"),
    path("media/<uuid:asset>/<slug:variant>/<int:expires>/<slug:signature>/", views.asset_file, name="asset_file"),
]
