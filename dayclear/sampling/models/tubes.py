"""Tubes and the swabs in them. Lean: two million tubes a day."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Tube(models.Model):
    """A closed tube of swabs pooled at collection. `number` is what its label says (rules/numbers.py).

    `day` is the local day of its first swab. Instants are by the server's clock: what the device's said is
    `shift_s` seconds less. `counter` is the upload it came in.
    """

    number = models.BigIntegerField(primary_key=True)
    area = models.BigIntegerField()
    day = models.DateField()
    round_id = models.BigIntegerField()
    point_id = models.BigIntegerField()
    device_id = models.BigIntegerField()
    counter = models.IntegerField()
    kind = models.CharField(max_length=12)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField()
    received_at = models.DateTimeField()
    shift_s = models.IntegerField(default=0)
    persons = models.SmallIntegerField()

    class Meta:
        db_table = "sampling_tube"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=("persons", "goods", "environment")), name="tube_kind"),
            models.CheckConstraint(condition=Q(closed_at__gte=F("opened_at")), name="tube_times"),
        ]
        indexes = [
            models.Index(fields=["round_id", "number"], name="tube_round"),
            models.Index(fields=["day", "number"], name="tube_day"),
            # Few beside millions: found without asking for each number of a plate.
            models.Index(fields=["number"], condition=~Q(kind="persons"), name="tube_of_items"),
            models.Index(fields=["area", "-opened_at", "-number"], condition=~Q(kind="persons"), name="tube_items"),
        ]


class Swab(models.Model):
    """That a person's swab is in a tube. Partitioned by day; a day is dropped whole when its time is over.

    Without foreign keys: the one statement that writes it joins the tube, which gives `area` and `day`; the person was
    looked up in the same transaction and follows a merge (apps.py).
    """

    pk = models.CompositePrimaryKey("tube", "person", "day")
    tube = models.BigIntegerField()
    person = models.BigIntegerField()
    day = models.DateField()
    area = models.BigIntegerField()

    class Meta:
        db_table = "sampling_swab"
        indexes = [models.Index(fields=["person", "day"], name="swab_person")]


class PooledItem(models.Model):
    """A swab of goods or of an environment in a tube: what was wiped, and where."""

    area = models.BigIntegerField()
    tube = models.BigIntegerField()
    position = models.SmallIntegerField()
    what = models.CharField(max_length=120)
    where = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "sampling_pooled_item"
        constraints = [models.UniqueConstraint(fields=["tube", "position"], name="pooled_item_once")]


class DisputedTube(models.Model):
    """A tube that was not taken in, kept as the device sent it until an officer has settled it.

    `content_sealed` is the tube as JSON, encrypted: it may hold identity numbers. Settled, it is emptied.
    """

    area = models.BigIntegerField()
    device = models.ForeignKey("sampling.Device", on_delete=models.PROTECT, related_name="+")
    counter = models.IntegerField()
    position = models.SmallIntegerField()
    label = models.CharField(max_length=40)
    code = models.CharField(max_length=40)
    params = models.JSONField()
    persons = models.SmallIntegerField()
    content_sealed = models.BinaryField(null=True)
    received_at = models.DateTimeField()
    shift_s = models.IntegerField(default=0)
    settled_at = models.DateTimeField(null=True)
    settled_label = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=12, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "sampling_disputed_tube"
        constraints = [
            models.UniqueConstraint(fields=["device", "counter", "position"], name="disputed_tube_once"),
            models.CheckConstraint(
                condition=Q(settled_at=None, outcome="", content_sealed__isnull=False)
                | Q(settled_at__isnull=False, outcome__in=("taken_in", "set_aside"), content_sealed=None),
                name="disputed_tube_settled",
            ),
        ]
        indexes = [
            models.Index(fields=["area", "received_at", "id"], condition=Q(settled_at=None), name="disputed_tube_open")
        ]


class Tally(models.Model):
    """How many tubes and persons a device closed at a point in an hour: kept with the tubes, so that boards never scan.

    One device writes a row at a time, so that no two uploads wait for each other.
    """

    pk = models.CompositePrimaryKey("device_id", "round_id", "point_id", "hour")
    area = models.BigIntegerField()
    device_id = models.BigIntegerField()
    round_id = models.BigIntegerField()
    point_id = models.BigIntegerField()
    hour = models.DateTimeField()
    tubes = models.IntegerField()
    persons = models.IntegerField()

    class Meta:
        db_table = "sampling_tally"
        indexes = [
            models.Index(fields=["round_id"], name="tally_round"),
            models.Index(fields=["area", "hour"], name="tally_place"),
        ]
