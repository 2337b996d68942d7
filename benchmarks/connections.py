"""A thousand people at once while posts go out, and thousands who hold a connection and say nothing (bar.md).

`sessions`: 1,000 signed-in people of 40 organizations, each asking every ten seconds for the calendar, the list, a
post, the composer or, with a key, the API, while a worker publishes five posts a second. Times count from when a
request was due, so that a server that falls behind is not spared. `idle`: ten people before, with and after 2,500
connections that are opened and left alone. `machine`: the bare view before and after, because where it is slow
milliseconds at a fixed number of requests a second say more of the machine than of Lily: a bound passed there is void.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle, islice

import psutil
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.crypto import get_random_string

from apps.accounts.catalog import Permission, Role
from apps.accounts.models import Membership, User, Workspace
from apps.accounts.services.keys import create_key
from apps.content import tasks
from apps.content.catalog import Status
from apps.content.models import Publication
from apps.core import clock
from benchmarks import bare
from benchmarks.data import analyze_tables, make_brand
from benchmarks.load import Headers, asking_for
from benchmarks.publish import SWEEP, make_due, working
from benchmarks.reporting import note, report
from benchmarks.servers import ROOT, free_port, served
from tests.peers.recorder import Recorder

ORGANIZATIONS, MEMBERS, POSTS = 40, 25, 500  # members are what Enterprise allows
EVERY = 10.0  # seconds between the requests of a person
SECONDS = 60.0
WARM = 20.0  # seconds before that count for nothing
PUBLISHED = 5  # posts a second
IDLE, FEW, IDLE_SECONDS = 2_500, 10, 15.0
PATIENCE = 30.0  # seconds until a request counts as not answered
MOST = {"p95": 1_500, "healthz": 100, "rss": 160, "errors": 0}  # ms, ms, MB, requests


@dataclass
class Person:
    """Somebody with a browser, and what they ask for in turn."""

    requests: Iterator[bytes]
    pipe: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def leave(self) -> None:
        if self.pipe:
            self.pipe[1].close()
        self.pipe = None


@dataclass
class Seen:
    """Milliseconds of each answer that counts, and what was answered instead of 200."""

    took: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.took, n=20)[-1]


def run(cases: list[str]) -> int:
    """Measure the named cases, or both. 1 when a bound of bar.md is passed, void or not."""
    chosen = cases or ["sessions", "idle"]
    people = _make_people(ORGANIZATIONS if "sessions" in chosen else 1)
    port, health = free_port(), free_port()
    with served("config.wsgi:application", port) as server, bare.serving() as beside, _health(health):
        kept, rates = True, [bare.measure_alone(beside)]
        if "sessions" in chosen:
            kept &= _measure_sessions(people, port, health)
            kept &= _measure_memory(server)
        if "idle" in chosen:
            kept &= asyncio.run(_measure_idle(people[:FEW], port))
        rates.append(bare.measure_alone(beside))
    report("connections", "machine", "bare_rps", min(rates), "1/s", against=bare.LEAST)
    if not kept:
        bare.is_void(rates)
    return int(not kept)


# -- a thousand sessions


def _measure_sessions(people: list[Person], port: int, health: int) -> bool:
    with _publishing() as published:
        seen, healthy = asyncio.run(_visit_all(people, port, health))
        out = published()
    for error in sorted(set(seen.errors))[:5]:
        note(f"{seen.errors.count(error)} x {error}")
    report("connections", "sessions", "per_second", len(seen.took) / SECONDS, "1/s", against=len(people) / EVERY)
    report("connections", "sessions", "median", statistics.median(seen.took), "ms")
    report("connections", "sessions", "published", out, "posts", against=PUBLISHED * (WARM + SECONDS))
    return all(
        [
            _bound("sessions", "errors", len(seen.errors), "requests"),
            _bound("sessions", "p95", seen.p95, "ms"),
            _bound("sessions", "healthz", max(healthy.took), "ms"),
        ]
    )


async def _visit_all(people: list[Person], port: int, health: int) -> tuple[Seen, Seen]:
    """What people saw, and what /healthz answered meanwhile."""
    seen, healthy, begin = Seen(), Seen(), time.perf_counter()
    since, until = begin + WARM, begin + WARM + SECONDS
    visits = (
        _visit(person, port, seen, first=begin + EVERY * place / len(people), since=since, until=until)
        for place, person in enumerate(people)
    )
    await asyncio.gather(_watch(health, healthy, until), *visits)
    for person in people:
        person.leave()
    return seen, healthy


async def _visit(person: Person, port: int, seen: Seen, *, first: float, since: float, until: float) -> None:
    """Ask every ten seconds; what is due before `since` does not count."""
    due = first
    while due < until:
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        error = await _ask(person, port)
        if due >= since:
            seen.took.append((time.perf_counter() - due) * 1000)
            seen.errors += [error] if error else []
        due += EVERY


async def _ask(person: Person, port: int) -> str:
    """One request on the connection that is open, or a new one; what went wrong, or nothing."""
    request = next(person.requests)
    try:
        async with asyncio.timeout(PATIENCE):
            try:
                return await _answer(person, port, request)
            except (ConnectionError, asyncio.IncompleteReadError):
                person.pipe = None  # the server ended a kept connection meanwhile: browsers ask again too
                return await _answer(person, port, request)
    except (OSError, asyncio.IncompleteReadError) as error:
        person.pipe = None
        return f"{type(error).__name__}: {error}"


async def _answer(person: Person, port: int, request: bytes) -> str:
    if person.pipe is None:
        person.pipe = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    reader, writer = person.pipe
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
    if b"connection: close" in head:
        person.leave()
    status = head.split(b" ", 2)[1].decode()
    return "" if status == "200" else f"{status} for {request.split(b' ', 2)[1].decode()}"


async def _watch(port: int, seen: Seen, until: float) -> None:
    """/healthz twice a second, each time on a new connection as a balancer does."""
    request = asking_for("/healthz", {"Connection": "close"})
    while time.perf_counter() < until:
        started = time.perf_counter()
        error = await _ask(Person(cycle([request])), port)
        seen.took.append((time.perf_counter() - started) * 1000)
        seen.errors += [error] if error else []
        await asyncio.sleep(0.5)


def _measure_memory(server: subprocess.Popen) -> bool:
    """The largest of the server's processes after all that."""
    family = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
    return _bound("sessions", "rss", max(process.memory_info().rss for process in family) / 1e6, "MB")


# -- connections nobody uses


async def _measure_idle(people: list[Person], port: int) -> bool:
    """The same people before, while 2,500 connections are open, and after."""
    before = await _for_a_while(people, port)
    held = await asyncio.gather(*(_hold(port) for _ in range(IDLE)))
    beside = await _for_a_while(people, port)
    for writer in held:
        if writer:
            writer.close()
    after = await _for_a_while(people, port)
    report("connections", "idle", "refused", held.count(None), "connections", against=IDLE)
    report("connections", "idle", "p95_beside", beside.p95, "ms", against=before.p95)
    report("connections", "idle", "errors_beside", len(beside.errors), "requests", against=len(beside.took))
    report("connections", "idle", "p95", after.p95, "ms", against=before.p95)
    return _bound("idle", "errors", len(after.errors), "requests")


async def _for_a_while(people: list[Person], port: int) -> Seen:
    seen, begin = Seen(), time.perf_counter()
    visits = (
        _visit_often(person, port, seen, begin + place / len(people), begin + IDLE_SECONDS)
        for place, person in enumerate(people)
    )
    await asyncio.gather(*visits)
    return seen


async def _visit_often(person: Person, port: int, seen: Seen, due: float, until: float) -> None:
    """Once a second, or as often as answers come."""
    while time.perf_counter() < until:
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        error = await _ask(person, port)
        seen.took.append((time.perf_counter() - due) * 1000)
        seen.errors += [error] if error else []
        due += 1


async def _hold(port: int) -> asyncio.StreamWriter | None:
    try:
        async with asyncio.timeout(1):
            return (await asyncio.open_connection("127.0.0.1", port))[1]
    except OSError:
        return None


# -- what it is measured on


def _make_people(organizations: int) -> list[Person]:
    people = [person for number in range(organizations) for person in _make_organization(number)]
    analyze_tables()
    return people


def _make_organization(number: int) -> list[Person]:
    """A brand with a full team, each signed in; every fifth request is a program's, with the owner's key."""
    workspace = make_brand(POSTS, name=f"Café {number}", analyze=False)
    owner = Membership.objects.get(organization=workspace.organization)
    _key, token = create_key(actor=owner, name="Load", scopes=[Permission.WORKSPACE_VIEW])
    users = [owner.user, *(_make_member(workspace, place) for place in range(1, MEMBERS))]
    return [Person(_requests(workspace, user, token, place)) for place, user in enumerate(users)]


def _make_member(workspace: Workspace, place: int) -> User:
    user = User.objects.create_user(f"{place}@{workspace.slug}.example", None, name=f"Robin {place}")
    Membership.objects.create(organization=workspace.organization, user=user, role=Role.MANAGER)
    return user


def _requests(workspace: Workspace, user: User, token: str, place: int) -> Iterator[bytes]:
    """The mix of bar.md, each person beginning elsewhere in it."""
    post = workspace.posts.order_by("-due_at")[place].pk
    pages = [
        reverse("calendar", args=[workspace.slug]),
        reverse("post_list", args=[workspace.slug]),
        reverse("post_detail", args=[workspace.slug, post]),
        reverse("post_new", args=[workspace.slug]),
    ]
    browser = _signed_in(user)
    mix = [asking_for(page, browser) for page in pages]
    mix.append(asking_for(reverse("api_posts", args=[workspace.slug]), {"Authorization": f"Bearer {token}"}))
    return islice(cycle(mix), place % len(mix), None)


def _signed_in(user: User) -> Headers:
    """What a browser sends from its second page on."""
    client = Client()
    client.force_login(user)
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}; csrftoken={get_random_string(32)}"}


# -- beside it


@contextmanager
def _publishing() -> Iterator[Callable[[], int]]:
    """A worker that sends five posts a second to a recorder; gives how many went out so far."""
    recorder = Recorder(ROOT / os.environ["STATE"] / "recorder")
    os.environ |= {"OUTBOUND_ALLOW": recorder.allow[0], "PUBLISH_PACE_CALLS": "1000000"}
    settings.OUTBOUND_ALLOW = recorder.allow
    stopped = threading.Event()
    try:
        with working(2):
            workspace = make_due(recorder, int(PUBLISHED * (WARM + SECONDS)))
            _spread(workspace)
            sweeper = threading.Thread(target=_sweep, args=[stopped])
            sweeper.start()
            yield lambda: Publication.objects.filter(workspace=workspace, status=Status.PUBLISHED).count()
            stopped.set()
            sweeper.join()
    finally:
        recorder.stop()


def _spread(workspace: Workspace) -> None:
    """One post after the other is due from now on."""
    now, rows = clock.now(), list(Publication.objects.filter(workspace=workspace))
    for place, row in enumerate(rows):
        row.next_try_at = row.due_at = now + timedelta(seconds=place / PUBLISHED)
    Publication.objects.bulk_update(rows, ["due_at", "next_try_at"])


def _sweep(stopped: threading.Event) -> None:
    """As beat does."""
    while not stopped.wait(SWEEP):
        tasks.publish_due.delay()
    connection.close()


@contextmanager
def _health(port: int) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "health"], cwd=ROOT, env=os.environ | {"HEALTH_PORT": str(port)}
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _bound(case: str, metric: str, value: float, unit: str) -> bool:
    """Report what bar.md bounds; whether it is kept."""
    report("connections", case, metric, value, unit, against=MOST[metric])
    return value <= MOST[metric]
