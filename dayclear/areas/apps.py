"""Django registration of `areas`."""

from importlib import import_module

from django.apps import AppConfig


class AreasConfig(AppConfig):
    name = "dayclear.areas"
    label = "areas"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("dayclear.areas.reactions")
        import_module("dayclear.areas.parts")
