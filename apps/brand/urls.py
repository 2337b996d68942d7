from django.urls import path

from apps.brand import views

urlpatterns = [
    path("w/<slug:workspace>/brand/", views.brand_edit, name="brand_edit"),
    path("w/<slug:workspace>/brand/preset/", views.brand_preset, name="brand_preset"),
    path("w/<slug:workspace>/brand/history/", views.brand_history, name="brand_history"),
    path("w/<slug:workspace>/brand/history/<int:number>/restore/", views.brand_restore, name="brand_restore"),
    path("w/<slug:workspace>/brand/export/", views.brand_export, name="brand_export"),
    path("w/<slug:workspace>/brand/import/", views.brand_import, name="brand_import"),
]
for section in ("look", "voice", "facts", "rules", "pictures"):  # the keys of forms.SECTIONS
    address, only = f"w/<slug:workspace>/brand/{section}/", {"section": section}
    urlpatterns += [
        path(address, views.brand_section, only, name=f"brand_{section}"),
        path(f"{address}save/", views.brand_save, only, name=f"brand_{section}_save"),
    ]
