from django.db import migrations, models


class Migration(migrations.Migration):
    """The index of names serves a search by the beginning of a name, whatever the collation of the database;
    one of identity numbers finds merged people too."""

    dependencies = [("people", "0002_scope")]

    operations = [
        migrations.RemoveIndex(model_name="person", name="person_name"),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                fields=["name", "sex"],
                name="person_name",
                opclasses=["varchar_pattern_ops", "varchar_ops"],
                condition=~models.Q(name=""),
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                fields=["id_number_hash"],
                name="person_id_number",
                condition=models.Q(id_number_hash__isnull=False),
            ),
        ),
    ]
