"""Keeping permissions alive: tokens are refreshed under the row's lock, and a blip is not a dead token.

A refresh token works once; used again it ends the whole session on strict networks. So whoever needs fresh tokens
locks the row, reads it again, and refreshes only if nobody else has.
"""

from __future__ import annotations

from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from apps.accounts.catalog import CHANNEL_LOST
from apps.accounts.telling import take_back
from apps.core import audit, clock, languages
from apps.core.errors import Reconnect, TryLater, VendorError
from apps.core.prepared import Prepared
from apps.social import providers
from apps.social.models import Channel, Status
from apps.social.providers.base import Account, Profile
from apps.social.signals import channel_connected, channel_reconnect_needed

LOCK_WAIT = 15  # seconds; longer than one refresh takes

_channel = Prepared(lambda pk: Channel.objects.filter(pk=pk))


def fresh_account(channel_pk: UUID) -> Account:
    """What a provider needs to act for a channel, with at least five minutes left on its token where it has an end.

    Call it outside transactions: it holds the row's lock over the network's answer. Raises Reconnect (the channel
    says so from then on), TryLater (the network has trouble and the token has ended), WrongState once disconnected.
    """
    channel = Channel.objects.get(pk=channel_pk)
    if channel.status == Status.DISCONNECTED or not _needs_work(channel):
        return _usable(channel)
    lost: Reconnect | None = None
    with transaction.atomic(durable=True):
        channel = _lock(channel_pk)
        if channel.status == Status.CONNECTED and _needs_work(channel):
            try:
                _refresh(channel)
            except Reconnect as error:
                lost = error
                _lose(channel, error)
            except TryLater:
                if channel.expires_at is None or channel.expires_at <= clock.now():
                    raise
    if lost:
        raise lost
    return _usable(channel)


def settle_refusal(channel_pk: UUID, used: Account, refused: Reconnect) -> None:
    """A network refused a call made with `used`: find out whether the permission is gone. Always raises.

    TryLater when it is not (tokens were renewed meanwhile, or just now), Reconnect when the network says so again.
    """
    with transaction.atomic(durable=True):
        channel = _lock(channel_pk)
        is_lost = channel.status == Status.CONNECTED and channel.credentials == used.credentials
        if is_lost:
            try:
                _refresh(channel)
                providers.get(channel.network).verify(channel.account())
                is_lost = False
            except Reconnect:
                _lose(channel, refused)
            except VendorError:
                is_lost = False
    if is_lost or channel.status != Status.CONNECTED:
        raise refused
    raise TryLater(_("The network refused once, but the connection still stands. We will try again."))


def check_health(channel_pk: UUID) -> Channel:
    """Look at the network whether a channel may publish, and write down what was found. Raises nothing of a vendor's.

    Heals both ways: trouble that passed is forgotten, and a channel that waits for a person is connected again when
    the network takes its permission after all.
    """
    channel = Channel.objects.select_related("connected_by").get(pk=channel_pk)
    with languages.speaking(channel.language):
        _look(channel)
    return Channel.objects.select_related("workspace").get(pk=channel_pk)


def _look(channel: Channel) -> None:
    account = None
    try:
        account = fresh_account(channel.pk) if channel.status == Status.CONNECTED else channel.account()
        profile = providers.get(channel.network).verify(account)
    except Reconnect as error:
        if account and channel.status == Status.CONNECTED:
            _settle_quietly(channel.pk, account, error)
        Channel.objects.filter(pk=channel.pk).update(checked_at=clock.now())
    except VendorError as error:
        _note_trouble(channel.pk, error)
    else:
        with transaction.atomic():
            channel = _lock(channel.pk)
            if channel.status != Status.DISCONNECTED:
                _mark_well(channel, profile)


def _mark_well(channel: Channel, profile: Profile) -> None:
    if channel.status == Status.CONNECTED:
        channel.mark_verified(profile)
    else:
        channel.heal(profile)
        audit.record("channel.healed", **_where(channel))
        take_back(CHANNEL_LOST, tenant=channel.workspace, key=str(channel.pk))
        channel_connected.send(Channel, channel=channel, actor=None)
    channel.save()


def _settle_quietly(channel_pk: UUID, account: Account, refused: Reconnect) -> None:
    try:
        settle_refusal(channel_pk, account, refused)
    except TryLater as trouble:
        _note_trouble(channel_pk, trouble)
    except Reconnect:
        pass  # the channel says so now


def _note_trouble(channel_pk: UUID, trouble: VendorError) -> None:
    with transaction.atomic():
        channel = _lock(channel_pk)
        if channel.status != Status.DISCONNECTED:
            channel.mark_trouble(str(trouble))
            channel.save(update_fields=["problem", "checked_at"])


def _needs_work(channel: Channel) -> bool:
    return channel.needs_refresh or not channel.has_readable_tokens


def _usable(channel: Channel) -> Account:
    if channel.status == Status.RECONNECT:
        raise Reconnect(channel.problem or _("Connect this profile again."))
    return channel.account()


def _lock(channel_pk: UUID) -> Channel:
    """The row, locked. Raises TryLater when somebody holds it for too long (a network that does not answer)."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}s'")
    try:
        return Channel.objects.locked().get(pk=channel_pk)
    except OperationalError as error:
        raise TryLater(_("Another task is renewing this connection.")) from error


def _refresh(channel: Channel) -> None:
    """Renew the tokens of a locked row."""
    channel.renew(providers.get(channel.network).refresh(channel.account()))
    channel.save(update_fields=["credentials", "expires_at", "ends_at"])
    audit.record("channel.refreshed", **_where(channel))


def _lose(channel: Channel, error: Reconnect) -> None:
    channel.need_reconnect(str(error))
    channel.save(update_fields=["status", "problem", "checked_at", "told_at"])
    audit.record("channel.lost", **_where(channel), reason=str(error))
    channel_reconnect_needed.send(Channel, channel=channel)


def _where(channel: Channel) -> dict:
    workspace = channel.workspace
    return {"organization": workspace.organization, "workspace": workspace, "target": channel}
