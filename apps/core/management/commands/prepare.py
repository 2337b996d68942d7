"""Bring the database to this version of the program: after every installation and every update."""

from argparse import ArgumentParser

from django.core.management import call_command
from django.core.management.base import BaseCommand

STEPS = ("migrate", "seed_plans")
DEMO = "seed_demo"


class Command(BaseCommand):
    help = "Migrates and seeds the plans; safe to run at any time. --demo adds an organization to try things with."
    requires_system_checks = ()  # migrate runs them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="also make the demo organization, once")

    def handle(self, *, demo: bool, verbosity: int, **options: object) -> None:
        for step in (*STEPS, DEMO) if demo else STEPS:
            call_command(step, verbosity=verbosity, stdout=self.stdout, stderr=self.stderr)
