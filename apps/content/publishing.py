"""Sending one publication, once: claim, check, record, call, write the outcome. Enqueues nothing.

A claim is a conditional update that sets a fence and a lease. Everything written later is written only where the fence
still stands, and the call is begun only while the lease is longer than the call can take. An attempt is on record
before the call, so whoever finds a dead claim knows whether anything may have been sent (`settling.sweep`).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.content import holding, pacing, settling
from apps.content.catalog import MIN_CATCH_UP_WINDOW, Hold, Outcome
from apps.content.drafting import draft_of, lacks_renditions
from apps.content.models import Attempt, CatchUp, Post, Publication
from apps.content.signals import publication_step
from apps.core import clock, languages, metrics
from apps.core.errors import ContentRejected, DomainError, OutcomeUnknown, Reconnect, TryLater, VendorError
from apps.core.prepared import Prepared
from apps.plans import entitlements
from apps.social import providers, refreshing
from apps.social.models import Channel
from apps.social.providers.base import SEND_BUDGET, Account, Draft, Published

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
BUDGET = timedelta(seconds=SEND_BUDGET)
PICTURE_PAUSE = timedelta(seconds=3)

_post = Prepared(lambda pk: Post.objects.filter(pk=pk).select_for_update())
_fenced = Prepared(lambda pk, fence: Publication.objects.fenced(pk, fence).select_for_update())


def publish(pk: UUID) -> None:
    """Send the publication if it is due and this call wins its claim. Safe to call any number of times."""
    _step("before_claim", pk)
    if publication := Publication.objects.claim(pk, lease=LEASE):
        _carry_out(publication)


def publish_next() -> bool:
    """Send the publication that has been due longest; False when none is that nobody else is about to send."""
    _step("before_claim", None)
    publication = Publication.objects.claim_next(lease=LEASE)
    if publication:
        _carry_out(publication)
    return publication is not None


def _carry_out(publication: Publication) -> None:
    """What is written down meanwhile speaks the language of the page the post was written on."""
    _step("claimed", publication.pk)
    with languages.speaking(publication.post.language):
        if _may_go(publication):
            _prepare_and_send(publication)


def _prepare_and_send(publication: Publication) -> None:
    try:
        draft = draft_of(publication)
        account = refreshing.fresh_account(publication.channel_id)
    except DomainError as error:  # nothing was sent
        _conclude_failure(publication, _record(publication), error)
        return
    _send(publication, account, draft)


def _send(publication: Publication, account: Account, draft: Draft) -> None:
    """The call, and what came of it. What is no kind of error of ours is left to the sweep."""
    attempt = _record(publication)
    _step("recorded", publication.pk)
    if not publication.has_lease_for(BUDGET):  # this worker slept: the sweep has taken over, or will
        logger.warning("lease too short to send", extra={"publication": str(publication.pk)})
        return
    try:
        published = providers.get(publication.channel.network).publish(account, draft)
    except Reconnect as error:
        _conclude_failure(publication, attempt, settling.judge_refusal(publication.channel_id, account, error))
    except VendorError as error:
        _conclude_failure(publication, attempt, error)
    else:
        _step("answered", publication.pk)
        _conclude_success(publication, attempt, draft, published)


def _record(publication: Publication) -> Attempt:
    return Attempt.objects.create(publication=publication, channel_id=publication.channel_id, fence=publication.fence)


def _step(name: str, pk: UUID | None) -> None:
    publication_step.send(sender=Publication, step=name, pk=pk)


# -- after the claim, before the call


def _may_go(publication: Publication) -> bool:
    """What the claim could not see. Where it may not go now, it is put back with the reason."""
    channel = publication.channel
    if reason := holding.hold_reason(channel):
        _put_back(publication, hold=reason)
        return False
    if publication.is_late_by > MIN_CATCH_UP_WINDOW and publication.is_late_by > CatchUp.of(channel.workspace).window:
        _put_back(publication)
        settling.catch_up(publication.pk)
        return False
    if _waits_for_pictures(publication):
        _put_back(publication, until=clock.now() + PICTURE_PAUSE)
        return False
    for wait_for in (pacing.wait_for_circuit, pacing.wait_for_quota, _take_token):
        if wait := wait_for(channel):
            _put_back(publication, until=clock.now() + wait)
            return False
    return True


def _waits_for_pictures(publication: Publication) -> bool:
    """Whether the imaging worker is still making a picture ready. One that nobody can use is the draft's to refuse."""
    try:
        return lacks_renditions(publication)
    except ContentRejected:
        return False


def _take_token(channel: Channel) -> timedelta:
    return pacing.take_token(channel.workspace.organization_id, channel.network)


def _put_back(publication: Publication, *, until: datetime | None = None, hold: str = "") -> None:
    """Back into the queue: nothing was sent, and it does not count as a try."""
    with transaction.atomic():
        locked = _lock(publication)
        if locked is None:
            return
        locked.wait(until or clock.now(), problem=locked.problem, kind=locked.problem_kind, tried=False)
        locked.hold(hold)
        locked.save_state()
        if hold:
            locked.post.refresh_status()


# -- after the call


def _conclude_success(publication: Publication, attempt: Attempt, draft: Draft, published: Published) -> None:
    now = clock.now()
    remote = {"remote_id": published.remote_id, "url": published.url, **published.remote}
    with transaction.atomic():
        _end(attempt, Outcome.PUBLISHED, "", remote=remote, at=now)
        locked = _lock(publication)
        if locked is None:  # swept meanwhile: `settling.settle` reads this attempt and believes it
            return
        locked.sent_text = draft.text
        locked.publish(remote_id=published.remote_id, url=published.url, at=now)
        locked.save_state()
        entitlements.commit(locked)
        settling.record_published(locked)
        locked.post.refresh_status()
        _step("before_commit", publication.pk)
    pacing.note_answer(publication.channel)


def _conclude_failure(publication: Publication, attempt: Attempt, error: DomainError) -> None:
    """Write what the error's kind asks of us."""
    outcome = next((outcome for kind, outcome in KINDS if isinstance(error, kind)), Outcome.TRY_LATER)
    metrics.count_publication(publication.channel.network, outcome)
    with transaction.atomic():
        _end(attempt, outcome, str(error))
        locked = _lock(publication)
        if locked is not None:
            CONCLUSIONS[outcome](locked, error)
            locked.save_state()
            locked.post.refresh_status()
    if outcome in (Outcome.UNKNOWN, Outcome.TRY_LATER) and getattr(error, "retry_after", None) is None:
        pacing.note_failure(publication.channel)
    else:
        pacing.note_answer(publication.channel)


def _conclude_later(publication: Publication, error: DomainError) -> None:
    """Again at the second the network named, or after our own back-off; given up after enough tries."""
    tries = publication.tries + 1
    if tries >= settling.MAX_TRIES:
        publication.problem = str(error)
        settling.give_up(publication, str(error).replace("%", "%%"))
        return
    wait = getattr(error, "retry_after", None) or settling.back_off(tries)
    publication.wait(clock.now() + wait, problem=str(error), kind=Outcome.TRY_LATER, tried=True)


def _conclude_rejected(publication: Publication, error: DomainError) -> None:
    publication.reject(str(error))
    entitlements.release(publication)


def _conclude_reconnect(publication: Publication, _error: DomainError) -> None:
    publication.wait(clock.now(), tried=True)
    publication.hold(Hold.RECONNECT)


def _conclude_unknown(publication: Publication, _error: DomainError) -> None:
    settling.doubt(publication, _("We sent this, but no answer came. We are looking for it on the network."))


KINDS = (
    (TryLater, Outcome.TRY_LATER),
    (ContentRejected, Outcome.REJECTED),
    (Reconnect, Outcome.RECONNECT),
    (OutcomeUnknown, Outcome.UNKNOWN),
)
CONCLUSIONS = {
    Outcome.TRY_LATER: _conclude_later,
    Outcome.REJECTED: _conclude_rejected,
    Outcome.RECONNECT: _conclude_reconnect,
    Outcome.UNKNOWN: _conclude_unknown,
}


def _end(
    attempt: Attempt, outcome: Outcome, message: str, *, remote: dict | None = None, at: datetime | None = None
) -> None:
    """Close the attempt, whatever became of the claim meanwhile: what the network said stays true."""
    attempt.ended_at, attempt.outcome, attempt.message = at or clock.now(), outcome, message
    attempt.milliseconds = max(int((attempt.ended_at - attempt.started_at).total_seconds() * 1000), 0)
    attempt.remote = remote or {}
    attempt.save(update_fields=["ended_at", "outcome", "message", "milliseconds", "remote"])


def _lock(publication: Publication) -> Publication | None:
    """Post and publication locked in that order, if this claim's fence still stands; else None."""
    post = _post.get(pk=publication.post_id)
    locked = _fenced.first(pk=publication.pk, fence=publication.fence)
    if locked is None:
        logger.warning("claim lost", extra={"publication": str(publication.pk)})
        return None
    locked.post, locked.channel = post, publication.channel
    return locked
