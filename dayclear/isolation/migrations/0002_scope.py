"""Row-level security on every scoped table of this package."""

from django.db import migrations

from dayclear.foundation.scope import scoped_table


class Migration(migrations.Migration):
    dependencies = [("isolation", "0001_initial")]

    operations = [
        *scoped_table("isolation_order"),
        *scoped_table("isolation_phase"),
        *scoped_table("isolation_test_day"),
        *scoped_table("isolation_change"),
        *scoped_table("isolation_check"),
        *scoped_table("isolation_delivery"),
        *scoped_table("isolation_appeal"),
        *scoped_table("isolation_need"),
        *scoped_table("isolation_emergency"),
        *scoped_table("isolation_held_list"),
        *scoped_table("isolation_override"),
        *scoped_table("isolation_changeover"),
        *scoped_table("isolation_changeover_step"),
    ]
