"""A program that asks the API with a key."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from django.urls import reverse

from apps.accounts.catalog import SCOPES
from tests.factories import make_key


class Program:
    """`program.get("api_posts", workspace)`: the answer, as Django's test client gives it."""

    def __init__(self, tenant: Any, *, scopes=SCOPES, membership: Any = None) -> None:
        organization = getattr(tenant, "organization", tenant)
        membership = membership or organization.memberships.order_by("created_at").first()
        self.tenant, (self.key, self.token) = tenant, make_key(membership=membership, scopes=scopes)
        self.client = Client(headers={"Authorization": f"Bearer {self.token}"})

    def address(self, name: str, **parameters: Any) -> str:
        tenant = "workspace" if hasattr(self.tenant, "organization") else "organization"
        return reverse(name, kwargs={tenant: self.tenant.slug, **parameters})

    def get(self, name: str, query: dict | None = None, **parameters: Any) -> Any:
        return self.client.get(self.address(name, **parameters), query)

    def send(self, method: str, name: str, body: Any = None, headers: dict | None = None, **parameters: Any) -> Any:
        path = self.address(name, **parameters)
        return self.client.generic(
            method, path, b"" if body is None else _json(body), content_type="application/json", headers=headers
        )

    def post(self, name: str, body: Any = None, headers: dict | None = None, **parameters: Any) -> Any:
        return self.send("POST", name, body, headers, **parameters)


def _json(body: Any) -> bytes:

    return json.dumps(body).encode()
