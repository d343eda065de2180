"""The way to one's own order for somebody without an account."""

from __future__ import annotations

from django.db import models

from dayclear.isolation.models.orders import Order


class PersonLink(models.Model):
    """A link that was handed to the person under an order. The token itself is not kept, only its digest.

    It ends with the order, or when it is called back.
    """

    area = models.BigIntegerField()
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="links")
    digest = models.BinaryField(max_length=32, unique=True)
    language = models.CharField(max_length=8)
    made_at = models.DateTimeField()
    made_label = models.CharField(max_length=120)
    opened_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "isolation_person_link"
