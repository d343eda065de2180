"""Django registration of `people`."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "dayclear.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
