import json

from django.core.management.base import BaseCommand

from apps.social.providers.bluesky import oauth


class Command(BaseCommand):
    help = "Prints a new private key for BLUESKY_CLIENT_KEY. Changing it ends every Bluesky connection."

    def handle(self, **options: object) -> None:
        self.stdout.write(json.dumps(oauth.new_key(), separators=(",", ":")))
