import json
import sys
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandParser

from apps.core import doctor


class Command(BaseCommand):
    help = "Say what is wrong with this installation. Exit code 0: nothing, 1: warnings only, 2: errors."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object, for scripts")

    def handle(self, *args: object, **options: object) -> None:
        reports = doctor.examine()
        worst = doctor.worst(reports)
        if options["json"]:
            checks = [asdict(report) | {"level": report.level} for report in reports]
            self.stdout.write(json.dumps({"level": worst, "checks": checks}, indent=2))
        else:
            self._say(reports)
        sys.exit({doctor.Level.OK: 0, doctor.Level.WARNING: 1, doctor.Level.ERROR: 2}[worst])

    def _say(self, reports: list[doctor.Report]) -> None:
        marks = {doctor.Level.OK: "✓", doctor.Level.WARNING: "!", doctor.Level.ERROR: "✗"}
        for report in reports:
            self.stdout.write(f"{marks[report.level]} {report.title}")
            for finding in report.findings:
                self.stdout.write(f"  {marks[finding.level]} {finding.problem}\n    {finding.cure}")
