"""Row-level security on rounds of dispatch."""

from django.db import migrations

from dayclear.foundation.scope import scoped_table


class Migration(migrations.Migration):
    dependencies = [("lab", "0004_dispatch")]

    operations = [*scoped_table("lab_dispatch"), *scoped_table("lab_dispatched_box")]
