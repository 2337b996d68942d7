from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection

from apps.core import crypto, doctor
from apps.social.models import Channel
from tests import factories

pytestmark = pytest.mark.django_db
SECRET = {"access_token": "topsecret", "scopes": ["write"]}


def new_key(name: str) -> str:
    return f"{name}:{Fernet.generate_key().decode()}"


def stored(channel: Channel) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT credentials FROM social_channel WHERE id = %s", [channel.pk])
        return cursor.fetchone()[0]


def store(channel: Channel, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE social_channel SET credentials = %s WHERE id = %s", [text, channel.pk])


@pytest.fixture
def channel() -> Channel:
    return factories.make_channel(credentials=SECRET)


def test_value_comes_back(channel):
    assert Channel.objects.get(pk=channel.pk).credentials == channel.credentials


def test_column_holds_the_key_id_and_no_secret(channel):
    text = stored(channel)
    assert text.startswith("t1:")
    assert "topsecret" not in text


def test_same_value_is_stored_differently_each_time(channel):
    assert stored(channel) != stored(factories.make_channel(credentials=SECRET))


def test_value_moved_to_another_row_does_not_open(channel):
    thief = factories.make_channel(workspace=channel.workspace)
    store(thief, stored(channel))
    with pytest.raises(crypto.CannotDecrypt):
        _ = Channel.objects.get(pk=thief.pk).credentials


def test_value_of_another_column_does_not_open(channel):
    place = f"social_channel.credentials.{channel.pk}"
    store(channel, crypto.encrypt("{}", place=place.replace("credentials", "remembered")))
    with pytest.raises(crypto.CannotDecrypt):
        _ = Channel.objects.get(pk=channel.pk).credentials


@pytest.mark.parametrize("text", ["", "t1:", "t1:nonsense", "gone:gAAAA", "plain text"])
def test_value_that_does_not_open_breaks_only_its_reading(channel, text):
    store(channel, text)
    [found] = Channel.objects.filter(pk=channel.pk)
    assert found.handle == channel.handle
    with pytest.raises(crypto.CannotDecrypt):
        _ = found.credentials


def test_lists_open_nothing_and_saving_keeps_what_was_not_opened(channel):
    before = stored(channel)
    store(channel, "gone:token")
    found = Channel.objects.get(pk=channel.pk)
    found.name = "Renamed"
    found.save()
    assert stored(channel) == "gone:token"
    store(channel, before)


def test_deferred_value_is_read_on_access(channel):
    found = Channel.objects.only("handle").get(pk=channel.pk)
    assert found.credentials["access_token"] == "topsecret"


def test_deferred_value_is_left_alone_by_save(channel):
    before = stored(channel)
    found = Channel.objects.defer("credentials").get(pk=channel.pk)
    found.save()
    assert stored(channel) == before


def test_change_inside_the_value_is_saved(channel):
    found = Channel.objects.get(pk=channel.pk)
    found.credentials["access_token"] = "new"
    found.save(update_fields=["credentials"])
    assert Channel.objects.get(pk=channel.pk).credentials["access_token"] == "new"


def test_update_and_filter_are_refused(channel):
    with pytest.raises(TypeError):
        Channel.objects.update(credentials={"a": 1})
    with pytest.raises(FieldError):
        Channel.objects.filter(credentials="x").exists()


@pytest.mark.parametrize("keys", [[], ["nokey"], ["a:short"], ["a:" + "A" * 43 + "=", "a:" + "B" * 43 + "="]])
def test_wrong_keys_are_named_without_being_shown(settings, keys):
    settings.FIELD_KEYS = keys
    with pytest.raises(ImproperlyConfigured) as error:
        crypto.keys()
    assert "AAAA" not in str(error.value)


def test_old_key_still_reads_and_new_key_writes(channel, settings):
    settings.FIELD_KEYS = [new_key("k2"), *settings.FIELD_KEYS]
    found = Channel.objects.get(pk=channel.pk)
    assert found.credentials["access_token"] == "topsecret"
    found.save()
    assert stored(channel).startswith("k2:")


def test_rotation_goes_on_in_batches_and_frees_the_old_key(settings, capsys):
    channels = [factories.make_channel(credentials=SECRET) for _ in range(5)]
    store(channels[2], crypto.encrypt("{}", place="elsewhere"))
    settings.FIELD_KEYS = [new_key("k2"), *settings.FIELD_KEYS]
    with pytest.raises(CommandError, match="1 secrets do not open"):
        call_command("rotate_field_keys", "--batch=2")
    assert [stored(channel)[:3] for channel in channels] == ["k2:", "k2:", "t1:", "k2:", "k2:"]
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert Channel.objects.get(pk=channels[4].pk).credentials["access_token"] == "topsecret"
    [report] = [report for report in doctor.examine() if report.name == "secrets"]
    assert [finding.problem for finding in report.findings] == [
        "1 stored secrets need the key t1, which FIELD_KEYS lacks."
    ]


def test_rotation_twice_writes_nothing_the_second_time(channel, settings, capsys):
    settings.FIELD_KEYS = [new_key("k2"), *settings.FIELD_KEYS]
    call_command("rotate_field_keys")
    before = stored(channel)
    call_command("rotate_field_keys")
    assert stored(channel) == before
