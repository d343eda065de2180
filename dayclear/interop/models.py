"""Line-list imports: the file, its mapping, its progress and what it did."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

STATES = ("draft", "queued", "running", "done", "cancelled", "failed")


class Import(models.Model):
    """One line list on its way in.

    `rows_done` moves in the transaction of each chunk, so that a killed worker goes on where it stood. The counts add
    up: rows_done = created + updated + unchanged + continued + rejected.
    """

    area = models.BigIntegerField()
    file_name = models.CharField(max_length=200)
    size_bytes = models.BigIntegerField()
    sha256 = models.BinaryField(max_length=32)
    disease = models.CharField(max_length=32)
    numbering = models.CharField(max_length=64, blank=True)
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default="draft")
    cancel_requested = models.BooleanField(default=False)
    failure = models.CharField(max_length=48, blank=True)
    failure_params = models.JSONField(default=dict)
    rows_total = models.IntegerField(null=True)
    rows_done = models.IntegerField(default=0)
    created = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    continued = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    links = models.IntegerField(default=0)
    unresolved_links = models.IntegerField(default=0)
    uploaded_by = models.BigIntegerField(null=True)
    acting = models.JSONField()
    uploaded_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    retain_until = models.DateField()

    class Meta:
        db_table = "interop_import"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="import_state"),
            models.CheckConstraint(
                condition=Q(rows_done=F("created") + F("updated") + F("unchanged") + F("continued") + F("rejected")),
                name="import_counts_add_up",
            ),
        ]
        indexes = [
            models.Index(fields=["area", "-id"], name="import_area"),
            models.Index(fields=["sha256"], name="import_sha256"),
        ]


class ImportFrame(models.Model):
    """A piece of the uploaded file, encrypted: files live where backups and row-level security reach them."""

    area = models.BigIntegerField()
    upload = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="frames")
    number = models.IntegerField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "interop_import_frame"
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="import_frame_once")]


class ImportProblem(models.Model):
    """One thing wrong with one row. `value` is shortened, and left out where it identifies a person."""

    area = models.BigIntegerField()
    upload = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="problems")
    sheet = models.CharField(max_length=64, blank=True)
    row = models.IntegerField()
    column = models.CharField(max_length=120, blank=True)
    value = models.CharField(max_length=120, blank=True)
    code = models.CharField(max_length=48)
    params = models.JSONField(default=dict)
    rejects = models.BooleanField()

    class Meta:
        db_table = "interop_import_problem"
        indexes = [models.Index(fields=["upload", "-rejects", "id"], name="import_problem_upload")]


CHECK_STATES = ("queued", "running", "done", "failed")


class ImportCheck(models.Model):
    """What a draft import would do, read from the whole file before anything is written.

    `plan_digest` says for which settings it holds; its problem rows are the `problems` of the draft. `summary` holds
    counts only (`interop.wizard.Summary`).
    """

    area = models.BigIntegerField()
    upload = models.OneToOneField(Import, on_delete=models.CASCADE, related_name="check_result", primary_key=True)
    plan_digest = models.BinaryField(max_length=16)
    state = models.CharField(max_length=12)
    rows_read = models.IntegerField(default=0)
    summary = models.JSONField(default=dict)
    failure = models.CharField(max_length=48, blank=True)
    failure_params = models.JSONField(default=dict)

    class Meta:
        db_table = "interop_import_check"
        constraints = [models.CheckConstraint(condition=Q(state__in=CHECK_STATES), name="import_check_state")]


class SavedMapping(models.Model):
    """How columns of this shape were read before; found again by the hash of the headers."""

    area = models.BigIntegerField()
    headers_hash = models.BinaryField(max_length=16)
    disease = models.CharField(max_length=32)
    mapping = models.JSONField()
    used_at = models.DateTimeField()

    class Meta:
        db_table = "interop_saved_mapping"
        constraints = [models.UniqueConstraint(fields=["area", "headers_hash"], name="mapping_once")]


class ResultFile(models.Model):
    """A result file of a laboratory, kept as it came: what was read of it, and what became of it.

    `sealed` is the file, encrypted. Units: `rows` the file gave, `wells` went into results.
    """

    area = models.BigIntegerField()
    laboratory = models.ForeignKey("lab.Laboratory", on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    form = models.CharField(max_length=8)
    sha256 = models.BinaryField(max_length=32)
    sealed = models.BinaryField()
    rows = models.IntegerField()
    plates = models.IntegerField()
    uploaded_at = models.DateTimeField()
    uploaded_label = models.CharField(max_length=120)
    wells = models.IntegerField(null=True)
    taken_at = models.DateTimeField(null=True)
    taken_label = models.CharField(max_length=120, blank=True)
    retain_until = models.DateField()

    class Meta:
        db_table = "interop_result_file"
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_at=None, wells=None) | Q(taken_at__isnull=False, wells__gte=0),
                name="result_file_taken_whole",
            )
        ]
        indexes = [
            models.Index(fields=["area", "-uploaded_at", "-id"], name="result_file_place"),
            models.Index(fields=["retain_until"], name="result_file_end"),
        ]
