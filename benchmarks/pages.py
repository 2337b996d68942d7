"""What the busiest pages cost at 20,000 posts: queries, weight, time beside a bare view, and growth with history.

For each page: `sql` queries, `html_kb` of HTML before compression, `median` in ms at one connection and `rps_1`,
`rps_16` at 1 and 16 connections (each against the bare view in the same minute), `growth`: database blocks its queries
touch with 200,000 posts, against 20,000 (and `growth_small`: 20,000 against 2,000).
"""

import re
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.test import Client
from django.urls import reverse

from apps.accounts.catalog import Permission
from apps.accounts.models import Membership, User, Workspace
from apps.accounts.services.keys import create_key
from benchmarks import bare
from benchmarks.data import make_brand
from benchmarks.load import Headers, Load, measure, typical
from benchmarks.reporting import note, report
from benchmarks.servers import free_port, served

CASES = {
    "login": "account_login",
    "calendar": "calendar",
    "list": "post_list",
    "composer": "post_new",
    "library": "library",
    "api_posts": "api_posts",
}
SIZES = {2_000: "Small", 20_000: "Middle", 200_000: "Large"}
MOST_GROWTH = 1.1  # of blocks, from 20,000 to 200,000 posts
SECONDS = 0.8


@dataclass(frozen=True)
class Asked:
    """What one page made of the database."""

    queries: int
    touched: list[tuple[str, int]]  # each SELECT and the blocks it touched
    kilobytes: float

    @property
    def blocks(self) -> int:
        return sum(blocks for _, blocks in self.touched)


def run(cases: list[str]) -> int:
    """Measure the named cases, or all. 1 when the run is void."""
    chosen = cases or list(CASES)
    brands = {size: make_brand(size, name=f"{word} Café") for size, word in SIZES.items()}
    ours = free_port()
    with served("config.wsgi:application", ours), bare.serving() as theirs:
        rates = [_measure_case(case, brands, ours, theirs) for case in chosen]
    return int(bare.is_void(rates))


def _measure_case(case: str, brands: dict[int, Workspace], ours: int, theirs: int) -> float:
    """Measure one page; gives the bare view's requests a second at one connection."""
    small, middle, large = (_ask(case, brand) for brand in brands.values())
    report("pages", case, "sql", middle.queries, "queries")
    report("pages", case, "html_kb", middle.kilobytes, "KB")
    path, headers = _path(case, brands[20_000]), _headers(case, brands[20_000])
    alone, bare_alone = _load(path, headers, ours, theirs, connections=1)
    many, bare_many = _load(path, headers, ours, theirs, connections=16)
    report("pages", case, "median", alone.median, "ms", against=bare_alone.median)
    report("pages", case, "rps_1", alone.per_second, "1/s", against=bare_alone.per_second)
    report("pages", case, "rps_16", many.per_second, "1/s", against=bare_many.per_second)
    report("pages", case, "growth", large.blocks, "blocks", against=middle.blocks)
    report("pages", case, "growth_small", middle.blocks, "blocks", against=small.blocks)
    if large.blocks > MOST_GROWTH * middle.blocks:
        _explain_growth(case, middle, large)
    return bare_alone.per_second


def _explain_growth(case: str, before: Asked, after: Asked) -> None:
    """The statements that touch more blocks in the larger history, worst first."""
    pairs = zip(before.touched, after.touched, strict=True)
    grown = sorted(((now - then, then, now, sql) for (sql, then), (_, now) in pairs if now > then), reverse=True)
    for _, then, now, sql in grown[:3]:
        note(f"{case}: {then} -> {now} blocks in {sql.partition(' FROM ')[2][:160]}")


def _load(path: str, headers: Headers, ours: int, theirs: int, *, connections: int) -> tuple[Load, Load]:
    """The page and the bare view, in turns: on a shared machine both then meet the same slow and quick moments."""
    turns = [
        (
            measure(theirs, "/", connections=connections, seconds=bare.SECONDS),
            measure(ours, path, headers=headers, connections=connections, seconds=SECONDS),
        )
        for _ in range(bare.TURNS)
    ]
    return typical([page for _, page in turns]), typical([beside for beside, _ in turns])


def _ask(case: str, workspace: Workspace) -> Asked:
    """One warm request in this process, with the blocks its queries touch as PostgreSQL counts them."""
    client, path = Client(headers=_headers(case, workspace)), _path(case, workspace)
    client.get(path, HTTP_HOST="127.0.0.1")
    statements: list[tuple[str, object]] = []

    def keep(execute, sql, params, many, context):
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        answer = client.get(path, HTTP_HOST="127.0.0.1")
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}.")
    selects = [statement for statement in statements if statement[0].startswith("SELECT")]
    touched = [(sql, _blocks(sql, params)) for sql, params in selects]
    return Asked(len(statements), touched, len(answer.content) / 1024)


def _blocks(sql: str, params: object) -> int:
    cursor: CursorWrapper
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT TEXT) {sql}", params)
        plan = "\n".join(line for (line,) in cursor.fetchall()).partition("\nPlanning")[0]
    top = re.search(r"Buffers: shared([^\n]*)", plan)
    return sum(int(number) for number in re.findall(r"(?:hit|read)=(\d+)", top[1])) if top else 0


def _path(case: str, workspace: Workspace) -> str:
    return reverse(CASES[case]) if case == "login" else reverse(CASES[case], args=[workspace.slug])


def _headers(case: str, workspace: Workspace) -> Headers:
    """What a browser sends on its second visit, or a program with a key."""
    if case == "api_posts":
        membership = Membership.objects.get(organization=workspace.organization_id)
        _key, token = create_key(actor=membership, name=case, scopes=[Permission.WORKSPACE_VIEW])
        return {"Authorization": f"Bearer {token}"}
    client = Client()
    if case != "login":
        client.force_login(User.objects.get(memberships__organization=workspace.organization_id))
    client.get(_path(case, workspace), HTTP_HOST="127.0.0.1")
    return {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())}
