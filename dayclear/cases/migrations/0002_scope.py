"""Row-level security on every scoped table of this package."""

from django.db import migrations

from dayclear.foundation.scope import scoped_table


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        *scoped_table("cases_case"),
        *scoped_table("cases_classification"),
        *scoped_table("cases_count"),
    ]
