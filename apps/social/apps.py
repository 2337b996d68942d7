from django.apps import AppConfig


class SocialConfig(AppConfig):
    name = "apps.social"

    def ready(self) -> None:
        from apps.core.networks import NETWORKS
        from apps.plans import entitlements, offers
        from apps.plans.catalog import Choice, Limit
        from apps.social import (
            examinations,  # noqa: F401 (registers with the doctor)
            providers,
            receivers,  # noqa: F401
        )
        from apps.social.models import Channel

        entitlements.register(
            Limit.CHANNELS, lambda organization: Channel.objects.of_organization(organization).counted().oldest_first()
        )
        offers.register(
            Choice.NETWORKS, lambda: {provider.key: NETWORKS[provider.key].label for provider in providers.offered()}
        )
