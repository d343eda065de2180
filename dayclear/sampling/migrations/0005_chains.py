import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from dayclear.foundation.scope import scoped_table


TABLES = (
    "sampling_squad",
    "sampling_squad_member",
    "sampling_chain",
    "sampling_chain_member",
    "sampling_resample",
    "sampling_contact_attempt",
    "sampling_hand_over",
)


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0002_scope'),
        ('sampling', '0004_point_plan'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Chain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.BigIntegerField()),
                ('tube', models.BigIntegerField()),
                ('disease', models.CharField(max_length=32)),
                ('laboratory', models.CharField(blank=True, max_length=120)),
                ('alarm', models.CharField(max_length=16)),
                ('alarm_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('legs_due', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), size=5)),
                ('policy', models.CharField(blank=True, max_length=80)),
                ('state', models.CharField(default='open', max_length=10)),
                ('members', models.SmallIntegerField(default=0)),
                ('located', models.SmallIntegerField(default=0)),
                ('held', models.SmallIntegerField(default=0)),
                ('collected', models.SmallIntegerField(default=0)),
                ('delivered', models.SmallIntegerField(default=0)),
                ('assayed', models.SmallIntegerField(default=0)),
                ('reported', models.SmallIntegerField(default=0)),
                ('positive', models.SmallIntegerField(default=0)),
                ('transferred', models.SmallIntegerField(default=0)),
                ('given_up', models.SmallIntegerField(default=0)),
                ('elsewhere', models.SmallIntegerField(default=0)),
                ('collected_at', models.DateTimeField(null=True)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('assayed_at', models.DateTimeField(null=True)),
                ('reported_at', models.DateTimeField(null=True)),
                ('transferred_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'sampling_chain',
            },
        ),
        migrations.CreateModel(
            name='ChainMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.BigIntegerField()),
                ('tube', models.BigIntegerField()),
                ('alarm_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('attempts', models.SmallIntegerField(default=0)),
                ('tried_at', models.DateTimeField(null=True)),
                ('located_at', models.DateTimeField(null=True)),
                ('located_how', models.CharField(blank=True, max_length=10)),
                ('located_where', models.CharField(blank=True, max_length=200)),
                ('held_at', models.DateTimeField(null=True)),
                ('held_where', models.CharField(blank=True, max_length=200)),
                ('hold_until', models.DateTimeField(null=True)),
                ('specimen', models.BigIntegerField(null=True)),
                ('collected_at', models.DateTimeField(null=True)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('assayed_at', models.DateTimeField(null=True)),
                ('reported_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=10)),
                ('departed_at', models.DateTimeField(null=True)),
                ('arrived_at', models.DateTimeField(null=True)),
                ('told_at', models.DateTimeField(null=True)),
                ('note', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'db_table': 'sampling_chain_member',
            },
        ),
        migrations.CreateModel(
            name='ContactAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.BigIntegerField()),
                ('kind', models.CharField(max_length=8)),
                ('outcome', models.CharField(max_length=16)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField()),
                ('by_label', models.CharField(max_length=120)),
            ],
            options={
                'db_table': 'sampling_contact_attempt',
            },
        ),
        migrations.CreateModel(
            name='HandOver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.BigIntegerField()),
                ('part', models.CharField(max_length=10)),
                ('at', models.DateTimeField()),
                ('place', models.CharField(max_length=200)),
                ('given_by', models.CharField(max_length=120)),
                ('taken_by', models.CharField(max_length=120)),
                ('recorded_label', models.CharField(max_length=120)),
            ],
            options={
                'db_table': 'sampling_hand_over',
            },
        ),
        migrations.CreateModel(
            name='Resample',
            fields=[
                ('tube', models.BigIntegerField(primary_key=True, serialize=False)),
                ('area', models.BigIntegerField()),
                ('bound_at', models.DateTimeField()),
                ('result', models.CharField(blank=True, max_length=16)),
                ('reported_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'sampling_resample',
            },
        ),
        migrations.CreateModel(
            name='Squad',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.BigIntegerField()),
                ('name', models.CharField(max_length=80)),
                ('made_at', models.DateTimeField()),
                ('made_label', models.CharField(max_length=120)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'sampling_squad',
            },
        ),
        migrations.CreateModel(
            name='SquadMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.BigIntegerField()),
                ('joined_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'sampling_squad_member',
            },
        ),
        migrations.AddIndex(
            model_name='numberblock',
            index=models.Index(fields=['last'], name='block_last'),
        ),
        migrations.AddField(
            model_name='chainmember',
            name='chain',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='people', to='sampling.chain'),
        ),
        migrations.AddField(
            model_name='chainmember',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person'),
        ),
        migrations.AddField(
            model_name='contactattempt',
            name='member',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tries', to='sampling.chainmember'),
        ),
        migrations.AddField(
            model_name='handover',
            name='member',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hand_overs', to='sampling.chainmember'),
        ),
        migrations.AddField(
            model_name='resample',
            name='member',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='resamples', to='sampling.chainmember'),
        ),
        migrations.AddConstraint(
            model_name='squad',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('area', 'name'), name='squad_name_once'),
        ),
        migrations.AddField(
            model_name='chainmember',
            name='squad',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='sampling.squad'),
        ),
        migrations.AddField(
            model_name='chain',
            name='squad',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='chains', to='sampling.squad'),
        ),
        migrations.AddField(
            model_name='squadmember',
            name='squad',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='people', to='sampling.squad'),
        ),
        migrations.AddField(
            model_name='squadmember',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='contactattempt',
            index=models.Index(fields=['member', '-at'], name='contact_attempt_member'),
        ),
        migrations.AddConstraint(
            model_name='contactattempt',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('call', 'visit'))), name='contact_attempt_kind'),
        ),
        migrations.AddConstraint(
            model_name='contactattempt',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ('reached', 'no_answer', 'number_wrong', 'not_there', 'refused'))), name='contact_attempt_outcome'),
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.UniqueConstraint(fields=('member', 'part'), name='hand_over_once'),
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.CheckConstraint(condition=models.Q(('part__in', ('departure', 'arrival'))), name='hand_over_part'),
        ),
        migrations.AddIndex(
            model_name='chainmember',
            index=models.Index(condition=models.Q(('outcome', '')), fields=['area', 'due_at', 'id'], name='chain_member_open'),
        ),
        migrations.AddIndex(
            model_name='chainmember',
            index=models.Index(fields=['squad', 'due_at', 'id'], name='chain_member_squad'),
        ),
        migrations.AddIndex(
            model_name='chainmember',
            index=models.Index(fields=['person'], name='chain_member_person'),
        ),
        migrations.AddConstraint(
            model_name='chainmember',
            constraint=models.UniqueConstraint(fields=('chain', 'person'), name='chain_member_once'),
        ),
        migrations.AddConstraint(
            model_name='chainmember',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ('', 'positive', 'negative', 'given_up'))), name='chain_member_outcome'),
        ),
        migrations.AddConstraint(
            model_name='chainmember',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome__in', ('positive', 'negative')), _negated=True), ('reported_at__isnull', False), _connector='OR'), name='chain_member_reported'),
        ),
        migrations.AddConstraint(
            model_name='chainmember',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('held_at', None), ('hold_until', None)), ('hold_until__gt', models.F('held_at')), _connector='OR'), name='chain_member_hold_ends'),
        ),
        migrations.AddConstraint(
            model_name='chainmember',
            constraint=models.CheckConstraint(condition=models.Q(('arrived_at', None), ('departed_at__isnull', False), _connector='OR'), name='chain_member_handed_over'),
        ),
        migrations.AddIndex(
            model_name='chain',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['due_at', 'id'], name='chain_open'),
        ),
        migrations.AddIndex(
            model_name='chain',
            index=models.Index(condition=models.Q(('state', 'open'), _negated=True), fields=['-closed_at', '-id'], name='chain_finished'),
        ),
        migrations.AddConstraint(
            model_name='chain',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'annulled'), _negated=True), fields=('tube',), name='chain_once'),
        ),
        migrations.AddConstraint(
            model_name='chain',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('open', 'closed', 'annulled'))), name='chain_state'),
        ),
        migrations.AddConstraint(
            model_name='chain',
            constraint=models.CheckConstraint(condition=models.Q(('alarm__in', ('positive', 'single_target'))), name='chain_alarm'),
        ),
        migrations.AddConstraint(
            model_name='chain',
            constraint=models.CheckConstraint(condition=models.Q(('due_at__gt', models.F('alarm_at'))), name='chain_due'),
        ),
        migrations.AddConstraint(
            model_name='chain',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='chain_closed'),
        ),
        migrations.AddConstraint(
            model_name='squadmember',
            constraint=models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('squad', 'user'), name='squad_member_once'),
        ),
        *(operation for table in TABLES for operation in scoped_table(table)),
    ]
