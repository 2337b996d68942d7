from django.apps import AppConfig


class ImagingConfig(AppConfig):
    name = "apps.imaging"

    def ready(self) -> None:
        from apps.accounts import exporting

        exporting.withhold("imaging.candidate.file")  # whole pictures are paid for when they are taken
