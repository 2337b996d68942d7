from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"

    def ready(self) -> None:
        from apps.accounts import receivers  # noqa: F401
        from apps.plans import entitlements
        from apps.plans.catalog import Limit

        entitlements.register(Limit.MEMBERS, lambda organization: organization.memberships.longest_standing())
        entitlements.register(Limit.MEMBERS, lambda organization: organization.invitations.pending())
        entitlements.register(Limit.WORKSPACES, lambda organization: organization.workspaces.staying())
