"""What the doctor looks at in networks."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings

from apps.core import clock
from apps.core.doctor import Finding, check, error, warning
from apps.social.models import Channel
from apps.social.providers.bluesky import oauth

CHECK_LATE = timedelta(hours=12)


@check("networks", "Networks")
def check_networks() -> Iterator[Finding]:
    """Bluesky's sign-in can work here, and the profiles are being looked at."""
    if settings.BLUESKY_CLIENT_KEY:
        try:
            oauth.jwks()
        except ValueError:
            yield error(
                "BLUESKY_CLIENT_KEY is not a private ES256 key, so nobody can connect Bluesky.",
                "Set it to what manage.py make_bluesky_key prints.",
            )
    elif not oauth.is_loopback():
        yield warning(
            "Bluesky is not offered, because BLUESKY_CLIENT_KEY is missing.",
            "Set it to what manage.py make_bluesky_key prints, and keep BASE_URL an https address.",
        )
    late = Channel.objects.connected().filter(checked_at__lt=clock.now() - CHECK_LATE).count()
    if late:
        yield warning(
            f"{late} connected profiles were not looked at for twelve hours.", "Start beat and a worker again."
        )
