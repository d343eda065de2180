"""Django registration of `policy`."""

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "dayclear.policy"
    label = "policy"
    default_auto_field = "django.db.models.BigAutoField"
