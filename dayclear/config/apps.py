"""Django registration of `config`."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "dayclear.config"
    label = "config"
    default_auto_field = "django.db.models.BigAutoField"
