from django.urls import path

from apps.core import styleguide, views

urlpatterns = [
    path("mailbox/", views.mailbox, name="mailbox"),
    path("mailbox/<uuid:mail_id>/", views.mail_detail, name="mail_detail"),
    path("operators/doctor/", views.doctor, name="doctor"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("theme/", styleguide.theme_set, name="theme_set"),
]
