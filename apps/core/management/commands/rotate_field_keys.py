from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core import crypto


class Command(BaseCommand):
    help = "Write every stored secret under the newest key of FIELD_KEYS. Can be stopped and started again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=500, help="rows per transaction")

    def handle(self, *args: object, batch: int, **options: object) -> None:
        done, broken = 0, 0
        for model, field in crypto.fields():
            written, unreadable = crypto.rotate(model, field, batch=batch)
            done, broken = done + written, broken + unreadable
            self.stdout.write(f"{model._meta.label}.{field.name}: {written} written anew, {unreadable} unreadable")
        if broken:
            raise CommandError(f"{broken} secrets do not open with any key; `manage.py doctor` names the missing ones.")
        self.stdout.write(f"{done} secrets now lie under the key {crypto.newest_key_id()}.")
