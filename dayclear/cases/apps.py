"""Django registration of `cases`."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "dayclear.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"
