from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail

from apps.core import mail

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mailbox(settings, tmp_path):
    settings.EMAIL_BACKEND = "apps.core.mail.MailboxBackend"
    settings.MAILBOX_DIR = tmp_path / "mailbox"
    return settings.MAILBOX_DIR


def send(subject: str = "Confirm your address", text: str = "Open https://lily.example.com/confirm/abc/.") -> None:
    send_mail(subject, text, "Lily <lily@localhost>", ["ada@example.com"])


def test_mails_are_kept_newest_first():
    send("First")
    send("Second")
    assert [(found.subject, found.to) for found in mail.mails()] == [
        ("Second", "ada@example.com"),
        ("First", "ada@example.com"),
    ]


def test_old_mails_are_dropped(monkeypatch):
    monkeypatch.setattr(mail, "KEPT", 2)
    for number in range(4):
        send(str(number))
    assert [found.subject for found in mail.mails()] == ["3", "2"]


def test_page_lists_mails_and_opens_one(client):
    send("Grüße & <b>mehr</b>")
    page = client.get("/mailbox/").content.decode()
    assert "Grüße &amp; &lt;b&gt;mehr&lt;/b&gt;" in page
    detail = client.get(f"/mailbox/{mail.mails()[0].id}/").content.decode()
    assert '<a href="https://lily.example.com/confirm/abc/"' in detail


def test_links_are_found_without_the_dot_behind():
    send()
    assert mail.mails()[0].links == ["https://lily.example.com/confirm/abc/"]


def test_mail_with_html_shows_its_text():
    message = EmailMultiAlternatives("Both", "plain words", to=["ada@example.com"])
    message.attach_alternative("<p>rich words</p>", "text/html")
    message.send()
    assert mail.mails()[0].text == "plain words"


def test_empty_mailbox_says_how_to_fill_it(client):
    assert "No mail yet" in client.get("/mailbox/").content.decode()


def test_unknown_mail_is_not_found(client):
    assert client.get(f"/mailbox/{uuid4()}/").status_code == 404


@pytest.mark.parametrize("address", ["/mailbox/", "/mailbox/019ab5e4-0000-7000-8000-000000000000/"])
def test_production_has_no_mailbox(client, settings, address):
    send()
    settings.MAILBOX_DIR = None
    assert client.get(address).status_code == 404
