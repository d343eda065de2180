"""Django registration of `areas`."""

from importlib import import_module

from django.apps import AppConfig


class AreasConfig(AppConfig):
    name = "dayclear.areas"
    label = "areas"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dayclear.areas.commands import ASSESSMENT, REVIEW, STEP
        from dayclear.foundation.deadlines import shown_with
        from dayclear.foundation.rules import Right

        # An area is public; that something of it is due is the business of those who may do it.
        for kind in (STEP, ASSESSMENT, REVIEW):
            shown_with(kind, Right.PROPOSE_AREAS)
        import_module("dayclear.areas.reactions")
        import_module("dayclear.areas.parts")
