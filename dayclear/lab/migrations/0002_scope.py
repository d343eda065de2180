"""Row-level security on every scoped table of this package. Assays and their cut-offs are the same everywhere."""

from django.db import migrations

from dayclear.foundation.scope import scoped_table

TABLES = (
    "lab_laboratory",
    "lab_instrument",
    "lab_return",
    "lab_received_tube",
    "lab_plate",
    "lab_result",
    "lab_correction",
    "lab_hour",
    "lab_plate_quality",
    "lab_quality_point",
    "lab_quality_alarm",
)


class Migration(migrations.Migration):
    dependencies = [("lab", "0001_initial")]

    operations = [operation for table in TABLES for operation in scoped_table(table)]
