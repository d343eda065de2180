"""Django registration of `interop`."""

from django.apps import AppConfig


class InteropConfig(AppConfig):
    name = "dayclear.interop"
    label = "interop"
    default_auto_field = "django.db.models.BigAutoField"
