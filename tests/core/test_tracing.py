"""What arrives at a collector that reads OTLP by its own schema, sent by a process of its own: the SDK stays in it."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys

import pytest
from django.conf import settings
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.core.conftest import Peer

pytestmark = pytest.mark.django_db

ASK = """
import django; django.setup()
from django.conf import settings
from django.db import connection
from django.test import Client
settings.ROOT_URLCONF = "tests.core.pages"
client = Client(raise_request_exception=False, HTTP_HOST="localhost", HTTP_AUTHORIZATION="Bearer s3cret")
client.cookies["sessionid"] = "s3cret"
client.get("/test/broken/?token=s3cret", HTTP_USER_AGENT="s3cret")
from tests.core.tasks import break_with
break_with.apply(("s3cret",))
with connection.cursor() as cursor:
    cursor.execute("SELECT %s", ["s3cret"])
from opentelemetry import trace; trace.get_tracer_provider().shutdown()
"""
QUIET = "import django, sys; django.setup(); print('opentelemetry.instrumentation.django' in sys.modules)"


def run(program: str, endpoint: str) -> str:
    told = os.environ | {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"}
    return subprocess.run(
        [sys.executable, "-c", program], cwd=settings.BASE_DIR, env=told, check=True, capture_output=True, text=True
    ).stdout


def spans(peer: Peer) -> list[Span]:
    requests = [ExportTraceServiceRequest.FromString(gzip.decompress(body)) for body in peer.bodies]
    scopes = [scope for request in requests for resource in request.resource_spans for scope in resource.scope_spans]
    return [span for scope in scopes for span in scope.spans]


def test_requests_tasks_and_sql_arrive_without_secrets(peer):
    run(ASK, peer.url)
    assert {call[:2] for call in peer.calls} == {("POST", "/v1/traces")}
    found = {span.name: span for span in spans(peer)}
    assert set(found) >= {"GET test/broken/", "run/tests.core.tasks.break_with", "SELECT"}
    page = {one.key: one.value for one in found["GET test/broken/"].attributes}
    assert (page["http.status_code"].int_value, page["http.route"].string_value) == (500, "test/broken/")
    assert b"s3cret" not in b"".join(gzip.decompress(body) for body in peer.bodies)


def test_sql_belongs_to_its_request(peer):
    asking = ASK.replace("/test/broken/?token=s3cret", "/account/profile/")
    run(asking.replace("s3cret", "s3cret-s3cret-s3cret"), peer.url)
    found = spans(peer)
    page = next(span for span in found if span.name == "GET account/profile/")
    inside = [span for span in found if span.parent_span_id == page.span_id]
    said = [one.value.string_value for span in inside for one in span.attributes if one.key == "db.query.text"]
    assert [sql.partition(" WHERE ")[0] for sql in said if "django_session" in sql] == [
        'SELECT "django_session"."session_key", "django_session"."session_data", "django_session"."expire_date" '
        'FROM "django_session"'
    ]
    assert {span.trace_id for span in inside} == {page.trace_id}


def test_nothing_is_traced_without_a_collector():
    assert run(QUIET, "") == "False\n"
