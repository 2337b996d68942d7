"""People, the organizations that pay, and the workspaces (one brand each) inside them."""

from __future__ import annotations

import hashlib
import secrets
import zoneinfo
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core import signing
from django.core.mail import EmailMessage
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from apps.accounts.catalog import KINDS, Kind, Permission, Role, Setup
from apps.core import clock
from apps.core.crypto import EncryptedTextField
from apps.core.ids import uuid7
from apps.plans.catalog import Limit

INVITATION_LIFE = timedelta(days=7)
EXPORT_LIFE = timedelta(days=7)
EXPORT_PATIENCE = timedelta(hours=2)
EXPORT_SALT = "accounts.export"  # of signed download addresses
DELETION_GRACE = timedelta(days=7)
KEY_PREFIX = (
    "lily_"  # what a key of the API begins with, so that people and scanners of secrets know one when they see it
)
KEY_USE_NOTED = timedelta(minutes=10)  # how exact "last used" is: a busy key writes one row in that time
MAIL_LEASE = timedelta(minutes=3)  # longer than a mail server is waited for: EMAIL_TIMEOUT for each of a few steps


@cache
def time_zones() -> tuple[tuple[str, str], ...]:
    """Every zone of the IANA database under the name browsers report, UTC first (pairs as Django's choices)."""
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name)
    return (("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names))


def languages() -> list[tuple[str, str]]:
    """The languages Lily speaks, each by its own name."""
    return settings.LANGUAGES


def new_slug(name: str) -> str:
    """A readable slug with a random end, so that it neither collides nor reveals that another exists."""
    return f"{slugify(name)[:40] or 'x'}-{secrets.token_hex(4)}"


class BookedQuerySet(models.QuerySet):
    """Rows a person may delete: deletion is booked first, and can be undone until `delete_at`."""

    def staying(self) -> BookedQuerySet:
        return self.filter(delete_at=None)

    def due_for_deletion(self) -> BookedQuerySet:
        return self.filter(delete_at__lte=clock.now())


class UserQuerySet(BookedQuerySet):
    def lock(self) -> None:
        """Lock the rows until the transaction ends: several people's always in this order, and before their notices."""
        list(self.select_for_update(of=("self",), no_key=True).order_by("pk").only("pk"))

    def recount_notices(self) -> int:
        """Count anew what each has not read, after notices were read or went with what they were about."""
        self.lock()  # so that the count sees what was told meanwhile
        unread = Notice.objects.listed().unread().filter(user=OuterRef("pk")).order_by()
        count = unread.values("user").annotate(n=Count("pk")).values("n")
        return self.update(unread_notices=Coalesce(Subquery(count), 0))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Logs in by e-mail; belongs to organizations through memberships."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", choices=time_zones)
    language = models.CharField(
        _("language"), max_length=10, blank=True, choices=languages, help_text=_("Empty: as the browser asks.")
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=clock.now, editable=False)
    last_workspace = models.ForeignKey(
        "accounts.Workspace", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    delete_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    unread_notices = models.PositiveIntegerField(default=0, editable=False)
    notice_choices = models.JSONField(
        default=dict, blank=True, editable=False, help_text=_("Kind → ways, where chosen.")
    )

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        verbose_name, verbose_name_plural = _("person"), _("people")
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]

    def has_verified(self, email: str) -> bool:
        """Whether the person has proved that this address is theirs."""
        return self.emailaddress_set.filter(email__iexact=email, verified=True).exists()

    def ways(self, kind: Kind) -> frozenset[str]:
        """How the person is told of this kind."""
        return frozenset(self.notice_choices.get(kind.key, kind.ways)) | kind.always

    def remember_workspace(self, workspace: Workspace) -> None:
        """Where the next log-in lands."""
        self.last_workspace = workspace
        self.save(update_fields=["last_workspace"])


def _made_before(at: str, pk: str) -> Q:
    """Rows made before the outer query's row, whose time and key stand under these names."""
    return Q(created_at__lt=OuterRef(at)) | Q(created_at=OuterRef(at), id__lt=OuterRef(pk))


def _how_many(rows: models.QuerySet) -> Coalesce:
    """The number of an organization's `rows`, as a column of the outer query."""
    return Coalesce(Subquery(rows.order_by().values("organization").annotate(n=Count("pk")).values("n")), 0)


class WorkspaceQuerySet(BookedQuerySet):
    def with_older(self) -> WorkspaceQuerySet:
        """Each with the number of its organization's older ones that stay (`older`): its place in the plan."""
        older = Workspace.objects.staying().filter(_made_before("created_at", "pk"))
        return self.annotate(older=_how_many(older.filter(organization=OuterRef("organization"))))

    def for_member(self, user: User | UUID) -> WorkspaceQuerySet:
        """Workspaces of the person's organizations, each with the person's membership there (`role`, `member_id`,
        `member_since`), whether its organization `has_teams`, whether one of the person's teams opens it
        (`is_teamed`), and its and the person's place in the plan (`older`, `seniors`)."""
        teams = Team.objects.filter(organization=OuterRef("organization"))
        return (
            self.filter(organization__memberships__user=user)
            .select_related("organization")
            .annotate(
                role=F("organization__memberships__role"),
                member_id=F("organization__memberships__pk"),
                member_since=F("organization__memberships__created_at"),
                has_teams=Exists(teams),
                is_teamed=Exists(Team.objects.filter(workspaces=OuterRef("pk"), members__user=user)),
            )
            .annotate(seniors=_how_many(Membership.objects.senior_to("member_since", "member_id")))
            .with_older()
            .order_by("organization__name", "organization_id", "created_at", "id")
        )


class Organization(models.Model):
    """The tenant and the payer. Days, weeks and months of its limits are those of its time zone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(max_length=60, unique=True, editable=False)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", choices=time_zones)
    is_paused = models.BooleanField(default=False, help_text=_("The brake: nothing of this organization is published."))
    created_at = models.DateTimeField(default=clock.now, editable=False)
    delete_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)

    objects = BookedQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("organization"), _("organizations")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        self.slug = self.slug or new_slug(self.name)
        super().save(*args, **kwargs)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def can_be_kept(self) -> bool:
        """Whether its deletion is booked and can still be undone."""
        return self.delete_at is not None and self.delete_at > clock.now()

    @property
    def is_held(self) -> bool:
        """Whether nothing of it may be published now: its brake is on or its deletion is booked."""
        return self.is_paused or self.delete_at is not None


class Workspace(models.Model):
    """One brand. Everything a customer makes hangs under a workspace; its zone is what they see and type."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="workspaces")
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(max_length=60, unique=True, editable=False)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", choices=time_zones)
    is_paused = models.BooleanField(default=False, help_text=_("The brake: nothing of this workspace is published."))
    setup = models.CharField(_("still to set up"), max_length=10, choices=Setup.choices, blank=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    delete_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)

    older: int  # by `with_older`
    lock: Limit | None  # what of the plan locks it, said by `access` for one person

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("workspace"), _("workspaces")
        ordering = ["created_at", "id"]
        constraints = [models.CheckConstraint(condition=Q(setup__in=["", *Setup.values]), name="workspace_setup_known")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        self.slug = self.slug or new_slug(self.name)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("workspace_home", kwargs={"workspace": self.slug})

    def finish_setup(self, step: str) -> None:
        """This step of setting up is done or left out; a later one is not begun again."""
        following = dict(zip(Setup.values, [*Setup.values[1:], ""], strict=True))[step]
        if Workspace.objects.filter(pk=self.pk, setup=step).update(setup=following):
            self.setup = following

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def can_be_kept(self) -> bool:
        """Whether its deletion is booked and can still be undone."""
        return self.delete_at is not None and self.delete_at > clock.now()

    @property
    def is_held(self) -> bool:
        """Whether nothing of it may be published now: its own brake or deletion, or its organization's."""
        return self.is_paused or self.delete_at is not None or self.organization.is_held


class MembershipQuerySet(models.QuerySet["Membership"]):
    def longest_standing(self) -> MembershipQuerySet:
        """Owners first, then by age: who stays when a plan has room for fewer."""
        return self.order_by(models.Case(models.When(role=Role.OWNER, then=0), default=1), "created_at", "id")

    def senior_to(self, at: str, pk: str) -> MembershipQuerySet:
        """Those before the outer query's member in `longest_standing`, if that one is no owner; `at` and `pk` are the
        names of its time and key there."""
        before = Q(role=Role.OWNER) | _made_before(at, pk)
        return self.filter(before, organization=OuterRef("organization"))

    def with_seniors(self) -> MembershipQuerySet:
        """Each with the number of members before it (`seniors`): its place in the plan, if it is no owner."""
        return self.annotate(seniors=_how_many(Membership.objects.senior_to("created_at", "pk")))


class Membership(models.Model):
    """A person in an organization, with a role. Removing the row is removing the person's every right there."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    seniors: int  # by `with_seniors`
    lock: Limit | None  # what of the plan locks it, said by `access`

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("member"), _("members")
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="membership_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


class Team(models.Model):
    """Opens some workspaces to some members, where the plan has teams; without it everyone sees all."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="teams")
    name = models.CharField(_("name"), max_length=80)
    members = models.ManyToManyField(Membership, related_name="teams", blank=True)
    workspaces = models.ManyToManyField(Workspace, related_name="teams", blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("team"), _("teams")
        ordering = ["name"]
        constraints = [models.UniqueConstraint("organization", Lower("name"), name="team_name_once")]

    def __str__(self) -> str:
        return self.name


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self) -> InvitationQuerySet:
        """Neither accepted nor lapsed: these count as members for the plan."""
        return self.filter(accepted_at=None, expires_at__gt=clock.now())

    def with_token(self, token: str) -> InvitationQuerySet:
        return self.filter(token_hash=hash_token(token))


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_nonce() -> str:
    return secrets.token_urlsafe(16)


class Invitation(models.Model):
    """Asks a person by mail into an organization; single use.

    The mailed token is an HMAC of this row's nonce under our secret key, so that a mail can be built from the
    row's id alone and a copy of the database opens nothing; it is looked up by its hash. A new nonce makes every
    earlier link void. Taking an invitation back deletes the row.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"), max_length=254)
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    teams = models.ManyToManyField(Team, related_name="invitations", blank=True)
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("invitation"), _("invitations")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                "organization", Lower("email"), condition=Q(accepted_at=None), name="invitation_open_once"
            ),
            models.CheckConstraint(
                condition=Q(role__in=[role for role in Role.values if role != Role.OWNER]),
                name="invitation_role_known",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, *args, **kwargs) -> None:
        self.token_hash = hash_token(self.token)
        super().save(*args, **kwargs)

    @property
    def token(self) -> str:
        """The secret in the mailed link."""
        return salted_hmac("accounts.invitation", f"{self.pk}:{self.nonce}", algorithm="sha256").hexdigest()

    @property
    def is_pending(self) -> bool:
        return self.accepted_at is None and self.expires_at > clock.now()

    def get_accept_url(self) -> str:
        return reverse("invitation_accept", kwargs={"token": self.token})

    def renew(self) -> None:
        """Another week under a new link; the earlier link dies."""
        self.nonce, self.expires_at = new_nonce(), clock.now() + INVITATION_LIFE


class ExportQuerySet(models.QuerySet["Export"]):
    def expired(self) -> ExportQuerySet:
        return self.filter(expires_at__lte=clock.now())

    def stuck(self) -> ExportQuerySet:
        """Asked for so long ago that their task is lost."""
        return self.filter(state=Export.State.PENDING, created_at__lte=clock.now() - EXPORT_PATIENCE)


class Export(models.Model):
    """A zip of everything kept about a person, or of an organization; downloadable for a week by who asked."""

    class State(models.TextChoices):
        PENDING = "pending", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports")
    organization = models.ForeignKey(
        Organization, null=True, blank=True, on_delete=models.CASCADE, related_name="exports"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING, editable=False)
    bytes = models.PositiveBigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    ready_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(null=True, editable=False, db_index=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("export"), _("exports")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization"],
                condition=Q(state="pending"),
                nulls_distinct=False,
                name="export_pending_once",
            ),
            models.CheckConstraint(condition=Q(state__in=["pending", "ready", "failed"]), name="export_state_known"),
        ]

    def __str__(self) -> str:
        return str(self.organization or self.user)

    def get_absolute_url(self) -> str:
        return reverse("export_download", kwargs={"signed": signing.Signer(salt=EXPORT_SALT).sign(str(self.pk))})

    @property
    def path(self) -> Path:
        """Where the zip lies: a private folder no address leads to."""
        return Path(settings.EXPORT_ROOT) / f"{self.pk}.zip"

    @property
    def is_pending(self) -> bool:
        return self.state == self.State.PENDING

    @property
    def is_downloadable(self) -> bool:
        return self.state == self.State.READY and self.expires_at > clock.now()


def notice_kinds() -> list[tuple[str, object]]:
    return [(kind.key, kind.label) for kind in KINDS.values()]


class NoticeQuerySet(models.QuerySet["Notice"]):
    def listed(self) -> NoticeQuerySet:
        """Those to be seen in Lily; the others only went out by mail."""
        return self.filter(is_listed=True)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)

    def mark_read(self) -> int:
        """Those not read yet are read now; how many they were."""
        return self.unread().update(read_at=clock.now())


class Notice(models.Model):
    """Something one person is told: what happened (`kind`, `facts`), where, and the page it leads to.

    Words are made when it is read, in the reader's language. `key` names the event, so that one that comes twice is
    told once. `User.unread_notices` counts those not read: both change in one transaction.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices", db_index=False)
    organization = models.ForeignKey(Organization, null=True, on_delete=models.CASCADE, related_name="notices")
    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(_("kind"), max_length=30, choices=notice_kinds)
    key = models.CharField(max_length=120, help_text=_("Which event: told once to each person."))
    facts = models.JSONField(default=dict, help_text=_("What its sentence says."))
    page = models.JSONField(help_text=_("Name, key and query of the page it leads to."))
    is_listed = models.BooleanField(default=True)
    made_at = models.DateTimeField(default=clock.now, editable=False)
    read_at = models.DateTimeField(null=True, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("notice"), _("notices")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["user", "kind", "key"], name="notice_once")]
        indexes = [models.Index(fields=["user", "-id"], condition=Q(is_listed=True), name="notice_newest")]

    def __str__(self) -> str:
        limit = self.facts.get("limit")
        return str(self.about.sentence % (self.facts | {"what": Limit(limit).label} if limit else self.facts))

    def get_absolute_url(self) -> str:
        return reverse("notice_open", kwargs={"pk": self.pk})

    @property
    def about(self) -> Kind:
        return KINDS[self.kind]

    @property
    def tenant(self) -> Organization | Workspace | None:
        """Where it happened."""
        return self.workspace or self.organization

    def get_page_url(self) -> str:
        """The page it leads to."""
        names = {"pk": self.page["pk"]} if "pk" in self.page else {}
        if tenant := self.tenant:
            names[tenant._meta.model_name] = tenant.slug
        return reverse(self.page["name"], kwargs=names, query=self.page.get("query"))


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def due(self) -> OutgoingMailQuerySet:
        """Those to be sent now, longest waiting first."""
        return self.filter(next_try_at__lte=clock.now()).order_by("next_try_at")

    def claim(self, pk: UUID | str) -> OutgoingMail | None:
        """The mail, if this call is the one that may send it now; else None. Others may after MAIL_LEASE."""
        mine = self.due().filter(pk=pk).order_by()
        won = mine.update(next_try_at=clock.now() + MAIL_LEASE, tries=F("tries") + 1)
        rows = self.select_related("notice__user", "notice__organization", "notice__workspace")
        return rows.get(pk=pk) if won else None


class OutgoingMail(models.Model):
    """A mail to a person on its way out, as it was written for them; the row goes when the mail server took it.

    Its words lie encrypted: they hold links that let a person in. What it is about takes it along when it goes.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    to = models.EmailField(_("to"), max_length=254)
    subject = models.CharField(_("subject"), max_length=200)
    text = EncryptedTextField()
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    next_try_at = models.DateTimeField(default=clock.now, editable=False, db_index=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    invitation = models.ForeignKey(
        Invitation, null=True, editable=False, on_delete=models.CASCADE, related_name="mails"
    )
    notice = models.ForeignKey(Notice, null=True, editable=False, on_delete=models.CASCADE, related_name="mails")

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("mail on its way"), _("mails on their way")
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.subject

    def as_message(self) -> EmailMessage:
        """The same Message-ID at every try, so that a mail that was taken twice is shown once."""
        headers = {"Message-ID": f"<{self.pk}@{urlsplit(settings.BASE_URL).hostname}>"}
        return EmailMessage(self.subject, self.text, settings.DEFAULT_FROM_EMAIL, [self.to], headers=headers)


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def usable_at(self, now: datetime) -> ApiKeyQuerySet:
        """Not lapsed, of people who may log in."""
        is_lasting = Q(expires_at=None) | Q(expires_at__gt=now)
        return self.filter(is_lasting, membership__user__is_active=True)

    def of_organization(self, organization: Organization) -> ApiKeyQuerySet:
        return self.filter(membership__organization=organization)

    def newest_first(self) -> ApiKeyQuerySet:
        return self.order_by("-id")


class ApiKey(models.Model):
    """Lets a program act for a member, within `scopes` and whatever their role still allows; goes with the membership.

    The token itself is shown once and not kept: 256 random bits need no slow hash, SHA-256 finds the row by an index.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=60)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    last_four = models.CharField(max_length=4, editable=False)
    scopes = ArrayField(
        models.CharField(max_length=40), help_text=_("Permissions; more than the role has counts for nothing.")
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("API key"), _("API keys")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=~Q(scopes=[]), name="api_key_has_scopes")]

    def __str__(self) -> str:
        return f"{self.name} (…{self.last_four})"

    @property
    def is_lapsed(self) -> bool:
        return self.expires_at is not None and self.expires_at <= clock.now()

    @property
    def labels(self) -> list[str]:
        """What it may do, in words."""
        return [str(Permission(scope).label) for scope in self.scopes if scope in Permission.values]

    def new_token(self) -> str:
        """A new secret, for its owner's eyes only; the row keeps what recognises it."""
        token = f"{KEY_PREFIX}{secrets.token_urlsafe(32)}"
        self.token_hash, self.last_four = hash_token(token), token[-4:]
        return token

    def note_use(self) -> None:
        """When it was used, to about ten minutes."""
        now = clock.now()
        if self.last_used_at is None or self.last_used_at < now - KEY_USE_NOTED:
            ApiKey.objects.filter(pk=self.pk).update(last_used_at=now)
