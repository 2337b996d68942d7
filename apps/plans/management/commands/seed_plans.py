"""Bring the plans of the database to what the catalog says."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from apps.plans.services import seed_plans


class Command(BaseCommand):
    help = "Adds the plans and updates them; what an operator has edited is shown and kept, unless --force."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, change nothing")
        parser.add_argument("--force", action="store_true", help="overwrite what an operator has edited")

    def handle(self, *, dry_run: bool, force: bool, **options: object) -> None:
        for seeded in seed_plans(dry_run=dry_run, force=force):
            self.stdout.write(f"{seeded.key}: {seeded.action}{' (not done)' if dry_run else ''}")
            for name, (row, wanted) in seeded.differences.items():
                self.stdout.write(f"  {name}: the row says {row}, the catalog {wanted}")
