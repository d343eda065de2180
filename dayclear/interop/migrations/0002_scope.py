"""Row-level security on every scoped table of this package."""

from django.db import migrations

from dayclear.foundation.scope import scoped_table


class Migration(migrations.Migration):
    dependencies = [("interop", "0001_initial")]

    operations = [
        *scoped_table("interop_import"),
        *scoped_table("interop_import_frame"),
        *scoped_table("interop_import_problem"),
        *scoped_table("interop_saved_mapping"),
    ]
