"""Django registration of `sampling`."""

from importlib import import_module

from django.apps import AppConfig


class SamplingConfig(AppConfig):
    name = "dayclear.sampling"
    label = "sampling"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dayclear.foundation.deadlines import shown_with
        from dayclear.foundation.rules import Right
        from dayclear.people.merging import follow_person
        from dayclear.sampling.commands.boxes import BOX_DUE
        from dayclear.sampling.commands.chains.items import ITEM_ALARM
        from dayclear.sampling.commands.chains.rows import LEG_KINDS, MEMBER, TELL, WHOLE

        # Two records of one human in one tube stay two swabs of it; who they are is one.
        follow_person("sampling_swab", "person", once_per=("tube",), key="tube")
        follow_person("sampling_slip")
        follow_person("sampling_resident_code", key="serial")
        follow_person("sampling_exclusion", once_per=("cause",))
        follow_person("sampling_test_duty", once_per=("disease", "group"))
        follow_person("sampling_chain_member", once_per=("chain_id",))
        shown_with(BOX_DUE, Right.SEE_SAMPLING)
        import_module("dayclear.sampling.parts")
        # That a tube is positive is a result: it is for those who go after it.
        for kind in (WHOLE, MEMBER, TELL, *LEG_KINDS, ITEM_ALARM):
            shown_with(kind, Right.TRACE_TUBES)
        import_module("dayclear.sampling.chain_parts")
