"""Measurements are printed as programs read them, and the client counts what it got."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from apps.content.models import Attempt, Post, Publication
from apps.plans.services import seed_plans
from benchmarks.data import due_times, make_brand
from benchmarks.load import measure
from benchmarks.reporting import report


def test_report_prints_one_line_with_the_ratio(capsys):
    report("pages", "calendar", "median", 12.34567, "ms", against=1.5)
    report("publish", "doubles", "count", 0, "posts")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        {
            "bench": "pages",
            "case": "calendar",
            "metric": "median",
            "value": 12.35,
            "unit": "ms",
            "against": 1.5,
            "ratio": 8.23,
        },
        {
            "bench": "publish",
            "case": "doubles",
            "metric": "count",
            "value": 0.0,
            "unit": "posts",
            "against": None,
            "ratio": None,
        },
    ]


class Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    status = 200
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(self.status)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *args: object) -> None:
        """Silent."""


class Server(ThreadingHTTPServer):
    def handle_error(self, *args: object) -> None:
        """The client hangs up in the middle when its time is over."""


@pytest.fixture
def server():
    Page.status, Page.asked = 200, 0
    with Server(("127.0.0.1", 0), Page) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield http
        http.shutdown()
        thread.join()


@pytest.mark.parametrize("connections", [1, 4])
def test_measure_counts_the_pages_it_got(server, connections):
    load = measure(server.server_port, "/", connections=connections, seconds=0.3)
    assert load.bytes == 5
    assert 0 < load.median <= load.p95
    assert 0 < load.per_second * 0.3 <= Page.asked


def test_measure_refuses_a_page_that_is_not_there(server):
    Page.status = 404
    with pytest.raises(RuntimeError, match=r"^The page did not come: b'HTTP/1\.1 404"):
        measure(server.server_port, "/", seconds=0.2)


@pytest.mark.parametrize("now", [datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 2, 28, 23, 59, tzinfo=UTC)])
@pytest.mark.parametrize(("posts", "in_month"), [(1_500, 500), (20_000, 600)])
def test_brand_is_as_large_on_any_day(now, posts, in_month):
    times = list(due_times(posts, now))
    first = now.replace(day=1, hour=0, minute=0)
    end = (first + timedelta(days=32)).replace(day=1)
    near = sum(now < at < end + timedelta(days=7) for at in times)
    assert (len(times), sum(first <= at < end for at in times)) == (posts, in_month)
    assert sum(at > now for at in times) == max(posts // 5, near)
    assert times == sorted(times)


@pytest.mark.django_db
def test_brand_has_the_numbers_the_bar_names():
    seed_plans()
    began = timezone.now()
    brand = make_brand(1_500)
    posts = Post.objects.filter(workspace=brand)
    first = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    month = posts.filter(due_at__gte=first, due_at__lt=(first + timedelta(days=32)).replace(day=1))
    assert (brand.channels.count(), posts.count(), month.count()) == (10, 1_500, 500)
    scheduled = posts.filter(status="scheduled").count()
    later, most = (posts.filter(due_at__gt=moment).count() for moment in (timezone.now(), began))
    assert max(300, later) <= scheduled <= most
    assert Publication.objects.count() == 3_000
    assert Attempt.objects.count() == Publication.objects.filter(status="published").count()
