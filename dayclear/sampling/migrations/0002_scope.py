"""Row-level security, the partitions of swabs, and number blocks that never overlap."""

from django.db import migrations

from dayclear.foundation.scope import scoped_table

TABLES = (
    "sampling_round",
    "sampling_point",
    "sampling_round_point",
    "sampling_enrolment_code",
    "sampling_device",
    "sampling_number_block",
    "sampling_upload",
    "sampling_tube",
    "sampling_swab",
    "sampling_pooled_item",
    "sampling_disputed_tube",
    "sampling_tally",
    "sampling_resident_code",
    "sampling_slip",
    "sampling_exclusion",
    "sampling_test_duty",
    "sampling_box",
    "sampling_boxed_tube",
    "sampling_box_signature",
)

# The application owns nothing and may make no table: these two run as the owner, and do this one thing each.
# A partition is made beside its parent and then attached, so that no upload waits for it. Nobody has rights on a
# partition by its own name (foundation/postgres/roles.py).
PARTITIONS = """
CREATE FUNCTION sampling_make_day(wanted date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    part text := 'sampling_swab_' || to_char(wanted, 'YYYYMMDD');
BEGIN
    -- One maker at a time, and uploads go on. A lock on the table, unlike an advisory one, also makes this session hear
    -- of the partition that another has just made.
    LOCK TABLE sampling_swab IN SHARE UPDATE EXCLUSIVE MODE;
    IF to_regclass(part) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE sampling_swab INCLUDING ALL)', part);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', part);
    EXECUTE format('ALTER TABLE sampling_swab ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        part, wanted, wanted + 1);
END $$;

CREATE FUNCTION sampling_drop_day(past date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    part text := 'sampling_swab_' || to_char(past, 'YYYYMMDD');
BEGIN
    IF past > current_date - 7 THEN
        RAISE EXCEPTION 'the swabs of % are not a week old', past;
    END IF;
    IF to_regclass(part) IS NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('DROP TABLE %I', part);
    RETURN true;
END $$;

REVOKE ALL ON FUNCTION sampling_make_day(date), sampling_drop_day(date) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("sampling", "0001_initial")]

    operations = [
        *(operation for table in TABLES for operation in scoped_table(table)),
        migrations.RunSQL(
            PARTITIONS, "DROP FUNCTION sampling_make_day(date); DROP FUNCTION sampling_drop_day(date)"
        ),
        migrations.RunSQL(
            """
            ALTER TABLE sampling_number_block ADD CONSTRAINT block_overlaps_none
            EXCLUDE USING gist (int8range(first, last, '[]') WITH &&)
            """,
            "ALTER TABLE sampling_number_block DROP CONSTRAINT block_overlaps_none",
        ),
    ]
