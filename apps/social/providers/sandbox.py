"""A network inside Lily, to try everything without an account: its tables and the adapter to them, in one file.

It behaves as networks do: rotating refresh tokens, keys that make a post once, and faults on request. Its feed is
a page of the workspace. Offered only where `SANDBOX` is set (development, trials, tests).
"""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import F, Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.errors import ContentRejected, NotFound, OutcomeUnknown, Reconnect, TryLater
from apps.core.ids import uuid7
from apps.core.networks import NETWORKS, count
from apps.social.providers.base import Account, Capabilities, Draft, Profile, Provider, Published

ACCESS_LIFE = timedelta(hours=1)
PAGES = (("feed", _("Feed")), ("offers", _("Offers")), ("jobs", _("Jobs")))


class SandboxGrant(models.Model):
    """A permission the sandbox gave: one access and one refresh token at a time, as strict networks do."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.CharField(max_length=255, db_index=True)
    access_token = models.CharField(max_length=64, unique=True)
    refresh_token = models.CharField(max_length=64, unique=True)
    refreshes = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.owner


class SandboxPost(models.Model):
    """A live post of the sandbox."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account_id = models.CharField(max_length=255)
    key = models.CharField(max_length=200)
    text = models.TextField()
    language = models.CharField(max_length=16, default="en")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["account_id", "key"], name="sandbox_post_once")]

    def __str__(self) -> str:
        return self.text[:60]


class SandboxPicture(models.Model):
    """A picture of a live post, as it was sent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(SandboxPost, on_delete=models.CASCADE, related_name="pictures")
    data = models.BinaryField()
    mime = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.alt or self.mime


class Fault(models.TextChoices):
    TRY_LATER = "try_later", _("Is busy: asks to try again later")
    REJECT = "reject", _("Refuses the content")
    RECONNECT = "reconnect", _("Takes the permission back")
    LOSE_ANSWER = "lose_answer", _("Publishes, but the answer gets lost")
    HANG = "hang", _("Does not answer at all")


class SandboxFault(models.Model):
    """What the sandbox will do instead of publishing, so many times. `seconds` is Retry-After, or how long it hangs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account_id = models.CharField(max_length=255)
    kind = models.CharField(_("what happens"), max_length=20, choices=Fault.choices)
    seconds = models.PositiveIntegerField(_("seconds"), default=30)
    times_left = models.PositiveIntegerField(_("times"), default=1)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=Fault.values), name="sandbox_fault_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.times_left})"


class Sandbox(Provider):
    """The adapter. `hint` is the workspace's slug; an account is `slug:page`, so nobody meets another's posts."""

    key: ClassVar[str] = "sandbox"
    capabilities: ClassVar[Capabilities] = Capabilities(idempotent=True, can_find=True, can_delete=False, is_sold=False)

    def is_configured(self) -> bool:
        return settings.SANDBOX

    def begin(
        self, *, server: str, hint: str, redirect_uri: str, state: str, app: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        code = secrets.token_urlsafe(16)
        return f"{redirect_uri}?{urlencode({'state': state, 'code': code})}", {"owner": hint, "code": code}

    def finish(
        self, *, remembered: dict[str, Any], query: dict[str, str], redirect_uri: str
    ) -> tuple[list[Profile], Account]:
        if not secrets.compare_digest(query.get("code", ""), remembered["code"]):
            raise Reconnect(_("The sandbox did not give its permission. Start again."))
        owner = remembered["owner"]
        return [_profile(f"{owner}:{page}") for page, _label in PAGES], Account("", "", "", "lily", {})

    def account_of(self, profile: Profile, account: Account) -> Account:
        """Every page has tokens of its own, as pages have on the big networks."""
        grant = SandboxGrant.objects.create(owner=profile.account_id, **_new_tokens())
        return replace(super().account_of(profile, account), credentials=_credentials(grant))

    def refresh(self, account: Account) -> dict[str, Any]:
        used = SandboxGrant.objects.filter(
            refresh_token=account.credentials.get("refresh_token", ""), revoked_at=None
        ).values_list("pk", flat=True)
        pk = used.first()
        tokens = _new_tokens()
        if pk is None or not used.filter(pk=pk).update(refreshes=F("refreshes") + 1, **tokens):
            raise Reconnect(_("The sandbox no longer knows this permission. Connect the profile again."))
        return _credentials(SandboxGrant.objects.get(pk=pk))

    def verify(self, account: Account) -> Profile:
        _require_grant(account)
        return _profile(account.account_id)

    def publish(self, account: Account, draft: Draft) -> Published:
        _require_grant(account)
        fault = _take_fault(account.account_id)
        if fault:
            _misbehave(fault, account)
        if count(self.key, draft.text) > NETWORKS[self.key].max_characters:
            raise ContentRejected(_("The sandbox says that this text is too long."))
        published = _store(account, draft)
        if fault and fault.kind == Fault.LOSE_ANSWER:
            raise OutcomeUnknown(_("The sandbox took the post, but its answer got lost."))
        return published

    def find(self, account: Account, draft: Draft) -> Published | None:
        _require_grant(account)
        post = SandboxPost.objects.filter(account_id=account.account_id, key=draft.key).first()
        return _published(post) if post else None

    def revoke(self, account: Account) -> None:
        SandboxGrant.objects.filter(access_token=account.credentials.get("access_token", "")).update(
            revoked_at=clock.now()
        )


def feed(account_ids: list[str]) -> QuerySet[SandboxPost]:
    """What is live on these profiles, newest first, without the pictures' bytes."""
    pictures = SandboxPicture.objects.defer("data")
    return SandboxPost.objects.filter(account_id__in=account_ids).prefetch_related(Prefetch("pictures", pictures))


def find_picture(account_ids: list[str], pk: UUID) -> SandboxPicture:
    """A picture of one of these profiles. Raises NotFound."""
    picture = SandboxPicture.objects.filter(pk=pk, post__account_id__in=account_ids).first()
    if picture is None:
        raise NotFound
    return picture


def planned_faults(account_ids: list[str]) -> QuerySet[SandboxFault]:
    return SandboxFault.objects.filter(account_id__in=account_ids, times_left__gt=0)


def _new_tokens() -> dict[str, str | datetime]:
    return {
        "access_token": secrets.token_urlsafe(24),
        "refresh_token": secrets.token_urlsafe(24),
        "expires_at": clock.now() + ACCESS_LIFE,
    }


def _credentials(grant: SandboxGrant) -> dict[str, Any]:
    return {
        "access_token": grant.access_token,
        "refresh_token": grant.refresh_token,
        "expires_at": grant.expires_at.isoformat(),
    }


def _profile(account_id: str) -> Profile:
    owner, _sep, page = account_id.partition(":")
    name = str(dict(PAGES).get(page, page))
    return Profile(account_id, f"@{page}.sandbox", name, _feed_url(owner))


def _feed_url(owner: str) -> str:
    return settings.BASE_URL + reverse("sandbox_feed", kwargs={"workspace": owner})


def _published(post: SandboxPost) -> Published:
    url = f"{_feed_url(post.account_id.partition(':')[0])}#post-{post.pk}"
    return Published(str(post.pk), url, {"pictures": post.pictures.count()})


def _require_grant(account: Account) -> None:
    """Raises Reconnect for a token that was revoked, replaced or has expired."""
    token = account.credentials.get("access_token", "")
    if not SandboxGrant.objects.filter(access_token=token, revoked_at=None, expires_at__gt=clock.now()).exists():
        raise Reconnect(_("The sandbox no longer knows this permission. Connect the profile again."))


def _take_fault(account_id: str) -> SandboxFault | None:
    """The oldest planned fault of a profile, used up by one."""
    with transaction.atomic():
        fault = SandboxFault.objects.select_for_update().filter(account_id=account_id, times_left__gt=0).first()
        if fault:
            fault.times_left -= 1
            fault.save(update_fields=["times_left"])
    return fault


def _misbehave(fault: SandboxFault, account: Account) -> None:
    """Raises what the fault asks for; a lost answer is lost only after publishing."""
    match fault.kind:
        case Fault.TRY_LATER:
            raise TryLater(_("The sandbox is busy."), retry_after=timedelta(seconds=fault.seconds))
        case Fault.REJECT:
            raise ContentRejected(_("The sandbox refuses this content, as you asked it to."))
        case Fault.RECONNECT:
            Sandbox().revoke(account)
            raise Reconnect(_("The sandbox took its permission back, as you asked it to."))
        case Fault.HANG:
            time.sleep(min(fault.seconds, 30))
            raise OutcomeUnknown(_("The sandbox did not answer in time."))


def _store(account: Account, draft: Draft) -> Published:
    """Publish once: the same key a second time is the same post."""
    try:
        with transaction.atomic():
            post = SandboxPost.objects.create(
                account_id=account.account_id, key=draft.key, text=draft.text, language=draft.language
            )
            for picture in draft.pictures:
                SandboxPicture.objects.create(
                    post=post,
                    data=picture.data,
                    mime=picture.mime,
                    width=picture.width,
                    height=picture.height,
                    alt=picture.alt,
                )
    except IntegrityError:
        post = SandboxPost.objects.get(account_id=account.account_id, key=draft.key)
    return _published(post)
