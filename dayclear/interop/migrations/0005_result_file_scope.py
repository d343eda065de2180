"""Row-level security on result files."""

from django.db import migrations

from dayclear.foundation.scope import scoped_table


class Migration(migrations.Migration):
    dependencies = [("interop", "0004_result_file")]

    operations = [*scoped_table("interop_result_file")]
