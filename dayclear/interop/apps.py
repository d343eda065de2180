"""Django registration of `interop`."""

from importlib import import_module

from django.apps import AppConfig


class InteropConfig(AppConfig):
    name = "dayclear.interop"
    label = "interop"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("dayclear.interop.plate_files")
