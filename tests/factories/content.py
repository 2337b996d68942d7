"""Posts for tests: plain functions, every argument optional."""

from datetime import datetime, timedelta

from apps.accounts.models import Workspace
from apps.content import services
from apps.content.models import Post, Publication, Suggestion
from apps.core import clock
from apps.social.models import Channel
from tests.factories.accounts import make_workspace
from tests.factories.social import make_channel


def make_post(
    *, workspace: Workspace | None = None, channels: list[Channel] | None = None, text: str = "Fresh bread", **fields
) -> Post:
    """A draft for `channels` (a sandbox profile, if None)."""
    if channels is None:
        channels = [make_channel(workspace=workspace)]
    workspace = workspace or channels[0].workspace
    return services.create_post(workspace=workspace, author=None, text=text, channels=channels, **fields)


def make_scheduled(*, at: datetime | None = None, **fields) -> Post:
    """A post on the calendar, an hour ahead unless said otherwise."""
    return services.schedule_post(post=make_post(**fields), at=at or clock.now() + timedelta(hours=1))


def make_due(**fields) -> Publication:
    """A publication that is due this second."""
    return make_scheduled(at=clock.now(), **fields).publications.get()


def make_suggestion(
    *, workspace: Workspace | None = None, topic: str = "Rye bread is back", text: str = "Rye is back.", **fields
) -> Suggestion:
    """Words that were asked for and written; with an empty `text`, words that are still waited for."""
    values = {"network": "bluesky", "state": "written" if text else "waiting", "writer": "Lily's own words"} | fields
    return Suggestion.objects.create(workspace=workspace or make_workspace(), topic=topic, text=text, **values)
