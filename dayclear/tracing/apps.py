"""Django registration of `tracing`."""

from django.apps import AppConfig


class TracingConfig(AppConfig):
    name = "dayclear.tracing"
    label = "tracing"
    default_auto_field = "django.db.models.BigAutoField"
