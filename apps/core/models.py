"""Rows of the house itself: the audit log (written only by `core.audit.record`) and answers kept for repeated calls."""

from __future__ import annotations

import re
from datetime import timedelta

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.deeds import DEEDS
from apps.core.ids import uuid7

ANSWERS_KEPT = timedelta(hours=24)
ANSWER_PATIENCE = timedelta(minutes=2)  # longer than a web process may work on a request


class AuditEntry(models.Model):
    """One thing that was done. A trigger refuses every change, except that links to deleted rows become empty."""

    SECRET_NAMES = re.compile(r"(?i)token|secret|password|credential|cookie|private|authorization|(^|_)key$")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(_("when"), default=clock.now, editable=False)
    action = models.CharField(_("what"), max_length=80)
    organization = models.ForeignKey(
        "accounts.Organization", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    workspace = models.ForeignKey("accounts.Workspace", null=True, on_delete=models.SET_NULL, related_name="+")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("who")
    )
    actor_label = models.CharField(max_length=254, blank=True)
    target_type = models.CharField(max_length=80, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    target_label = models.CharField(_("to what"), max_length=200, blank=True)
    reason = models.TextField(_("why"), blank=True)
    facts = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    request_id = models.CharField(max_length=64, blank=True)
    client_address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = _("audit entries")
        indexes = [
            models.Index(fields=["organization", "-at"], name="audit_of_organization"),
            models.Index(fields=["target_type", "target_id", "-at"], name="audit_of_target"),
            models.Index(fields=["-at"], name="audit_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_label}".strip()

    @property
    def words(self) -> str:
        """The action as people read it: "member's role changed" for member.role_changed."""
        return str(DEEDS.get(self.action, self.action.replace(".", " ").replace("_", " ")))


class StoredAnswerQuerySet(models.QuerySet["StoredAnswer"]):
    def in_flight(self) -> StoredAnswerQuerySet:
        """Being worked on, or their process died."""
        return self.filter(status=None)

    def over(self) -> StoredAnswerQuerySet:
        """Past their day, and those whose process died: their transaction left nothing."""
        now = clock.now()
        return self.filter(
            Q(created_at__lte=now - ANSWERS_KEPT) | Q(status=None, created_at__lte=now - ANSWER_PATIENCE)
        )


class StoredAnswer(models.Model):
    """What a request with an Idempotency-Key was answered (`core.idempotency`); `status` is empty while it runs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    caller = models.UUIDField(help_text=_("The API key, or the person."))
    route = models.CharField(max_length=300, help_text=_("Method and path."))
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    body = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(default=clock.now, editable=False, db_index=True)

    objects = StoredAnswerQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("answer kept for a repeated call"), _("answers kept for repeated calls")
        constraints = [
            models.UniqueConstraint(fields=["organization", "caller", "route", "key"], name="stored_answer_once")
        ]

    def __str__(self) -> str:
        return self.route
