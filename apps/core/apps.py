from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "apps.core"

    def ready(self) -> None:
        from apps.core import checks, examinations, metrics, prepared  # noqa: F401  # they register what they hold
