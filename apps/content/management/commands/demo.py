"""The whole main job on a sample brand, without a browser: from a topic to a live post with its ledger."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import gettempdir
from urllib.parse import parse_qsl, urlsplit

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.accounts.models import User, Workspace
from apps.accounts.services.workspaces import create_workspace
from apps.brand.services import find_kit, save_kit
from apps.content import ledger, listing, publishing
from apps.content.catalog import Status
from apps.content.models import Post, Publication
from apps.content.services import create_post, schedule_post
from apps.content.validation import PictureChoice
from apps.content.wording import write_words
from apps.core import clock, heartbeat
from apps.core.errors import DomainError
from apps.core.networks import NETWORKS
from apps.imaging import services as imaging
from apps.imaging.contract import PromptContract, words_from
from apps.imaging.models import Candidate, Generation
from apps.media.models import Asset
from apps.social import connecting, providers
from apps.social.models import Channel

NAME = "Lemon Tree Café"
TOPIC = "20 % off every cake this weekend. Baked this morning, gone by five."
BRAND = {
    "industry": "Café",
    "audience": "People nearby who like good cake",
    "voice": "casual",
    "primary": "#1f6f54",
    "secondary": "#f3e3c3",
    "accent": "#e07a3f",
    "visual_style": "classic",
    "website": "lemontree.example",
    "brand_words": ["handmade", "fresh"],
    "facts": [{"kind": "hours", "text": "Open Tuesday to Sunday, 8 to 17"}],
    "avoid": [{"term": "cheap", "mode": "replace", "instead": "fair"}],
}
PATIENCE = 90  # seconds for pictures, and for the post after its minute


class Command(BaseCommand):
    help = (
        "Runs the main job on a sample brand: contract, candidates with scores, post, schedule, worker, live address, "
        "ledger. Uses the running workers, or does their work here when none runs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--topic", default=TOPIC, help="What the post is about.")
        parser.add_argument("--network", default="sandbox", help="sandbox (a network inside Lily) or bluesky.")
        parser.add_argument("--url", default="", help="The server, such as http://127.0.0.1:2583.")
        parser.add_argument("--handle", default="", help="The account there, such as mara.test.")
        parser.add_argument("--password", default="", help="Its app password.")
        parser.add_argument("--seconds", type=int, default=5, help="How far ahead the post is scheduled.")
        parser.add_argument("--picture", type=Path, default=Path(gettempdir()) / "lily-demo.png")
        parser.add_argument("--as", dest="email", default="", help="Whose organization; else the demo person's.")

    def handle(self, **options: object) -> None:
        began = time.monotonic()
        try:
            self._run(**options)
        except DomainError as error:
            fields: dict[str, list[str]] = getattr(error, "fields", None) or {}
            more = (line for lines in fields.values() for line in lines)
            raise CommandError(" ".join([str(error), *more])) from error
        self._say("done", f"in {time.monotonic() - began:.1f} s")

    def _run(self, *, topic: str, network: str, seconds: int, picture: Path, email: str, **access: object) -> None:
        workspace, user = _workspace(email or settings.DEMO_LOGIN)
        self._say("brand", f"{workspace.name}: {', '.join(find_kit(workspace).vault.colours)}, classic")
        channel = _connect(workspace, user, network, access)
        self._say("profile", f"{channel.name or channel.handle} on {NETWORKS[network].label}, verified")
        made = self._draw(workspace, user, topic, network)
        asset = self._take(made, user, picture)
        words = write_words(workspace=workspace, topic=topic, network=network)
        for said in (words.writer, *words.notes):
            self._say("words", str(said))
        pictures = [PictureChoice(asset, asset.alt_text[: NETWORKS[network].alt_max])]
        post = create_post(workspace=workspace, author=user, text=words.text, channels=[channel], pictures=pictures)
        self._say("post", f"“{' '.join(post.text.split())}”")
        post = schedule_post(post=post, at=clock.now() + timedelta(seconds=seconds))
        self._say("scheduled", f"for {_local(post.due_at, workspace)}")
        self._publish(post)
        for line in ledger.timeline(listing.find(workspace, post.pk)):
            self._say("ledger", f"{_local(line.at, workspace)}  {line.text} {line.detail}".rstrip())

    def _draw(self, workspace: Workspace, user: User, topic: str, network: str) -> Generation:
        placement = "square" if "square" in NETWORKS[network].placements else NETWORKS[network].placement
        wish = PromptContract(prompt=topic, network=network, placement=placement, text=words_from(topic))
        wish = wish.changed(quality=imaging.best_quality(workspace.organization))
        made = imaging.request_pictures(workspace=workspace, user=user, wish=wish)
        said = made.wish
        self._say("contract", f"{said.text.kind}, {said.visual_style}, {'x'.join(map(str, said.pixels))}: {made}")
        is_here = not _works("imaging")
        if is_here:
            from apps.imaging import generation as drawing  # loads the imaging libraries, which only workers need

            for candidate in made.candidates.in_order():
                drawing.draw_candidate(candidate.pk)
        _wait(lambda: not any(c.is_open for c in made.candidates.all()), "No picture came. Is the imaging worker busy?")
        made.refresh_from_db()
        for candidate in made.candidates.in_order():
            self._say(f"candidate {candidate.index + 1}", _scores(candidate))
        self._say("drawn", "in this process: no imaging worker runs" if is_here else "by the imaging worker")
        return made

    def _take(self, made: Generation, user: User, picture: Path) -> Asset:
        best = made.best or made.candidates.exclude(file="").order_by("-total").first()
        if best is None:
            raise CommandError("None of the pictures could be drawn.")
        asset = imaging.take_candidate(candidate=best, user=user)
        with asset.file.open("rb") as file:
            picture.write_bytes(file.read())
        self._say("picture", f"candidate {best.index + 1} taken, saved to {picture}")
        self._say("alt text", asset.alt_text)
        return asset

    def _publish(self, post: Post) -> None:
        publication = post.publications.select_related("channel").get()
        is_here = not _works("publish")

        def is_settled() -> bool:
            if is_here and clock.now() >= post.due_at:
                publishing.publish(publication.pk)
            publication.refresh_from_db()
            return publication.status not in (Status.QUEUED, Status.SENDING, Status.UNKNOWN)

        _wait(is_settled, "The post is not live yet. Its page says why.")
        if publication.status != Status.PUBLISHED:
            raise CommandError(ledger.explain(publication).text)
        late = (publication.published_at - post.due_at).total_seconds()
        self._say("published", f"{late:.1f} s after its time{', in this process: no worker runs' if is_here else ''}")
        self._say("live", _address(publication))

    def _say(self, step: str, what: str) -> None:
        self.stdout.write(f"{step:<12} {what}")
        self.stdout.flush()


def _workspace(email: str) -> tuple[Workspace, User]:
    """The sample brand in the organization of a person; made the first time."""
    user = User.objects.filter(email=email).first() if email else None
    membership = user and user.memberships.select_related("organization").order_by("pk").first()
    if not membership:
        raise CommandError("There is no demo person here. Run seed_demo first, or name somebody with --as.")
    organization = membership.organization
    workspace = organization.workspaces.filter(name=NAME).first()
    if workspace is None:
        workspace = create_workspace(actor=user, organization=organization, name=NAME, time_zone=organization.time_zone)
        save_kit(workspace=workspace, author=user, **BRAND)
    workspace.organization = organization
    return workspace, user


def _connect(workspace: Workspace, user: User, network: str, access: dict[str, object]) -> Channel:
    """A connected profile of the network; the sandbox is signed in to as its callback would do."""
    if network not in providers.PROVIDERS:
        raise CommandError(f"There is no network {network!r} here.")
    known = workspace.channels.connected().of_network(network)
    if access["handle"]:
        known = known.filter(handle=access["handle"])
    if (found := known.first()) is not None:
        return found
    provider = providers.get(network)
    if access["password"]:
        where = {"server": str(access["url"]), "hint": str(access["handle"]), "password": str(access["password"])}
        return connecting.connect_with_password(provider=provider, workspace=workspace, user=user, **where)[0]
    if network != "sandbox":
        raise CommandError("Give --url, --handle and --password (an app password) of an account on this network.")
    address = connecting.begin(provider=provider, workspace=workspace, user=user)
    brought = dict(parse_qsl(urlsplit(address).query))
    state = connecting.claim(network=network, user=user, token=brought["state"])
    found = connecting.finish(state, brought)
    return found[0] if found else connecting.choose(state, [connecting.profiles_of(state)[0].account_id])[0]


def _works(queue: str) -> bool:
    """Whether a living worker takes from a queue."""
    try:
        return any(queue in sign.queues for sign in heartbeat.alive())
    except redis.RedisError:
        return False


def _wait(is_done: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_done():
        if time.monotonic() > deadline:
            raise CommandError(otherwise)
        time.sleep(0.2)


def _scores(candidate: Candidate) -> str:
    if not candidate.is_drawn:
        return candidate.problem or "not drawn"
    parts = candidate.scores["parts"]
    measured = ", ".join(f"{part['key']} {part['score']:.0f}" for part in parts if part["score"] is not None)
    verdict = "passes" if candidate.passed else candidate.scores["reason"]
    look = f"{candidate.facts['arrangement']}/{candidate.facts['scheme']}"
    return f"{candidate.total:5.1f} {verdict}: {measured} (from {candidate.scores['measured']} of {len(parts)}), {look}"


def _address(publication: Publication) -> str:
    url = publication.url
    return f"{settings.BASE_URL}{url}" if url.startswith("/") else url


def _local(moment: datetime, workspace: Workspace) -> str:
    return timezone.localtime(moment, workspace.zone).strftime("%H:%M:%S")
