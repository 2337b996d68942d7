from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"

    def ready(self) -> None:
        from apps.accounts import receivers  # noqa: F401
        from apps.accounts.models import Invitation, Membership, Workspace
        from apps.plans import entitlements
        from apps.plans.catalog import Limit

        entitlements.register(
            Limit.MEMBERS, lambda tenant: Membership.objects.filter(organization=tenant).longest_standing()
        )
        entitlements.register(
            Limit.MEMBERS, lambda tenant: Invitation.objects.filter(organization=tenant).pending(), by_clock=True
        )
        entitlements.register(Limit.WORKSPACES, lambda tenant: Workspace.objects.filter(organization=tenant).staying())
