from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sampling", "0002_scope")]

    operations = [
        migrations.AddField("boxedtube", "extra", models.BooleanField(default=False)),
    ]
