import django.db.models.deletion
from django.db import migrations, models

from dayclear.foundation.scope import scoped_table


class Migration(migrations.Migration):
    dependencies = [("isolation", "0002_scope")]

    operations = [
        migrations.CreateModel(
            name="PersonLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area", models.BigIntegerField()),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("language", models.CharField(max_length=8)),
                ("made_at", models.DateTimeField()),
                ("made_label", models.CharField(max_length=120)),
                ("opened_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="isolation.order"
                    ),
                ),
            ],
            options={"db_table": "isolation_person_link"},
        ),
        *scoped_table("isolation_person_link"),
    ]
