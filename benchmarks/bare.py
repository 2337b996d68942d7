"""The least a Django page can cost here: one indexed row, one small template, a persistent connection, nothing else.

No middleware, session or context processor. Pages are compared with it on the same server settings, and a machine on
which it is slow says nothing about Lily (bar.md).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django
import environ
from django.conf import settings

from benchmarks.load import measure, typical
from benchmarks.reporting import note
from benchmarks.servers import free_port, served

ROWS = 20_000
LEAST = 800  # requests a second at one connection, or the run is void
TURNS, SECONDS = 7, 0.4
TEMPLATE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ row.title }}</title></head>
<body><main><h1>{{ row.title }}</h1><p>{{ row.body }}</p></main></body></html>"""

if os.environ.get("DJANGO_SETTINGS_MODULE") == "benchmarks.bare":
    database = environ.Env().db("DATABASE_URL")
    settings.configure(
        SECRET_KEY="bare",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="benchmarks.bare",
        DATABASES={"default": database | {"CONN_MAX_AGE": None}},
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        (
                            "django.template.loaders.cached.Loader",
                            [("django.template.loaders.locmem.Loader", {"row.html": TEMPLATE})],
                        )
                    ]
                },
            }
        ],
        MIDDLEWARE=[],
        USE_TZ=True,
    )
    django.setup()

    from django.core.wsgi import get_wsgi_application
    from django.db import models
    from django.http import HttpRequest, HttpResponse
    from django.template.loader import render_to_string
    from django.urls import path

    class Row(models.Model):
        title = models.CharField(max_length=100)
        body = models.TextField()

        class Meta:
            app_label = "bare"
            db_table = "bench_bare"
            managed = False

        def __str__(self) -> str:
            return self.title

    def show(request: HttpRequest) -> HttpResponse:
        page = render_to_string("row.html", {"row": Row.objects.get(pk=ROWS // 2)})
        return HttpResponse(page, headers={"Content-Length": len(page)})

    urlpatterns = [path("", show)]
    application = get_wsgi_application()


@contextmanager
def serving() -> Iterator[int]:
    """The bare view on Lily's server and database; gives its port."""
    _make_table()
    port = free_port()
    with served("benchmarks.bare:application", port, DJANGO_SETTINGS_MODULE="benchmarks.bare"):
        yield port


def measure_alone(port: int) -> float:
    """Requests a second at one connection: how quick the machine is at this moment."""
    return typical([measure(port, "/", seconds=SECONDS) for _ in range(TURNS)]).per_second


def is_void(rates: list[float]) -> bool:
    """Whether the machine was too slow in one of these moments, which is said."""
    if void := min(rates) < LEAST:
        note(f"VOID: the bare view did {min(rates):.0f} requests a second; {LEAST} are needed.")
    return void


def _make_table() -> None:
    """The table of the bare view, in the database that the product's connection names."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_bare (id integer PRIMARY KEY, title varchar(100) NOT NULL, body text NOT NULL)"
        )
        cursor.execute(
            "INSERT INTO bench_bare SELECT n, 'Row ' || n, repeat('words ', 40) FROM generate_series(1, %s) AS n",
            [ROWS],
        )
        cursor.execute("ANALYZE bench_bare")
