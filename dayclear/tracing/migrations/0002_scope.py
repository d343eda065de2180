"""Row-level security on every scoped table of this package."""

from django.db import migrations

from dayclear.foundation.scope import scoped_table


class Migration(migrations.Migration):
    dependencies = [("tracing", "0001_initial")]

    operations = [
        *scoped_table("tracing_exposure"),
        *scoped_table("tracing_contact"),
        *scoped_table("tracing_visit"),
        *scoped_table("tracing_chain_member"),
        *scoped_table("tracing_chain_count"),
    ]
