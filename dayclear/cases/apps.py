"""Django registration of `cases`."""

from importlib import import_module

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "dayclear.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dayclear.cases.commands import INVESTIGATION
        from dayclear.foundation.deadlines import shown_with
        from dayclear.foundation.rules import Right
        from dayclear.people.merging import follow_person

        follow_person("cases_case")
        shown_with(INVESTIGATION, Right.SEE_CASES)
        import_module("dayclear.cases.reactions")
        import_module("dayclear.cases.parts")
