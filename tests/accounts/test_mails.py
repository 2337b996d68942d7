"""Mails a person waits for: posted by the request, sent by a worker, never lost on the way."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse

from apps.accounts import mailing, services, tasks
from apps.accounts.models import MAIL_LEASE, OutgoingMail
from apps.core import clock
from config.celery import app
from tests.accounts.smtp import mail_server
from tests.factories import make_organization, make_user
from tests.peers.processes import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    """A real mail server, and Lily set up to send through it."""
    with mail_server() as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        yield found


@pytest.fixture
def queue():
    """The ids of the mails that stand in this process's queue, which nobody works off."""
    with app.connection_for_read() as broker, broker.SimpleQueue("default") as found:
        found.clear()
        yield lambda: [found.get(timeout=2).payload[0] for _ in range(found.qsize())]
        found.clear()


def post(to: str = "ada@example.com") -> OutgoingMail:
    return services.post_mail(to=to, subject="Confirm", text="Open https://lily.example.com/confirm/abc/.")


def test_request_posts_the_mail_and_a_worker_sends_it(client, queue, django_capture_on_commit_callbacks):
    user = make_user()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("account_reset_password"), {"email": user.email})
    assert mail.outbox == []
    waiting = OutgoingMail.objects.get()
    assert queue() == [[str(waiting.pk)]]
    tasks.send_mail(str(waiting.pk))
    assert [(message.to, message.subject) for message in mail.outbox] == [([user.email], waiting.subject)]
    assert not OutgoingMail.objects.exists()


def test_words_lie_encrypted_and_only_the_id_is_queued(queue, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        waiting = post()
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM accounts_outgoingmail")
        [stored] = cursor.fetchone()
    assert stored.startswith("t1:")
    assert stored.count("confirm") == 0
    assert queue() == [[str(waiting.pk)]]
    assert OutgoingMail.objects.get().text == "Open https://lily.example.com/confirm/abc/."


@pytest.mark.parametrize("known", [True, False])
def test_reset_does_the_same_work_for_known_and_unknown_addresses(client, known):
    """What could be told apart by its time, the mail server, is not waited for in either case."""
    email = make_user().email if known else "nobody@example.com"
    client.post(reverse("account_reset_password"), {"email": email})
    assert (mail.outbox, [row.to for row in OutgoingMail.objects.all()]) == ([], [email])


def test_mail_reaches_the_server_with_the_id_of_its_row(server):
    waiting = post()
    mailing.deliver(str(waiting.pk))
    [taken] = server.takes
    assert (taken["To"], taken["Subject"]) == ("ada@example.com", "Confirm")
    assert taken["Message-ID"].startswith(f"<{waiting.pk}@")


def test_task_that_comes_twice_sends_once(server):
    waiting = post()
    for _ in range(2):
        mailing.deliver(str(waiting.pk))
    mailing.deliver(str(uuid4()))
    assert len(server.takes) == 1


def test_server_that_is_busy_gets_it_later(server, time_machine):
    time_machine.move_to("2031-05-07T12:00:00Z", tick=False)
    waiting, server.says = post(), "451 later"
    mailing.deliver(str(waiting.pk))
    waiting.refresh_from_db()
    assert (waiting.tries, waiting.next_try_at) == (1, clock.now() + timedelta(seconds=30))
    mailing.deliver(str(waiting.pk))
    assert list(OutgoingMail.objects.due()) == []
    server.says = "250 yes"
    time_machine.shift(timedelta(seconds=30))
    mailing.deliver(str(waiting.pk))
    assert (len(server.takes), OutgoingMail.objects.count()) == (1, 0)


def test_news_are_sent_once_whatever_the_server_and_the_tasks_do(server, queue, time_machine):
    time_machine.move_to("2031-05-07T12:00:00Z", tick=False)
    organization, server.says = make_organization(name="Bakery"), "451 later"
    services.delete_organization(actor=make_user(), organization=organization, typed="Bakery")
    waiting = OutgoingMail.objects.get()
    tasks.send_waiting_mails()
    assert queue() == [[str(waiting.pk)]]
    tasks.send_mail(str(waiting.pk))
    server.says = "250 yes"
    time_machine.shift(timedelta(seconds=30))
    for _ in range(3):
        tasks.send_mail(str(waiting.pk))
    assert [taken["Subject"] for taken in server.takes] == [waiting.subject]


def test_news_wait_for_the_queue(dead_valkey, server, django_capture_on_commit_callbacks):
    organization = make_organization(name="Café Ada")
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_organization(actor=make_user(), organization=organization, typed="Café Ada")
    assert (OutgoingMail.objects.due().count(), len(server.takes)) == (1, 0)


def test_server_that_is_down_gets_it_later(server, settings):
    settings.EMAIL_PORT = free_port()
    waiting = post()
    mailing.deliver(str(waiting.pk))
    waiting.refresh_from_db()
    assert waiting.next_try_at > clock.now()


@pytest.mark.parametrize(("tries", "seconds"), [(1, 30), (2, 60), (7, 1920), (8, 3600), (40, 3600)])
def test_waits_double_up_to_an_hour(tries, seconds):
    assert mailing.mail_back_off(tries) == timedelta(seconds=seconds)


def test_address_the_server_refuses_for_good_is_given_up_at_once(server, caplog):
    waiting, server.says = post(), "550 no such user"
    mailing.deliver(str(waiting.pk))
    assert not OutgoingMail.objects.exists()
    [line] = [record for record in caplog.records if record.name == "lily.mail"]
    assert (line.levelname, line.mail, line.tries, line.error) == ("ERROR", str(waiting.pk), 1, "SMTPRecipientsRefused")
    assert "ada@example.com" not in str(line.__dict__)


def test_words_under_a_lost_key_wait_for_it_and_break_nothing(server, settings):
    waiting = post()
    keys, settings.FIELD_KEYS = settings.FIELD_KEYS, ["t2:" + "B" * 43 + "="]
    mailing.deliver(str(waiting.pk))
    waiting = OutgoingMail.objects.get()
    assert (waiting.tries, len(server.takes)) == (1, 0)
    settings.FIELD_KEYS = keys
    OutgoingMail.objects.update(next_try_at=clock.now())
    mailing.deliver(str(waiting.pk))
    assert len(server.takes) == 1


def test_mail_is_given_up_after_a_day(server):
    waiting, server.says = post(), "451 later"
    OutgoingMail.objects.update(created_at=clock.now() - timedelta(days=1))
    mailing.deliver(str(waiting.pk))
    assert not OutgoingMail.objects.exists()


def test_worker_that_died_with_it_leaves_it_to_the_next(server, time_machine):
    time_machine.move_to("2031-05-07T12:00:00Z", tick=False)
    waiting = post()
    assert OutgoingMail.objects.claim(waiting.pk)
    mailing.deliver(str(waiting.pk))
    time_machine.shift(MAIL_LEASE)
    mailing.deliver(str(waiting.pk))
    assert len(server.takes) == 1


def test_sweep_queues_what_is_due(queue):
    due, later = post(), post()
    OutgoingMail.objects.filter(pk=later.pk).update(next_try_at=clock.now() + timedelta(minutes=1))
    tasks.send_waiting_mails()
    assert queue() == [[str(due.pk)]]


def test_without_a_queue_the_mail_goes_within_the_request(dead_valkey, server, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        post()
    assert (len(server.takes), OutgoingMail.objects.count()) == (1, 0)


def test_without_queue_and_server_the_mail_waits(dead_valkey, server, settings, django_capture_on_commit_callbacks):
    settings.EMAIL_PORT = free_port()
    with django_capture_on_commit_callbacks(execute=True):
        post()
    assert OutgoingMail.objects.get().tries == 1
