"""Django registration of `tracing`."""

from importlib import import_module

from django.apps import AppConfig


class TracingConfig(AppConfig):
    name = "dayclear.tracing"
    label = "tracing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dayclear.people.merging import follow_person

        follow_person("tracing_contact", once_per=("case_id",))
        import_module("dayclear.tracing.reactions")
        import_module("dayclear.tracing.parts")
