"""The API of organizations."""

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.catalog import Permission
from apps.accounts.decorators import api_call
from apps.accounts.serializers import UsageSerializer
from apps.plans import entitlements


@api_call(Permission.ORGANIZATION_VIEW)
def usage(request: Request) -> Response:
    """The organization's plan and what it has used of each limit."""
    organization = request.organization
    facts = {
        "plan": entitlements.plan_of(organization),
        "time_zone": organization.time_zone,
        "limits": entitlements.usage(organization),
    }
    return Response(UsageSerializer(facts).data)
