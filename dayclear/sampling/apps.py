"""Django registration of `sampling`."""

from django.apps import AppConfig


class SamplingConfig(AppConfig):
    name = "dayclear.sampling"
    label = "sampling"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dayclear.people.merging import follow_person

        # Two records of one human in one tube stay two swabs of it; who they are is one.
        follow_person("sampling_swab", "person", once_per=("tube",), key="tube")
        follow_person("sampling_slip")
        follow_person("sampling_resident_code", key="serial")
        follow_person("sampling_exclusion", once_per=("cause",))
        follow_person("sampling_test_duty", once_per=("disease", "group"))
        follow_person("sampling_chain_member", once_per=("chain_id",))
