"""What letting go of a brake will do, said before it is done. The apps above know it, and say so in `ready()`."""

from __future__ import annotations

from collections.abc import Callable

from apps.accounts.models import Organization, Workspace

Teller = Callable[[Organization, Workspace | None], list[str]]

_tellers: list[Teller] = []


def foretold_by(teller: Teller) -> None:
    """Have `teller` asked what resuming an organization, or one workspace of it, does: sentences for people."""
    _tellers.append(teller)


def foretell(organization: Organization, workspace: Workspace | None = None) -> list[str]:
    """What happens when the brake of the organization, or of its workspace, is let go now."""
    return [sentence for teller in _tellers for sentence in teller(organization, workspace)]
