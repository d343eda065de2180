"""Django registration of `lab`."""

from importlib import import_module

from django.apps import AppConfig


class LabConfig(AppConfig):
    name = "dayclear.lab"
    label = "lab"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dayclear.foundation.deadlines import shown_with
        from dayclear.foundation.rules import Right
        from dayclear.lab.commands.returns import RETURN

        shown_with(RETURN, Right.SEE_LABS)
        import_module("dayclear.lab.reactions")
        import_module("dayclear.lab.texts")
        import_module("dayclear.lab.parts")
