"""Row-level security on every table of this package."""

from django.db import migrations

from dayclear.foundation.scope import scoped_table


class Migration(migrations.Migration):
    dependencies = [("areas", "0001_initial")]

    operations = [
        *scoped_table("areas_risk_area"),
        *scoped_table("areas_member"),
        *scoped_table("areas_episode"),
        *scoped_table("areas_infection"),
        *scoped_table("areas_round"),
        *scoped_table("areas_notice"),
        *scoped_table("areas_measure"),
        *scoped_table("areas_published"),
        *scoped_table("areas_published_spell"),
    ]
