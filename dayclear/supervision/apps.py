"""Django registration of `supervision`."""

from importlib import import_module

from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "dayclear.supervision"
    label = "supervision"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("dayclear.supervision.reactions")
