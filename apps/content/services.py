"""What a customer does with posts. Views, API, commands and the autopilot call these; permission was checked before.

Locks are taken in one order everywhere: the post, its publications, then the plan's standing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4, uuid5

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.accounts.catalog import Setup
from apps.accounts.models import Organization, User, Workspace
from apps.brand.models import BrandKit
from apps.brand.moderation import moderate_words
from apps.brand.vault import StyleVault
from apps.content import drafting, holding, settling, tasks, validation
from apps.content.catalog import (
    BRAND_BLOCKS,
    IN_FLIGHT,
    RESTARTABLE,
    UNDO_WINDOW,
    PostStatus,
    Status,
)
from apps.content.models import CatchUp, Post, PostPicture, Publication, Suggestion, Variant
from apps.content.validation import PictureChoice
from apps.content.wording import introduce
from apps.core import audit, clock
from apps.core.errors import Invalid, Outdated, WrongState
from apps.imaging.services import request_renditions
from apps.plans import entitlements
from apps.plans.catalog import Limit
from apps.social.models import Channel

COUNTED = (Limit.PUBLICATIONS_DAY, Limit.PUBLICATIONS_WEEK)


# -- writing


def start_post(*, workspace: Workspace, author: User, text: str, draft_key: UUID) -> Post:
    """A draft of these words for every profile that is ready, as an empty composer would tick them."""
    ready = ready_channels(workspace)
    return create_post(workspace=workspace, author=author, text=text, draft_key=draft_key, channels=ready)


def ready_channels(workspace: Workspace) -> list[Channel]:
    """The profiles a post goes to unless somebody chooses: all that are ready, oldest first."""
    return [channel for channel in workspace.channels.counted().oldest_first() if channel.is_ready]


def begin_first_post(*, workspace: Workspace, author: User) -> Post:
    """A draft that introduces the brand, with which setting up ends. Asked for twice, it is the same draft."""
    key = uuid5(workspace.pk, "first post")
    post = start_post(workspace=workspace, author=author, text=introduce(workspace), draft_key=key)
    workspace.finish_setup(Setup.PROFILE)
    return post


@transaction.atomic
def request_words(
    *, workspace: Workspace, user: User | None, topic: str, network: str, request_key: UUID | None = None
) -> Suggestion:
    """Have a first version of words written about a topic. The same `request_key` twice is one suggestion."""
    suggestion, is_new = Suggestion.objects.get_or_create(
        workspace=workspace,
        request_key=request_key or uuid4(),
        defaults={"requested_by": user, "topic": topic, "network": network},
    )
    if is_new:
        tasks.write_words.delay_on_commit(str(suggestion.pk))
    return suggestion


@transaction.atomic
def take_words(*, suggestion: Suggestion, author: User, text: str, draft_key: UUID) -> Post:
    """Start a post with the words, as a person left them. Raises WrongState while they are being written."""
    suggestion.require_written()
    suggestion.post = start_post(workspace=suggestion.workspace, author=author, text=text, draft_key=draft_key)
    suggestion.save(update_fields=["post"])
    return suggestion.post


@transaction.atomic
def create_post(
    *,
    workspace: Workspace,
    author: User | None,
    draft_key: UUID | None = None,
    text: str = "",
    variants: Mapping[str, str] | None = None,
    language: str = "",
    channels: Sequence[Channel] = (),
    pictures: Sequence[PictureChoice] = (),
    due_at: datetime | None = None,
) -> Post:
    """A new draft, in the language of the page unless another is given. The same `draft_key` a second time (a double
    submit) answers the post of the first, unchanged."""
    draft_key = draft_key or uuid4()
    post, is_new = Post.objects.get_or_create(
        workspace=workspace,
        draft_key=draft_key,
        defaults={"author": author, "text": text, "language": language or get_language() or "en", "due_at": due_at},
    )
    if is_new:
        _set_variants(post, variants or {})
        _set_pictures(post, pictures)
        _set_channels(post, channels)
    return post


@transaction.atomic
def save_draft(
    *,
    post: Post,
    version: int | None = None,
    text: str | None = None,
    variants: Mapping[str, str] | None = None,
    language: str | None = None,
    channels: Sequence[Channel] | None = None,
    pictures: Sequence[PictureChoice] | None = None,
    due_at: datetime | None = None,
) -> Post:
    """Keep what the composer holds; None leaves a part as it is. A post that is scheduled stays so, checked anew.

    `version` is the one the form was opened with. Raises Outdated when somebody saved since, WrongState when the post
    is on its way or out everywhere, Invalid when a scheduled post would no longer be fit to go out.
    """
    post = _lock(post, version)
    _require_editable(post)
    post.text = post.text if text is None else text
    post.language = language or post.language
    if post.status == PostStatus.DRAFT:
        post.due_at = due_at or post.due_at
    post.version += 1
    post.updated_at = clock.now()
    post.save(update_fields=["text", "language", "due_at", "version", "updated_at"])
    if variants is not None:
        _set_variants(post, variants)
    if pictures is not None:
        _set_pictures(post, pictures)
    if channels is not None:
        _set_channels(post, channels)
    if queued := [publication for publication in _publications(post) if publication.status == Status.QUEUED]:
        _require_valid(post)
        _fix_words(post, queued)
        Publication.objects.bulk_update(queued, ["sent_text"])
    return post


def duplicate_post(*, post: Post, author: User | None) -> Post:
    """A draft with the same words, pictures and profiles, and no time."""
    return create_post(
        workspace=post.workspace,
        author=author,
        text=post.text,
        variants={variant.network: variant.text for variant in post.variants.all()},
        language=post.language,
        channels=[publication.channel for publication in post.publications.select_related("channel")],
        pictures=[PictureChoice(use.asset, use.alt_text) for use in post.pictures.select_related("asset")],
    )


@transaction.atomic
def delete_post(*, post: Post, version: int | None = None, actor: User | None = None) -> None:
    """Delete a post that is neither out nor on its way anywhere. Raises WrongState, Outdated."""
    post = _lock(post, version)
    publications = _publications(post)
    if {publication.status for publication in publications} & {*IN_FLIGHT, Status.PUBLISHED}:
        raise WrongState(_("This post is out, or on its way. What has happened stays on record."))
    for publication in publications:
        entitlements.release(publication)
    audit.record("post.deleted", organization=_organization(post), workspace=post.workspace, actor=actor, target=post)
    post.delete()


# -- the calendar


@transaction.atomic
def schedule_post(*, post: Post, at: datetime, version: int | None = None) -> Post:
    """Put a post on the calendar for every profile it is not out on; `tasks.publish_due` sends it at its minute.

    `at` is aware. Raises Invalid (fields), LimitReached, WrongState, Outdated.
    """
    post = _lock(post, version)
    _require_valid(post, at=at)
    _queue(post, [publication for publication in _publications(post) if publication.status in RESTARTABLE], at)
    return post


@transaction.atomic
def publish_now(*, post: Post, version: int | None = None) -> Post:
    """Send a post at once wherever it is not out yet; what it waited for is put aside, brakes are not."""
    post = _lock(post, version)
    _require_valid(post)
    now = clock.now()
    waiting = [publication for publication in _publications(post) if publication.status == Status.QUEUED]
    _queue(
        post, [publication for publication in _publications(post) if publication.status in RESTARTABLE], now, waiting
    )
    _send_soon(post)
    return post


@transaction.atomic
def move_post(*, post: Post, at: datetime, version: int | None = None) -> Post:
    """Another time for what has not gone out; a draft only changes its wish.

    Raises Invalid, LimitReached, WrongState.
    """
    post = _lock(post, version)
    if fields := validation.errors(validation.check_time(post.workspace, at)):
        raise Invalid(fields=fields)
    waiting = [publication for publication in _publications(post) if publication.status == Status.QUEUED]
    if post.status != PostStatus.DRAFT and not waiting:
        raise WrongState(_("Nothing of this post is waiting to go out, so it cannot be moved."))
    _queue(post, [], at, waiting)
    return post


@transaction.atomic
def cancel_post(*, post: Post, version: int | None = None) -> Post:
    """Take off the calendar whatever has not gone out. Raises WrongState when that is nothing."""
    post = _lock(post, version)
    stopped = [
        publication
        for publication in _publications(post)
        if publication.status in {Status.QUEUED, Status.REJECTED, Status.MISSED}
    ]
    if not stopped:
        raise WrongState(_("Nothing of this post is waiting to go out."))
    for publication in stopped:
        publication.cancel()
        publication.save_state()
        entitlements.release(publication)
    post.refresh_status()
    return post


@transaction.atomic
def uncancel_post(*, post: Post) -> Post:
    """Undo `cancel_post`: back to its time, up to ten minutes after that time; then it goes out at once.

    Raises WrongState when nothing was cancelled or the time is over, and whatever scheduling raises.
    """
    post = _lock(post)
    cancelled = [publication for publication in _publications(post) if publication.status == Status.CANCELLED]
    if not cancelled or post.due_at is None:
        raise WrongState(_("Nothing of this post was cancelled."))
    if post.due_at < clock.now() - UNDO_WINDOW:
        raise WrongState(_("Its time has passed. Choose a new one to schedule it again."))
    _require_valid(post)
    _queue(post, cancelled, post.due_at)
    return post


@transaction.atomic
def unschedule_post(*, post: Post) -> Post:
    """Back to a draft that keeps its time as a wish. Raises WrongState when some of it is out or on its way."""
    post = _lock(post)
    publications = _publications(post)
    if not {publication.status for publication in publications} <= {Status.QUEUED, Status.DRAFT, Status.CANCELLED}:
        raise WrongState(_("Some of this post is out already, or on its way."))
    for publication in publications:
        if publication.status != Status.DRAFT:
            publication.plan_draft()
            publication.save_state()
            entitlements.release(publication)
    post.refresh_status()
    return post


# -- when something is wrong


@transaction.atomic
def retry_publication(*, publication: Publication) -> Publication:
    """Send again now: a refused or missed one, or one that waits for its next try. Raises WrongState, Invalid."""
    post = _lock(publication.post)
    publication = _find(post, publication)
    if publication.status == Status.DRAFT:
        raise WrongState(_("This post is not on the calendar yet. Schedule it, or publish it now."))
    if publication.status not in {*RESTARTABLE, Status.QUEUED}:
        raise WrongState(_("This post is out there, or may be: it is not sent again."))
    _require_valid(post)
    now = clock.now()
    if publication.status == Status.QUEUED:
        publication.next_try_at = min(publication.next_try_at, now)
        _queue(post, [], now, [publication], keep_post_time=True)
    else:
        _queue(post, [publication], now, keep_post_time=True)
    _send_soon(post)
    return publication


@transaction.atomic
def settle_unknown(
    *, publication: Publication, is_there: bool, url: str = "", actor: User | None = None
) -> Publication:
    """A person looked: it is there (with its address, if they give it), or it is not and is sent again now."""
    post = _lock(publication.post)
    publication = _find(post, publication)
    if publication.status != Status.UNKNOWN:
        raise WrongState(_("This has been settled in the meantime."))
    if is_there:
        publication.publish(remote_id=publication.remote_id, url=url, at=publication.started_at or clock.now())
        publication.save_state()
        entitlements.commit(publication)
        post.refresh_status()
    else:
        publication.queue(clock.now(), hold=holding.hold_reason(publication.channel))
        publication.save_state()
        post.refresh_status()
        _send_soon(post)
    audit.record(
        "publication.settled",
        organization=_organization(post),
        workspace=post.workspace,
        actor=actor,
        target=publication,
        is_there=is_there,
    )
    return publication


@transaction.atomic
def dismiss_problem(*, publication: Publication) -> Publication:
    """Let a refused or missed one be: it no longer asks for anyone."""
    post = _lock(publication.post)
    publication = _find(post, publication)
    publication.cancel()
    publication.save_state()
    entitlements.release(publication)
    post.refresh_status()
    return publication


# -- the brand's rules, brakes and late posts


@transaction.atomic
def review_words(*, workspace: Workspace, vault: StyleVault) -> None:
    """The brand's rules changed: what is queued and has words they block is taken off, and its author is told.

    What they replace goes out as it was shown when it was put on the calendar.
    """
    queued = workspace.publications.queued().select_related("post", "channel").prefetch_related("post__variants")
    rows = queued.defer("channel__credentials")
    posts = {row.post for row in rows if moderate_words(row.words, vault).blocked}
    for post in sorted(posts, key=lambda post: post.pk):
        _take_off_blocked(_lock(post), vault)


def _take_off_blocked(post: Post, vault: StyleVault) -> None:
    """Take off what is queued of the post with words that the brand blocks, saying which."""
    for publication in _publications(post):
        blocked = moderate_words(publication.words, vault).blocked
        if publication.status == Status.QUEUED and blocked:
            publication.reject(" ".join(hit.sentence for hit in blocked), kind=BRAND_BLOCKS)
            publication.save_state()
            entitlements.release(publication)
    post.refresh_status()


def review_holds(*, organization: Organization, workspace: Workspace | None = None) -> None:
    """A brake was pulled or let go, or the plan changed: write it on what is queued; the late ones are caught up."""
    channels = Channel.objects.of_organization(organization)
    if workspace is not None:
        channels = channels.filter(workspace=workspace)
    for channel in channels.select_related("workspace__organization"):
        review_channel(channel=channel)


def review_channel(*, channel: Channel) -> None:
    """The same for one channel."""
    for publication in holding.review(channel):
        settling.catch_up(publication.pk)
    if not holding.hold_reason(channel):
        settling.look_again(channel)


@transaction.atomic
def set_catch_up(*, workspace: Workspace, rule: str, actor: User | None = None, **times: timedelta) -> CatchUp:
    """What happens to late posts of a workspace from now on; `window` and `gap` are the times."""
    catch_up, _is_new = CatchUp.objects.update_or_create(workspace=workspace, defaults={"rule": rule, **times})
    audit.record(
        "workspace.late_posts_changed",
        organization=workspace.organization,
        workspace=workspace,
        actor=actor,
        target=workspace,
        after={"rule": rule, **{name: str(time) for name, time in times.items()}},
    )
    return catch_up


# -- inside


def _lock(post: Post, version: int | None = None) -> Post:
    """The post as it is now, for this transaction alone. Raises Outdated where it is not the version somebody knows."""
    post = Post.objects.select_for_update(of=("self",)).select_related("workspace__organization").get(pk=post.pk)
    if version is not None and post.version != version:
        raise Outdated(_("This post was changed in another tab or by someone else. Load it again to go on."))
    return post


def _publications(post: Post) -> list[Publication]:
    """The post's publications, locked: a worker that wants one waits until this transaction has ended."""
    rows = post.publications.select_for_update(of=("self",)).select_related("channel").order_by("pk")
    publications = list(rows)
    for publication in publications:
        publication.post = post
        publication.channel.workspace = post.workspace
    return publications


def _find(post: Post, publication: Publication) -> Publication:
    return next(row for row in _publications(post) if row.pk == publication.pk)


def _organization(post: Post) -> Organization:
    return post.workspace.organization


def _require_editable(post: Post) -> None:
    statuses = {publication.status for publication in _publications(post)}
    if statuses & IN_FLIGHT:
        raise WrongState(_("This post is going out right now. Wait a moment before you change it."))
    if statuses == {Status.PUBLISHED}:
        raise WrongState(_("This post is out. Duplicate it to say something new."))


def _require_valid(post: Post, *, at: datetime | None = None) -> None:
    fields = validation.errors(validation.check_post(post, at=at))
    if fields:
        raise Invalid(fields=fields)


def _queue(
    post: Post,
    restarting: Iterable[Publication],
    at: datetime,
    waiting: Iterable[Publication] = (),
    *,
    keep_post_time: bool = False,
) -> None:
    """Queue what restarts, move what waits, keep the post's own time and state. Counts by the due time's periods."""
    organization = _organization(post)
    restarting, waiting = list(restarting), list(waiting)
    if not restarting and not waiting and post.status != PostStatus.DRAFT:
        raise WrongState(_("This post is out, or on its way, on every profile."))
    _prepare_pictures(post, {publication.channel.network for publication in [*restarting, *waiting]})
    _fix_words(post, restarting)
    for publication in [*restarting, *waiting]:
        publication.queue(at, hold=holding.hold_reason(publication.channel))
        publication.save_state()
        entitlements.reserve(publication, *COUNTED, organization=organization, due=at)
    if not keep_post_time:
        post.due_at = at
        post.save(update_fields=["due_at"])
    post.refresh_status()


def _fix_words(post: Post, publications: Sequence[Publication]) -> None:
    """Write down the words as they go out, by the brand's present rules; the caller saves."""
    if not publications:
        return
    vault = BrandKit.objects.of(post.workspace).vault
    prefetch_related_objects([post], "variants")
    for publication in publications:
        publication.sent_text = drafting.words_of(post, publication.channel.network, vault)


def _prepare_pictures(post: Post, networks: set[str]) -> None:
    """Have the pictures made ready for the networks while there is time."""
    for use in post.pictures.select_related("asset"):
        unfit = {network for network in networks if not drafting.fits(use.asset, network)}
        request_renditions(asset=use.asset, networks=unfit)


def _send_soon(post: Post) -> None:
    """Wake senders for what is due when this transaction has committed; the next sweep would do so anyway."""
    for _publication in post.publications.due():
        tasks.send_due.delay_on_commit()


def _set_variants(post: Post, variants: Mapping[str, str]) -> None:
    for network, text in variants.items():
        Variant.objects.update_or_create(post=post, network=network, defaults={"text": text})
    post.variants.exclude(network__in=list(variants)).delete()


def _set_pictures(post: Post, pictures: Sequence[PictureChoice]) -> None:
    post.pictures.all().delete()
    PostPicture.objects.bulk_create(
        PostPicture(post=post, asset=choice.asset, position=position, alt_text=choice.alt_text)
        for position, choice in enumerate(pictures, start=1)
    )


def _set_channels(post: Post, channels: Sequence[Channel]) -> None:
    """The profiles the post is for. One taken off a scheduled post gives its place back; one added takes one."""
    wanted = {channel.pk: channel for channel in channels}
    have = {publication.channel_id: publication for publication in _publications(post)}
    for channel_id, publication in have.items():
        if channel_id not in wanted and publication.status != Status.PUBLISHED:
            entitlements.release(publication)
            publication.delete()
    added = [channel for pk, channel in wanted.items() if pk not in have]
    Publication.objects.bulk_create(
        Publication(post=post, channel=channel, workspace=post.workspace) for channel in added
    )
    queued_at = next((row.due_at for row in have.values() if row.status == Status.QUEUED), None)
    if queued_at and added:
        new = [row for row in _publications(post) if row.channel in added]
        _queue(post, new, queued_at, keep_post_time=True)
    elif have:
        post.refresh_status()
