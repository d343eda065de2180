"""Django registration of `isolation`."""

from importlib import import_module

from django.apps import AppConfig


class IsolationConfig(AppConfig):
    name = "dayclear.isolation"
    label = "isolation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dayclear.people.merging import follow_person

        # A person has one open order; where both rows of a merge have one, a reaction settles which goes on.
        follow_person("isolation_order", once_per=("open_key",))
        follow_person("isolation_emergency")
        follow_person("isolation_override")
        follow_person("isolation_handover")
        import_module("dayclear.isolation.reactions")
        import_module("dayclear.isolation.parts")
