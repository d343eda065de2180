"""The check of a draft before it is started, and finding the same file again."""

import django.db.models.deletion
from django.db import migrations, models

from dayclear.foundation.scope import scoped_table


class Migration(migrations.Migration):
    dependencies = [("interop", "0002_scope")]

    operations = [
        migrations.CreateModel(
            name="ImportCheck",
            fields=[
                ("area", models.BigIntegerField()),
                (
                    "upload",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="check_result",
                        serialize=False,
                        to="interop.import",
                    ),
                ),
                ("plan_digest", models.BinaryField(max_length=16)),
                ("state", models.CharField(max_length=12)),
                ("rows_read", models.IntegerField(default=0)),
                ("summary", models.JSONField(default=dict)),
                ("failure", models.CharField(blank=True, max_length=48)),
                ("failure_params", models.JSONField(default=dict)),
            ],
            options={"db_table": "interop_import_check"},
        ),
        migrations.AddConstraint(
            model_name="importcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("queued", "running", "done", "failed"))), name="import_check_state"
            ),
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["sha256"], name="import_sha256"),
        ),
        *scoped_table("interop_import_check"),
    ]
