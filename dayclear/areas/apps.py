"""Django registration of `areas`."""

from django.apps import AppConfig


class AreasConfig(AppConfig):
    name = "dayclear.areas"
    label = "areas"
    default_auto_field = "django.db.models.BigAutoField"
