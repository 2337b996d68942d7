"""The API of organizations."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import access
from apps.accounts.catalog import Permission
from apps.accounts.decorators import api_call
from apps.accounts.serializers import MemberSerializer, UsageSerializer, WorkspaceSerializer
from apps.core.paging import Page
from apps.core.serializers import listed, shown
from apps.plans import entitlements


@api_call(Permission.ORGANIZATION_VIEW, gives=UsageSerializer)
def usage(request: Request) -> Response:
    """Show the organization's plan and what it has used of each limit."""
    organization = request.organization
    facts = {
        "plan": entitlements.plan_of(organization),
        "time_zone": organization.time_zone,
        "limits": entitlements.usage(organization),
    }
    return shown(request, facts, UsageSerializer)


@api_call(Permission.WORKSPACE_VIEW, lists=WorkspaceSerializer)
def workspace_list(request: Request) -> Response:
    """List the workspaces the member may open, oldest first; a plan has few, so there is one page."""
    opened = access.find_open_workspaces(request.user)
    mine = [workspace for workspace in opened if workspace.organization_id == request.organization.pk]
    return listed(request, Page(mine, after=""), WorkspaceSerializer)


@api_call(Permission.ORGANIZATION_VIEW, lists=MemberSerializer)
def member_list(request: Request) -> Response:
    """List the members, oldest first; a plan has few, so there is one page."""
    return listed(request, Page(access.find_members(request.organization), after=""), MemberSerializer)
