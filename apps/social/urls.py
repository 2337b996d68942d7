from django.urls import path

from apps.social import views

urlpatterns = [
    path("w/<slug:workspace>/sandbox/", views.sandbox_feed, name="sandbox_feed"),
    path("w/<slug:workspace>/sandbox/faults/", views.sandbox_fault, name="sandbox_fault"),
    path("w/<slug:workspace>/sandbox/clock/", views.sandbox_clock, name="sandbox_clock"),
    path("w/<slug:workspace>/sandbox/pictures/<uuid:pk>/", views.sandbox_picture, name="sandbox_picture"),
]
