"""The only door to plans: what an organization may do, and how much of it is used."""

from __future__ import annotations


def allows(organization, feature) -> bool:
    return False
