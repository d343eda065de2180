"""Django registration of the foundation."""

from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "dayclear.foundation"
    label = "foundation"
    default_auto_field = "django.db.models.BigAutoField"
