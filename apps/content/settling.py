"""What has no certain end yet: dead claims, lost answers, late posts. Looks, decides by rule, else asks a person.

Nothing here sends. What may be sent again goes back into the queue, and only where that cannot make a second post.
"""

from __future__ import annotations

import contextlib
import logging
from datetime import datetime, timedelta
from random import SystemRandom
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.content.catalog import AttemptKind, CatchUpRule, Outcome, Status
from apps.content.drafting import draft_of
from apps.content.models import Attempt, CatchUp, Post, Publication, PublicationQuerySet
from apps.core import audit, clock, languages, metrics
from apps.core.errors import DomainError, LimitReached, OutcomeUnknown, Reconnect, TryLater, VendorError
from apps.core.networks import NETWORKS
from apps.plans import entitlements
from apps.plans.catalog import Limit
from apps.social import providers, refreshing
from apps.social.models import Channel
from apps.social.providers.base import Account, Published

logger = logging.getLogger(__name__)

LOOK_LEASE = timedelta(seconds=60)  # nobody else looks for the same publication meanwhile
LOOKS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))  # after an absence nobody may act upon
MAX_FAILED_LOOKS = 12
MAX_TRIES = 8
SPREAD_KIND = "caught_up"
RANDOM = SystemRandom()


# -- dead claims


def sweep() -> int:
    """Claims whose worker did not come back: how many were taken over.

    Without an attempt on record nothing was sent, and it goes back into the queue; else it is looked for.
    """
    dead = Publication.objects.abandoned().values_list("pk", "fence", "post_id")[:500]
    return sum(_take_over(pk, fence, post_id) for pk, fence, post_id in dead)


def _take_over(pk: UUID, fence: UUID, post_id: UUID) -> bool:
    with transaction.atomic():
        post = Post.objects.select_for_update().get(pk=post_id)
        publication = _lock(Publication.objects.fenced(pk, fence).abandoned())
        if publication is None:
            return False
        with languages.speaking(post.language):
            _doubt_or_queue(publication)
        publication.save_state()
        post.refresh_status()
        return True


def _doubt_or_queue(publication: Publication) -> None:
    begun = Attempt.objects.filter(publication=publication, fence=publication.fence, kind=AttemptKind.SEND)
    if begun.exists():
        doubt(publication, _("We sent this, and were cut off before the answer came. We are looking for it."))
        message = _("Cut off before the answer came.")
        begun.open().update(ended_at=clock.now(), outcome=Outcome.UNKNOWN, message=message)
    else:
        publication.wait(clock.now(), tried=False)


def doubt(publication: Publication, problem: str) -> None:
    """Its outcome is unknown from now on; the first look is at once."""
    publication.doubt(problem, look_at=clock.now())


# -- lost answers


def settle(pk: UUID) -> None:
    """Look on the network for a publication whose answer was lost, and act on what is seen."""
    now = clock.now()
    if not Publication.objects.to_look_for().filter(pk=pk).update(next_try_at=now + LOOK_LEASE):
        return
    publication = Publication.objects.for_sending().get(pk=pk)
    with languages.speaking(publication.post.language):
        _settle(publication)


def _settle(publication: Publication) -> None:
    pk = publication.pk
    answered = publication.attempts.filter(outcome=Outcome.PUBLISHED).last()
    if answered is not None:
        remote = answered.remote
        _found(pk, Published(remote.get("remote_id", ""), remote.get("url", "")), at=answered.ended_at)
    elif not providers.get(publication.channel.network).capabilities.can_find:
        _ask(pk, _("We sent this, but the answer was lost, and %(network)s does not let us look. Is it there?"))
    else:
        _look(publication)


def _look(publication: Publication) -> None:
    """One recorded look."""
    provider = providers.get(publication.channel.network)
    attempt = Attempt.objects.create(publication=publication, channel=publication.channel, kind=AttemptKind.LOOK)
    account = None
    try:
        account = refreshing.fresh_account(publication.channel_id)
        taken = frozenset(Publication.objects.beside(publication).values_list("remote_id", flat=True))
        found = provider.find(account, draft_of(publication, taken=taken))
    except Reconnect as error:
        _end(attempt, Outcome.RECONNECT, str(error))
        _look_after_refusal(publication, account, error)
    except (TryLater, OutcomeUnknown) as error:
        _end(attempt, Outcome.TRY_LATER, str(error))
        _look_later(publication.pk, error)
    except DomainError as error:
        _end(attempt, Outcome.REJECTED, str(error))
        _ask(
            publication.pk,
            _("We sent this, but the answer was lost, and %(network)s does not let us look now. Is it there?"),
        )
    else:
        _end(attempt, Outcome.FOUND if found else Outcome.ABSENT, "", found)
        if found:
            _found(publication.pk, found, at=publication.started_at)
        else:
            _absent(publication.pk, may_resend=provider.capabilities.idempotent)


def judge_refusal(channel_pk: UUID, used: Account, refused: Reconnect) -> VendorError:
    """What a refused permission means: that it is gone (Reconnect), or that it was renewed meanwhile (TryLater)."""
    try:
        refreshing.settle_refusal(channel_pk, used, refused)
    except VendorError as judged:
        return judged
    return refused


def _look_after_refusal(publication: Publication, used: Account | None, refused: Reconnect) -> None:
    judged = judge_refusal(publication.channel_id, used, refused) if used else refused
    if isinstance(judged, TryLater):
        _look_later(publication.pk, judged)
        return
    message = _("We sent this, but the answer was lost. Reconnect %(network)s and we look whether it is there.")
    _ask(publication.pk, message, kind=Outcome.RECONNECT)


def look_again(channel: Channel) -> None:
    """The channel works again: what could not be looked for without it is looked for now."""
    waiting = Publication.objects.filter(channel=channel, status=Status.UNKNOWN, problem_kind=Outcome.RECONNECT)
    for pk in waiting.values_list("pk", flat=True):
        with transaction.atomic():
            if publication := _lock_unknown(pk):
                with languages.speaking(publication.post.language):
                    publication.doubt(_("We are looking for it on the network."), look_at=clock.now())
                publication.asks_person = False
                publication.save_state()
                publication.post.refresh_status()


def _end(attempt: Attempt, outcome: Outcome, message: str, found: Published | None = None) -> None:
    attempt.ended_at, attempt.outcome, attempt.message = clock.now(), outcome, message
    attempt.milliseconds = max(int((attempt.ended_at - attempt.started_at).total_seconds() * 1000), 0)
    attempt.remote = {"remote_id": found.remote_id, "url": found.url} if found else {}
    attempt.save()


def _found(pk: UUID, found: Published, *, at: datetime) -> None:
    """It is live. Should another publication have been given this very post meanwhile, it is looked for again."""
    with contextlib.suppress(IntegrityError), transaction.atomic():
        if publication := _lock_unknown(pk):
            publication.publish(remote_id=found.remote_id, url=found.url, at=at)
            publication.save_state()
            entitlements.commit(publication)
            record_published(publication)
            publication.post.refresh_status()


def _absent(pk: UUID, *, may_resend: bool) -> None:
    """Not on the network. Sent again only where the network makes one post of two calls with one key."""
    with transaction.atomic():
        publication = _lock_unknown(pk)
        if publication is None:
            return
        absences = publication.attempts.filter(outcome=Outcome.ABSENT).count()
        if may_resend and publication.tries + 1 < MAX_TRIES:
            publication.wait(clock.now(), tried=True)
        elif may_resend:
            give_up(publication, _("%(network)s did not keep this post, however often we sent it."))
        elif absences <= len(LOOKS):
            publication.next_try_at = clock.now() + LOOKS[absences - 1]
        else:
            publication.ask_person(
                _(
                    "We sent this, but the answer was lost. We looked %(looks)d times and did not see it on"
                    " %(network)s. Please look yourself before it is sent again."
                )
                % (_facts(publication) | {"looks": absences}),
                kind=Outcome.UNKNOWN,
            )
        publication.save_state()
        publication.post.refresh_status()


def _look_later(pk: UUID, error: TryLater | OutcomeUnknown) -> None:
    """The network cannot be looked at now."""
    with transaction.atomic():
        publication = _lock_unknown(pk)
        if publication is None:
            return
        publication.looks += 1
        if publication.looks > MAX_FAILED_LOOKS:
            publication.ask_person(
                _("We sent this, but the answer was lost, and %(network)s has not answered since. Is it there?")
                % _facts(publication),
                kind=Outcome.UNKNOWN,
            )
        publication.next_try_at = clock.now() + (getattr(error, "retry_after", None) or back_off(publication.looks))
        publication.save_state()
        publication.post.refresh_status()


def _ask(pk: UUID, problem: str, *, kind: str = Outcome.UNKNOWN) -> None:
    with transaction.atomic():
        if publication := _lock_unknown(pk):
            publication.ask_person(problem % _facts(publication), kind=kind)
            publication.save_state()
            publication.post.refresh_status()


# -- late posts


def catch_up(pk: UUID) -> None:
    """Apply the workspace's rule to a queued publication that is late by more than its window; others are left."""
    with transaction.atomic():
        publication = _lock_as(pk, Status.QUEUED)
        if publication is None or publication.held:
            return
        rule = CatchUp.of(publication.post.workspace)
        if publication.is_late_by > rule.window:
            with languages.speaking(publication.post.language):
                apply_catch_up(publication, rule)
            publication.save_state()
            publication.post.refresh_status()


def apply_catch_up(publication: Publication, rule: CatchUp) -> None:
    """Skip, spread or ask. The post and the publication are locked; the caller saves."""
    if rule.rule == CatchUpRule.SPREAD and _spread(publication, rule):
        return
    why = publication.problem or _("Lily could not send it in time.")
    facts = _facts(publication) | {"why": why}
    asks = rule.rule != CatchUpRule.SKIP
    if asks:
        message = _("This was not sent to %(network)s in time. %(why)s Send it now, choose a new time, or leave it.")
    else:
        message = _("This was not sent to %(network)s in time and was left out, as you chose. %(why)s")
    publication.miss(message % facts, asks=asks)
    entitlements.release(publication)
    _count(publication.channel.network, Status.MISSED)


def _spread(publication: Publication, rule: CatchUp) -> bool:
    """Move a late one behind the others of its profile; False when the plan has no room there."""
    now = clock.now()
    ahead = Publication.objects.queued().filter(
        channel=publication.channel_id, problem_kind=SPREAD_KIND, due_at__gte=now - rule.gap
    )
    last = ahead.exclude(pk=publication.pk).order_by("-due_at").values_list("due_at", flat=True).first()
    at = max(now, last + rule.gap) if last else now
    if publication.status != Status.QUEUED:
        publication.wait(at, tried=False)
    publication.queue(at)
    try:
        entitlements.reserve(
            publication,
            Limit.PUBLICATIONS_DAY,
            Limit.PUBLICATIONS_WEEK,
            organization=publication.channel.workspace.organization,
            due=at,
        )
    except LimitReached as refusal:
        publication.problem = str(refusal)
        return False
    publication.problem_kind = SPREAD_KIND
    publication.problem = _("It was late, so we moved it behind the others.")
    Post.objects.filter(pk=publication.post_id).update(due_at=at)
    return True


def give_up(publication: Publication, problem: str) -> None:
    """Tried often enough: a person decides. The post and the publication are locked; the caller saves."""
    publication.miss((problem % _facts(publication)) + " " + _("Send it again when you like, or leave it."), asks=True)
    entitlements.release(publication)
    _count(publication.channel.network, Status.MISSED)


def back_off(tries: int) -> timedelta:
    """Half a minute, doubled with every try up to a quarter of an hour, give or take a fifth."""
    seconds = min(30 * 2 ** max(tries - 1, 0), 900)
    return timedelta(seconds=seconds * RANDOM.uniform(0.8, 1.2))


# -- inside


def record_published(publication: Publication) -> None:
    """The audit log's line and, once it is certain, one more in the counts."""
    network, late = publication.channel.network, publication.published_at - publication.due_at
    _count(network, Outcome.PUBLISHED, late=late.total_seconds())
    workspace = publication.channel.workspace
    audit.record(
        "publication.published",
        organization=workspace.organization,
        workspace=workspace,
        target=publication,
        network=network,
        url=publication.url,
    )


def _count(network: str, outcome: str, *, late: float | None = None) -> None:
    transaction.on_commit(lambda: metrics.count_publication(network, outcome, late=late))


def _facts(publication: Publication) -> dict[str, str]:
    return {"network": NETWORKS[publication.channel.network].label}


def _lock(rows: PublicationQuerySet) -> Publication | None:
    """The one row of `rows`, locked, with its channel; None when it is no longer so."""
    return rows.select_for_update(of=("self",)).select_related("post", "channel__workspace__organization").first()


def _lock_as(pk: UUID, status: str) -> Publication | None:
    """The publication and its post, locked in the order everybody locks, if it still has this state."""
    post_id = Publication.objects.values_list("post_id", flat=True).get(pk=pk)
    post = Post.objects.select_for_update(of=("self",)).select_related("workspace__organization").get(pk=post_id)
    publication = _lock(Publication.objects.filter(pk=pk, status=status))
    if publication is not None:
        publication.post = post
    return publication


def _lock_unknown(pk: UUID) -> Publication | None:
    return _lock_as(pk, Status.UNKNOWN)
