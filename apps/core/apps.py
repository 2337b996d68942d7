from django.apps import AppConfig
from django.conf import settings


class CoreConfig(AppConfig):
    name = "apps.core"

    def ready(self) -> None:
        from apps.core import checks, examinations, languages, metrics, prepared  # noqa: F401  # they register what they hold

        languages.build()
        if settings.SENTRY_DSN:
            from apps.core import reporting

            reporting.start()
        if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
            from apps.core import tracing

            tracing.start()
