"""Row-level security on every table of this package."""

from django.db import migrations

from dayclear.foundation.scope import scoped_table


class Migration(migrations.Migration):
    dependencies = [("supervision", "0001_initial")]

    operations = [
        *scoped_table("supervision_finding"),
        *scoped_table("supervision_complaint"),
    ]
