"""Orders that another place answers for now."""

from __future__ import annotations

from django.db import models

from dayclear.isolation.models.orders import Order
from dayclear.people.models import Person


class Handover(models.Model):
    """An order handed over because its person moved. `area` is the place that gave it away and still reads this row.

    `person` is the row that stands for the human here, which another county does not see.
    """

    area = models.BigIntegerField()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    to_place = models.BigIntegerField()
    handed_at = models.DateTimeField()
    handed_label = models.CharField(max_length=120)

    class Meta:
        db_table = "isolation_handover"
        indexes = [models.Index(fields=["area", "-handed_at"], name="handover_area")]
