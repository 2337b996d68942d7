from django.urls import path

from apps.imaging import views

urlpatterns = [
    path("w/<slug:workspace>/library/", views.library, name="library"),
    path("w/<slug:workspace>/pictures/new/", views.image_new, name="image_new"),
    path("w/<slug:workspace>/pictures/sample/", views.image_sample, name="image_sample"),
    path("w/<slug:workspace>/pictures/<uuid:pk>/", views.image_detail, name="image_detail"),
    path("w/<slug:workspace>/pictures/<uuid:pk>/again/", views.image_again, name="image_again"),
    path("w/<slug:workspace>/pictures/<uuid:pk>/discard/", views.image_discard, name="image_discard"),
    path("w/<slug:workspace>/pictures/drawn/<uuid:pk>/preview/", views.image_preview, name="image_preview"),
    path("w/<slug:workspace>/pictures/drawn/<uuid:pk>/take/", views.image_take, name="image_take"),
    path("media/drawn/<uuid:pk>/<int:expires>/<slug:signature>/", views.candidate_file, name="candidate_file"),
]
