from django.urls import path

from apps.brand import views

urlpatterns = [
    path("w/<slug:workspace>/brand/", views.brand_edit, name="brand_edit"),
    path("w/<slug:workspace>/brand/preset/", views.brand_preset, name="brand_preset"),
    path("w/<slug:workspace>/brand/history/", views.brand_history, name="brand_history"),
    path("w/<slug:workspace>/brand/history/<int:number>/restore/", views.brand_restore, name="brand_restore"),
    path("w/<slug:workspace>/brand/export/", views.brand_export, name="brand_export"),
    path("w/<slug:workspace>/brand/import/", views.brand_import, name="brand_import"),
    path("w/<slug:workspace>/brand/<slug:section>/", views.brand_section, name="brand_section"),
    path("w/<slug:workspace>/brand/<slug:section>/save/", views.brand_save, name="brand_save"),
]
