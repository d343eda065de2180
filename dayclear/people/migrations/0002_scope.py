"""Row-level security on every scoped table of this package."""

from django.db import migrations

from dayclear.foundation.scope import scoped_table


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        *scoped_table("people_person"),
        *scoped_table("people_match"),
        *scoped_table("people_merge"),
    ]
