from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "apps.content"

    def ready(self) -> None:
        from apps.accounts import brakes
        from apps.content import (
            holding,
            receivers,  # noqa: F401
        )

        brakes.foretold_by(holding.foretell_resume)
