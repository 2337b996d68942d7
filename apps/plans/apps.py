from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "apps.plans"

    def ready(self) -> None:
        from apps.plans import examinations  # noqa: F401 (registers with the doctor)
