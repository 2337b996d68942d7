from django.urls import path

from apps.core import developers, legal, styleguide, views

urlpatterns = [
    path("mailbox/", views.mailbox, name="mailbox"),
    path("mailbox/<uuid:mail_id>/", views.mail_detail, name="mail_detail"),
    path("operators/doctor/", views.doctor, name="doctor"),
    path("developers/", developers.developers, name="developers"),
    path("api/v1/openapi.json", developers.openapi, name="openapi"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("terms/", legal.terms, name="terms"),
    path("privacy/", legal.privacy, name="privacy"),
    path("imprint/", legal.imprint, name="imprint"),
    path("theme/", styleguide.theme_set, name="theme_set"),
]
