"""Django registration of `policy`."""

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class PolicyConfig(AppConfig):
    name = "dayclear.policy"
    label = "policy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dayclear.policy.schema import TIME_ZONE

        # Cases count their days by the installation's zone, orders by the packs': "today" is one day for both.
        if settings.TIME_ZONE != TIME_ZONE:
            raise ImproperlyConfigured(
                f"DAYCLEAR_TIME_ZONE is {settings.TIME_ZONE}; the packs count days in {TIME_ZONE}"
            )
