"""Connected profiles for tests: plain functions, every argument optional."""

from itertools import count
from urllib.parse import parse_qsl, urlsplit

from apps.accounts.models import User, Workspace
from apps.core import clock
from apps.social import connecting, providers
from apps.social.models import Channel, ConnectState, SandboxFault
from apps.social.providers.base import Account, Profile
from apps.social.providers.sandbox import Fault
from tests.factories.accounts import make_workspace

_numbers = count(1)


def make_channel(
    *, workspace: Workspace | None = None, network: str = "sandbox", verified: bool = True, **fields
) -> Channel:
    """A connected profile. On the sandbox its permission is a real one; elsewhere pass `credentials` and `server`."""
    workspace = workspace or make_workspace()
    number = next(_numbers)
    values = {
        "account_id": f"{workspace.slug}:page{number}",
        "handle": f"@page{number}.{network}",
        "name": f"Page {number}",
        "verified_at": clock.now() if verified else None,
        "checked_at": clock.now(),
    }
    if network == "sandbox" and "credentials" not in fields:
        values["credentials"] = sandbox_credentials(workspace, values["account_id"])
    channel = Channel(workspace=workspace, network=network, **(values | fields))
    channel.renew(channel.credentials)
    channel.save()
    return channel


def sandbox_credentials(workspace: Workspace, account_id: str) -> dict:
    """What the sandbox gives when a workspace connects a page there."""
    profile = Profile(account_id, "@page.sandbox", "Page", "")
    return providers.get("sandbox").account_of(profile, Account("", "", "", "lily", {})).credentials


def make_choice(*, workspace: Workspace, user: User) -> ConnectState:
    """A sign-in at the sandbox that is back and waits for the person to choose profiles."""
    url = connecting.begin(provider=providers.get("sandbox"), workspace=workspace, user=user)
    query = dict(parse_qsl(urlsplit(url).query))
    state = connecting.claim(network="sandbox", user=user, token=query["state"])
    connecting.finish(state, query)
    return state


def make_fault(channel: Channel, kind: Fault, *, times: int = 1, seconds: int = 30) -> SandboxFault:
    """What the sandbox does instead of publishing on this channel, so many times."""
    return SandboxFault.objects.create(account_id=channel.account_id, kind=kind, times_left=times, seconds=seconds)
