from django.apps import AppConfig


class SocialConfig(AppConfig):
    name = "apps.social"

    def ready(self) -> None:
        from apps.plans import entitlements
        from apps.plans.catalog import Limit
        from apps.social import (
            examinations,  # noqa: F401 (registers with the doctor)
            receivers,  # noqa: F401
        )
        from apps.social.models import Channel

        entitlements.register(
            Limit.CHANNELS, lambda organization: Channel.objects.of_organization(organization).counted().oldest_first()
        )
