from django.db import migrations, models


class Migration(migrations.Migration):
    """References that wait for a case are looked up by their loose spelling when one comes in."""

    dependencies = [("tracing", "0002_scope")]

    operations = [
        migrations.AddIndex(
            model_name="exposure",
            index=models.Index(
                fields=["disease", "source_key"], name="exposure_key_unresolved", condition=models.Q(source=None)
            ),
        ),
    ]
