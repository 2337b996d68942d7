from django.core.management.base import BaseCommand, CommandParser

from apps.core import retention


class Command(BaseCommand):
    help = "Remove rows past their time. Runs nightly by itself; --dry-run says what would go and removes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go, remove nothing")

    def handle(self, *args: object, dry_run: bool, **options: object) -> None:
        if dry_run:
            for rule, count in retention.forecast():
                self.stdout.write(f"{rule.model}: {count} older than {rule.age.days} days ({rule.why})")
            return
        gone = retention.apply()
        self.stdout.write(f"Removed {sum(gone.values())} rows.")
