"""Make the organization a newcomer tries Lily with."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts.services.demo import seed_demo
from apps.core.errors import DomainError


class Command(BaseCommand):
    help = "Makes the demo person (DEMO_LOGIN, DEMO_PASSWORD) with an organization and a workspace, once."

    def handle(self, **options: object) -> None:
        try:
            made = seed_demo(email=settings.DEMO_LOGIN, password=settings.DEMO_PASSWORD)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Made {made.name} for {settings.DEMO_LOGIN}." if made else "The demo person is there.")
