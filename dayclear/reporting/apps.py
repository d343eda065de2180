"""Django registration of `reporting`."""

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "dayclear.reporting"
    label = "reporting"
    default_auto_field = "django.db.models.BigAutoField"
