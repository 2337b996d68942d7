"""Connected profiles for tests: plain functions, every argument optional."""

from itertools import count

from apps.accounts.models import Workspace
from apps.core import clock
from apps.social import providers
from apps.social.models import Channel, SandboxFault
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
    if network == "sandbox":
        values |= sandbox_permission(workspace)
    channel = Channel(workspace=workspace, network=network, **(values | fields))
    channel.renew(channel.credentials)
    channel.save()
    return channel


def sandbox_permission(workspace: Workspace) -> dict:
    """What the sandbox gives when a workspace connects to it."""
    sandbox = providers.get("sandbox")
    _url, remembered = sandbox.begin(server="", hint=workspace.slug, redirect_uri="http://127.0.0.1/", state="s")
    _profiles, account = sandbox.finish(remembered=remembered, query={"code": remembered["code"]}, redirect_uri="")
    return {"client_id": account.client_id, "credentials": account.credentials}


def make_fault(channel: Channel, kind: Fault, *, times: int = 1, seconds: int = 30) -> SandboxFault:
    """What the sandbox does instead of publishing on this channel, so many times."""
    return SandboxFault.objects.create(account_id=channel.account_id, kind=kind, times_left=times, seconds=seconds)
