import signal
import threading

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.core import health


class Command(BaseCommand):
    help = "Answer /healthz, /readyz and /metrics on HEALTH_PORT until told to stop."

    def handle(self, *args: object, **options: object) -> None:
        try:
            server = health.server(settings.HEALTH_PORT, host=settings.HEALTH_HOST)
        except OSError as error:
            raise CommandError(f"HEALTH_PORT {settings.HEALTH_PORT} cannot be used: {error.strerror}.") from error
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        self.stdout.write(f"Health on port {server.server_port}.")
        server.serve_forever()
        server.server_close()
