"""Row-level security on every scoped table of this package."""

from django.db import migrations

from dayclear.foundation.scope import scoped_table


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE foundation_event_ordinal", "DROP SEQUENCE foundation_event_ordinal"),
        *scoped_table("foundation_event"),
        *scoped_table("foundation_deadline"),
    ]
