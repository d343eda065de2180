"""Django registration of `places`."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "dayclear.places"
    label = "places"
    default_auto_field = "django.db.models.BigAutoField"
