"""How long what took, told to an OpenTelemetry collector: requests, tasks and their SQL, never for whom.

Only `start` imports the packages (requirements/tracing.txt), and only installations with OTEL_EXPORTER_OTLP_ENDPOINT
call it; the SDK reads that and its other settings itself (opentelemetry.io, "SDK environment variables"). As in
`reporting`, what leaves is a list of what may leave: no address but its pattern, no value, no message of an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connections
from django.db.backends.signals import connection_created

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

KEPT = frozenset(
    {
        *("http.method", "http.request.method", "http.status_code", "http.response.status_code", "http.route"),
        *("celery.action", "celery.state", "celery.task_name", "messaging.destination", "messaging.destination.name"),
        *("db.query.text", "db.system.name"),
    }
)


def start() -> None:
    """Trace this process and those it forks. Raises ImportError where requirements/tracing.txt is not installed."""
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.celery import CeleryInstrumentor
    from opentelemetry.instrumentation.django import DjangoInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    class Exporter(OTLPSpanExporter):
        def export(self, spans: Sequence[ReadableSpan]) -> Any:
            return super().export([allowed(span) for span in spans])

    provider = TracerProvider(resource=Resource.create({"service.name": "lily"}))
    provider.add_span_processor(BatchSpanProcessor(Exporter()))
    trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument()
    CeleryInstrumentor().instrument()
    connection_created.connect(_watch, dispatch_uid="apps.core.tracing")
    for connection in connections.all(initialized_only=True):
        _watch(connection=connection)


def allowed(span: ReadableSpan) -> ReadableSpan:
    """What of a span may leave. Its name is a method with the address's pattern, a task or a word of SQL."""
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Status

    return ReadableSpan(
        name=span.name,
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in (span.attributes or {}).items() if name in KEPT},
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _watch(*, connection: Any, **facts: object) -> None:
    if _query not in connection.execute_wrappers:
        connection.execute_wrappers.append(_query)


def _query(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """The SQL as it was composed, with places for the values."""
    from opentelemetry import trace

    with trace.get_tracer(__name__).start_as_current_span(sql.partition(" ")[0], kind=trace.SpanKind.CLIENT) as span:
        span.set_attributes({"db.system.name": "postgresql", "db.query.text": str(sql)})
        return execute(sql, params, many, context)
