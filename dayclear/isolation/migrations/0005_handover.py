import django.db.models.deletion
from django.db import migrations, models

from dayclear.foundation.scope import scoped_table


class Migration(migrations.Migration):
    dependencies = [("isolation", "0004_fewer_indexes"), ("people", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area", models.BigIntegerField()),
                ("to_place", models.BigIntegerField()),
                ("handed_at", models.DateTimeField()),
                ("handed_label", models.CharField(max_length=120)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="isolation.order"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.person"
                    ),
                ),
            ],
            options={
                "db_table": "isolation_handover",
                "indexes": [models.Index(fields=["area", "-handed_at"], name="handover_area")],
            },
        ),
        *scoped_table("isolation_handover"),
    ]
