"""Remove refused uploads past their week and files that no row knows."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from apps.media.cleaning import clean


class Command(BaseCommand):
    help = "Removes refused uploads after a week and stored files without a row. Runs nightly by itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go, remove nothing")

    def handle(self, *, dry_run: bool, **options: object) -> None:
        cleaned = clean(dry_run=dry_run)
        verb = "Would remove" if dry_run else "Removed"
        self.stdout.write(f"{verb} {cleaned.refused} refused uploads and {cleaned.orphans} files without a row.")
