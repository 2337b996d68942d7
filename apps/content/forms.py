"""What people type about posts: the composer, a new time, the month and the filter they look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts.models import User, Workspace
from apps.brand.moderation import moderate_words
from apps.brand.services import find_kit
from apps.brand.vault import StyleVault, read
from apps.content import services, timetable, validation
from apps.content.catalog import WORDS_MAX, CatchUpRule, PostStatus
from apps.content.models import CatchUp, Post, Publication
from apps.content.timetable import Moment
from apps.content.validation import REPLACED, PictureChoice, Problem
from apps.core import clock
from apps.core.errors import DomainError, Invalid, NotFound
from apps.core.networks import NETWORKS, Network
from apps.core.prepared import Prepared
from apps.core.widgets import MultipleFileDrop, ZonedDateTimeInput
from apps.media import services as media
from apps.media.catalog import ALT_TEXT_MAX
from apps.media.models import Asset
from apps.social.models import Channel

TYPED = "%Y-%m-%dT%H:%M"  # what `<input type="datetime-local">` sends
LIBRARY_SHOWN = 24  # pictures offered in the composer; the library has them all
MOVES = {"earlier": -1, "later": 1}  # the buttons of a picture, and by how many places they move it
FIRST_VERSION = 1  # of a draft that was made and not saved again
USUAL_HOUR = time(9)  # when a post goes out unless another time is chosen


class LocalTimeField(forms.Field):
    """A date and time without a zone, as the browser's own control sends it; the form knows whose zone it is."""

    widget = ZonedDateTimeInput

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        try:
            return datetime.strptime(value[:16], TYPED)  # noqa: DTZ007 (local on purpose)
        except (TypeError, ValueError):
            raise ValidationError(_("Give a day and a time, like 2026-11-24 09:00."), code="invalid") from None


class WordsField(forms.CharField):
    """Text with the line ends networks count: browsers send two characters for each."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return super().to_python(value).replace("\r\n", "\n")


@dataclass(frozen=True)
class Counter:
    """How long the words are on one network, as that network counts."""

    network: Network
    used: int
    allowed: int

    @property
    def is_over(self) -> bool:
        return self.used > self.allowed

    @property
    def is_close(self) -> bool:
        return not self.is_over and self.used >= 0.9 * self.allowed


@dataclass(frozen=True)
class Preview:
    channel: Channel
    text: str


class Bar(NamedTuple):
    """What the bar below the composer needs to know; `when` is the chosen time in words, "" for none."""

    is_draft: bool
    schedule_url: str
    publish_url: str
    edit_url: str
    when: str
    place: str


def version_field(network: str) -> str:
    return f"variant_{network}"


@dataclass(frozen=True)
class Version:
    """One network's own words in the composer, and what is said of those that go out as others."""

    most = WORDS_MAX  # characters
    network: Network
    text: str
    is_chosen: bool
    replaced: tuple[str, ...]

    @property
    def field(self) -> str:
        return version_field(self.network.key)

    @property
    def is_shown(self) -> bool:
        return self.is_chosen or bool(self.text)


def _compose_channels(workspace: UUID, **post: UUID) -> QuerySet[Channel]:
    rows = Channel.objects.filter(workspace=workspace).counted().oldest_first().defer("credentials")
    wanted = Publication.objects.filter(post=post["post"], channel=OuterRef("pk")) if post else None
    return rows.annotate(is_wanted=Value(False) if wanted is None else Exists(wanted))


_channels = Prepared(_compose_channels)


class ComposerForm(forms.Form):
    """Everything the composer holds, saved or not: kept as a draft, checked, counted and shown as previews.

    A network's own words come as `variant_<key>` (empty: the same words), pictures as `picture` (keys in their order)
    with `alt_<key>` each, new ones as files `upload` or keys of the library `add`; `remove` takes one off, `earlier`
    and `later` move one by a place.
    """

    draft_key = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = WordsField(label=_("Words"), required=False, max_length=WORDS_MAX)
    due_at = LocalTimeField(label=_("Goes out"), required=False)
    upload = forms.FileField(
        label=_("Pictures"), required=False, widget=MultipleFileDrop(hint=_("JPG, PNG, WebP, GIF or HEIC, up to 10 MB"))
    )

    def __init__(
        self,
        data: Mapping | None = None,
        files: Mapping | None = None,
        *,
        workspace: Workspace,
        user: User,
        post: Post | None = None,
        at: datetime | None = None,
        assets: tuple[str, ...] = (),
    ) -> None:
        self.workspace, self.user, self.offered = workspace, user, list(assets)
        self.post = post or self._post_of(data)
        self.problem: DomainError | None = None
        super().__init__(data, files, initial=self._first_values(at))
        self.fields["text"].widget.attrs.update({"rows": 7, "dir": "auto", "aria-describedby": "replaced_text"})

    def _post_of(self, data: Mapping | None) -> Post | None:
        """The draft an earlier autosave or submit of the same form made."""
        try:
            key = UUID((data or {}).get("draft_key", ""))
        except ValueError:
            return None
        return Post.objects.filter(workspace=self.workspace, draft_key=key).first()

    def _first_values(self, at: datetime | None) -> dict[str, Any]:
        post, zone = self.post, self.workspace.zone
        if post is None:
            return {"draft_key": uuid4(), "due_at": at or usual_time(self.workspace)}
        due = post.due_at.astimezone(zone).replace(tzinfo=None) if post.due_at else usual_time(self.workspace)
        return {"draft_key": post.draft_key, "version": post.version, "text": post.text, "due_at": due}

    # -- reading

    def clean(self) -> dict[str, Any]:
        self._store_uploads()
        return super().clean()

    def _store_uploads(self) -> None:
        """New files become assets at once, so that nothing is lost when another field is wrong."""
        self.uploaded: list[Asset] = []
        for file in self.files.getlist("upload") if self.files else ():
            try:
                self.uploaded.append(media.store_upload(self.workspace, self.user, file))
            except DomainError as refusal:
                self.add_error("upload", str(refusal))

    def value(self, name: str) -> Any:
        """What the form holds under a name now, typed or stored."""
        if self.is_bound:
            return getattr(self, "cleaned_data", {}).get(name)
        return self.initial.get(name)

    @cached_property
    def channels(self) -> list[Channel]:
        """The workspace's profiles a post can go to; each knows whether the stored post goes there (`is_wanted`)."""
        rows = _channels(workspace=self.workspace.pk, **({"post": self.post.pk} if self.post else {}))
        for channel in rows:
            channel.workspace = self.workspace
        return rows

    @cached_property
    def chosen(self) -> list[Channel]:
        """Those that are ticked; in an empty composer, all that are ready."""
        if self.is_bound:
            ticked = set(self.data.getlist("channels"))
            return [channel for channel in self.channels if str(channel.pk) in ticked]
        return [channel for channel in self.channels if (channel.is_wanted if self.post else channel.is_ready)]

    @cached_property
    def toggles(self) -> list[tuple[Channel, bool]]:
        """The profiles, each with whether it is ticked."""
        chosen = {channel.pk for channel in self.chosen}
        return [(channel, channel.pk in chosen) for channel in self.channels]

    @cached_property
    def networks(self) -> list[Network]:
        """The networks of the workspace's profiles, each once."""
        return [NETWORKS[key] for key in dict.fromkeys(channel.network for channel in self.channels)]

    @cached_property
    def variants(self) -> dict[str, str]:
        """Networks' own words, by network."""
        if not self.is_bound:
            return {row.network: row.text for row in self.post.variants.all()} if self.post else {}
        given = {network.key: self._typed(version_field(network.key), WORDS_MAX).strip() for network in self.networks}
        return {key: words for key, words in given.items() if words}

    @cached_property
    def versions(self) -> list[Version]:
        keys, replaced = {channel.network for channel in self.chosen}, self.replaced

        def version(network: Network) -> Version:
            said = replaced.get(version_field(network.key), ())
            return Version(network, self.variants.get(network.key, ""), network.key in keys, said)

        return [version(network) for network in self.networks]

    @property
    def versions_typed(self) -> list[Version]:
        """Those whose fields the page that was sent has."""
        return [version for version in self.versions if version.field in self.data]

    @cached_property
    def pictures(self) -> list[PictureChoice]:
        """The pictures in their order with their words, newly uploaded and added ones last."""
        kept = [] if self.is_bound or not self.post else self._stored_pictures()
        keys, added = self._picture_keys(kept)
        known = {str(asset.pk): asset for asset in self._assets([*keys, *added])}
        kept += [
            PictureChoice(known[key], self._typed(f"alt_{key}", ALT_TEXT_MAX, known[key].alt_text))
            for key in keys
            if key in known
        ]
        fresh = [known[key] for key in added if key in known] + getattr(self, "uploaded", [])
        return kept + [PictureChoice(asset, asset.alt_text) for asset in fresh]

    def _typed(self, name: str, most: int, usual: str = "") -> str:
        """Words of a field that only the page knows, as `WordsField` takes them; browsers send no NUL and no more."""
        return self.data.get(name, usual).replace("\r\n", "\n").replace("\0", "")[:most]

    def _stored_pictures(self) -> list[PictureChoice]:
        return [PictureChoice(use.asset, use.alt_text) for use in self.post.pictures.select_related("asset")]

    def _assets(self, keys: list[str]) -> Iterable[Asset]:
        return self.workspace.assets.filter(pk__in=keys) if keys else ()

    def _picture_keys(self, kept: list[PictureChoice]) -> tuple[list[str], list[str]]:
        """What stays, in its order, and what is added, without what is taken off."""
        if not self.is_bound:
            there = {str(choice.asset.pk) for choice in kept}
            return [], [key for key in valid_keys(self.offered) if key not in there]
        removed = set(self.data.getlist("remove"))
        keys = [key for key in valid_keys(self.data.getlist("picture")) if key not in removed]
        for name, places in MOVES.items():
            keys = moved(keys, self.data.get(name, ""), places)
        return keys, [key for key in valid_keys(self.data.getlist("add")) if key not in keys and key not in removed]

    @property
    def has_pending_pictures(self) -> bool:
        return any(choice.asset.is_pending for choice in self.pictures)

    @property
    def pictures_changed(self) -> bool:
        """Whether a picture came, went or was checked since the page was drawn, so that the strip is drawn anew."""
        waited = set(self.data.getlist("pending"))
        checked = any(str(choice.asset.pk) in waited and not choice.asset.is_pending for choice in self.pictures)
        return bool(checked or self.data.getlist("remove") or self.data.getlist("add") or getattr(self, "uploaded", []))

    @cached_property
    def library(self) -> list[Asset]:
        """The newest pictures that can be added."""
        there = [choice.asset.pk for choice in self.pictures]
        return list(self.workspace.assets.ready().exclude(pk__in=there).newest_first()[:LIBRARY_SHOWN])

    @cached_property
    def moment(self) -> Moment | None:
        """The time that is asked for, in the workspace's zone."""
        typed = self.value("due_at")
        return timetable.read_local(typed, self.workspace.zone) if typed else None

    @property
    def has_started(self) -> bool:
        """Whether there is something to find fault with."""
        return self.post is not None or not self.is_blank

    @property
    def is_blank(self) -> bool:
        return not (self.value("text") or self.variants or self.pictures)

    # -- what the page says

    @cached_property
    def vault(self) -> StyleVault:
        """What the brand has said; it comes with a post that was found `with_brand`."""
        return read(self.post.brand or {}) if hasattr(self.post, "brand") else find_kit(self.workspace).vault

    def words_for(self, channel: Channel) -> str:
        """The words as they go out: with the brand's replacements made."""
        words = self.variants.get(channel.network) or self.value("text")
        return moderate_words(words, self.vault).text if words else ""

    @cached_property
    def counters(self) -> list[Counter]:
        """One per network; where two profiles of a network allow different lengths, the shorter counts."""
        by_network: dict[str, Counter] = {}
        for channel in self.chosen:
            used = channel.facts.count(self.words_for(channel))
            counter = by_network.get(channel.network) or Counter(channel.facts, used, channel.max_characters)
            by_network[channel.network] = replace(counter, allowed=min(counter.allowed, channel.max_characters))
        return list(by_network.values())

    @cached_property
    def previews(self) -> list[Preview]:
        """One per network, as its first chosen profile shows it."""
        first = {channel.network: channel for channel in reversed(self.chosen)}
        return [
            Preview(channel, self.words_for(channel)) for channel in self.chosen if first[channel.network] is channel
        ]

    @cached_property
    def problems(self) -> list[Problem]:
        """Everything that stands between these words and the networks, and what would be better."""
        return validation.check(
            workspace=self.workspace,
            text=self.value("text") or "",
            variants=self.variants,
            channels=self.chosen,
            pictures=self.pictures,
            at=self.moment and self.moment.at,
            vault=self.vault,
        )

    @cached_property
    def replaced(self) -> dict[str, tuple[str, ...]]:
        """By field, what goes out in other words than were typed: said there, and nothing to do about it."""
        found: dict[str, tuple[str, ...]] = {}
        for problem in self.problems if self.has_started else ():
            if problem.code == REPLACED:
                found[problem.field] = (*found.get(problem.field, ()), problem.message)
        return found

    @property
    def open_problems(self) -> list[Problem]:
        """What a person may want to do something about."""
        return [problem for problem in self.problems if problem.code != REPLACED] if self.has_started else []

    @property
    def is_draft(self) -> bool:
        return self.post is None or self.post.status == PostStatus.DRAFT

    @cached_property
    def preview_pictures(self) -> list[dict[str, str]]:
        """The pictures that can be shown, as the preview wants them."""
        ready = [choice for choice in self.pictures if choice.asset.is_ready]
        return [{"url": choice.asset.get_preview_url(), "alt_text": choice.alt_text} for choice in ready]

    @property
    def place(self) -> str:
        """The workspace's zone as people say it: "Berlin"."""
        return self.workspace.time_zone.rpartition("/")[2].replace("_", " ")

    def _url(self, name: str) -> str:
        where: dict[str, Any] = {"workspace": self.workspace.slug}
        return (
            reverse(f"post_{name}", kwargs={**where, "pk": self.post.pk})
            if self.post
            else reverse(f"post_new_{name}", kwargs=where)
        )

    @property
    def schedule_url(self) -> str:
        return self._url("schedule")

    @property
    def publish_url(self) -> str:
        return self._url("publish")

    @property
    def check_url(self) -> str:
        return self._url("check")

    @property
    def edit_url(self) -> str:
        """The composer itself."""
        return self._url("edit") if self.post else reverse("post_new", kwargs={"workspace": self.workspace.slug})

    @property
    def bar(self) -> Bar:
        when = date_format(self.moment.local, str(_("D j M, H:i"))) if self.moment else ""
        return Bar(self.is_draft, self.schedule_url, self.publish_url, self.edit_url, when, self.place)

    # -- keeping

    def save(self) -> Post:
        """Keep the words as a draft. Submitted twice, there is still one post. Raises WrongState from a stale tab."""
        kept = {
            "text": self.cleaned_data["text"],
            "variants": self.variants,
            "channels": self.chosen,
            "pictures": self.pictures,
            "due_at": self.moment and self.moment.at,
        }
        if self.post is None:
            key = self.cleaned_data["draft_key"]
            self.post = services.create_post(workspace=self.workspace, author=self.user, draft_key=key, **kept)
        elif not self._is_repeat:
            version = self.cleaned_data["version"] or FIRST_VERSION
            self.post = services.save_draft(post=self.post, version=version, **kept)
        return self.post

    @property
    def _is_repeat(self) -> bool:
        """Whether this form made the draft and is sent a second time with the same words. With other words it goes on
        writing the draft it made, as long as nobody else did."""
        return self.cleaned_data["version"] is None and self.cleaned_data["text"] == self.post.text

    def schedule(self) -> Post:
        """Keep the words and put the post on the calendar. Raises Invalid, LimitReached, WrongState."""
        if self.moment is None:
            raise Invalid(fields={"due_at": [str(_("Choose a day and a time."))]})
        return services.schedule_post(post=self.save(), at=self.moment.at)

    def publish(self) -> Post:
        """Keep the words and send the post at once. Raises Invalid, LimitReached, WrongState."""
        return services.publish_now(post=self.save())

    def refuse(self, problem: DomainError) -> None:
        """Show a service's refusal beside what was typed."""
        self.problem = problem
        for name, sentences in getattr(problem, "fields", {}).items():
            if name in self.fields:
                self.add_error(name, sentences)


class MoveForm(forms.Form):
    """Another time (`at`), or the same time on another day (`day`)."""

    at = LocalTimeField(label=_("New time"), required=False)
    day = forms.DateField(required=False)

    def __init__(self, data: Mapping | None, *, post: Post) -> None:
        self.post = post
        local = post.due_at and post.due_at.astimezone(post.workspace.zone).replace(tzinfo=None)
        super().__init__(data, initial={"at": local})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not (cleaned.get("at") or (cleaned.get("day") and self.post.due_at)):
            raise ValidationError(_("Choose a day and a time."))
        return cleaned

    @property
    def moment(self) -> Moment:
        zone = self.post.workspace.zone
        if at := self.cleaned_data.get("at"):
            return timetable.read_local(at, zone)
        return timetable.move_to_day(self.post.due_at, self.cleaned_data["day"], zone)

    def refuse(self, refusal: Invalid) -> None:
        """Show why the service did not take this time."""
        self.add_error("at", [sentence for sentences in refusal.fields.values() for sentence in sentences])


class MonthForm(forms.Form):
    """Which month the calendar shows: `month=2026-11`."""

    month = forms.DateField(input_formats=["%Y-%m"])

    def first(self, otherwise: date) -> date:
        """The month's first day; that of `otherwise` where nothing (or nonsense) was asked for."""
        asked = self.cleaned_data["month"] if self.is_valid() else otherwise
        return asked.replace(day=1) if 2000 <= asked.year <= 2200 else otherwise.replace(day=1)


class ListForm(forms.Form):
    """Which posts the list shows: a state, words, and the key of the last post of the page before."""

    q = forms.CharField(max_length=200, required=False)
    status = forms.ChoiceField(choices=PostStatus.choices, required=False)
    before = forms.UUIDField(required=False)

    @property
    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        said = self.cleaned_data
        return {"status": said.get("status", ""), "typed": said.get("q", ""), "before": said.get("before")}


class ComposerStart(forms.Form):
    """What a link to the composer may bring: a day or a time, and a picture of the library."""

    day = forms.DateField(required=False)
    at = LocalTimeField(required=False)
    picture = forms.UUIDField(required=False)

    def values(self, workspace: Workspace) -> dict[str, Any]:
        self.is_valid()
        day, picture = self.cleaned_data.get("day"), self.cleaned_data.get("picture")
        at = self.cleaned_data.get("at") or (day and usual_time(workspace, day))
        return {"at": at, "assets": (str(picture),) if picture else ()}


class TopicForm(forms.Form):
    """What a post is to be about, and for which network it is written. Sent twice, it asks once."""

    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    topic = forms.CharField(
        label=_("What is it about?"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3, "data-counter": 600}),
        help_text=_("One or two sentences, such as “Rye bread is back on Saturdays”."),
    )
    network = forms.ChoiceField(label=_("Written for"))

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        connected = dict.fromkeys(workspace.channels.counted().values_list("network", flat=True))
        known = [key for key in connected if key in NETWORKS] or ["bluesky", "mastodon"]
        self.fields["network"].choices = [(key, NETWORKS[key].label) for key in sorted(known)]


class WordsForm(forms.Form):
    """Words on their way into the composer."""

    draft_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    text = WordsField(label=_("Words"), max_length=WORDS_MAX, widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}))


class SettleForm(forms.Form):
    """What a person found when they looked for a post whose outcome is unknown."""

    is_there = forms.TypedChoiceField(
        choices=[("yes", _("Yes, it is there")), ("no", _("No, it is not there"))], coerce=lambda value: value == "yes"
    )
    url = forms.URLField(label=_("Its address"), required=False, assume_scheme="https")


def read_day(year: int, month: int, day: int) -> date:
    """The day an address names. Raises NotFound for the 31st of November and years no calendar shows."""
    try:
        found = date(year, month, day)
    except ValueError:
        raise NotFound from None
    if not 2000 <= year <= 2200:
        raise NotFound
    return found


def usual_time(workspace: Workspace, day: date | None = None) -> datetime:
    """Nine o'clock local time: of `day`, or of the next day that has one ahead. An hour ahead where nine has passed."""
    now = clock.now().astimezone(workspace.zone).replace(tzinfo=None)
    at = datetime.combine(day or now.date(), USUAL_HOUR)
    if at > now:
        return at
    if day is None:
        return at + timedelta(days=1)
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)


def moved(keys: list[str], key: str, places: int) -> list[str]:
    """The keys with one of them some places further on, not past the ends; as they are where it is not among them."""
    if key not in keys:
        return keys
    at = max(keys.index(key) + places, 0)
    others = [other for other in keys if other != key]
    return [*others[:at], key, *others[at:]]


def valid_keys(given: list[str]) -> list[str]:
    """The well-formed keys among what a form sent, each once, in order."""
    kept: dict[str, None] = {}
    for value in given:
        try:
            kept[str(UUID(value))] = None
        except ValueError:
            continue
    return list(kept)


MINUTE = timedelta(minutes=1)
LATE_FROM = tuple(n * MINUTE for n in (5, 15, 30, 60, 120, 240, 480, 1440))
APART = tuple(n * MINUTE for n in (1, 5, 15, 30, 60, 120))


class CatchUpForm(forms.Form):
    """A workspace's rule for late posts, as the sentences of its page. Lengths of time come in minutes."""

    window = forms.TypedChoiceField(label=_("When a post is late by more than"), coerce=lambda n: int(n) * MINUTE)
    rule = forms.ChoiceField(label=_("Then"), choices=CatchUpRule.choices, widget=forms.RadioSelect)
    gap = forms.TypedChoiceField(label=_("Time between them"), coerce=lambda n: int(n) * MINUTE)

    def __init__(self, data: Mapping | None = None, *, workspace: Workspace) -> None:
        own = CatchUp.of(workspace)
        initial = {"rule": own.rule, "window": own.window // MINUTE, "gap": own.gap // MINUTE}
        super().__init__(data, initial=initial)
        self.fields["window"].choices = _lengths(own.window, *LATE_FROM)
        self.fields["gap"].choices = _lengths(own.gap, *APART)


def _lengths(*lengths: timedelta) -> list[tuple[int, str]]:
    """Choices of (minutes, as people say it), shortest first."""
    minutes = sorted({length // MINUTE for length in lengths})
    return [(n, say_length(n)) for n in minutes]


def say_length(minutes: int) -> str:
    """A length of time in the largest unit that says it exactly."""
    if minutes % 1440 == 0:
        return ngettext("%(n)s day", "%(n)s days", minutes // 1440) % {"n": minutes // 1440}
    if minutes % 60 == 0:
        return ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
