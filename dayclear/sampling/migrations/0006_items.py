import django.db.models.deletion
from django.db import migrations, models

from dayclear.foundation.scope import scoped_table


class Migration(migrations.Migration):

    dependencies = [
        ('sampling', '0005_chains'),
    ]

    operations = [
        migrations.CreateModel(
            name='ItemAlarm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.BigIntegerField()),
                ('tube', models.BigIntegerField()),
                ('disease', models.CharField(max_length=32)),
                ('laboratory', models.CharField(blank=True, max_length=120)),
                ('alarm', models.CharField(max_length=16)),
                ('alarm_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('state', models.CharField(default='open', max_length=10)),
                ('closed_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'sampling_item_alarm',
            },
        ),
        migrations.CreateModel(
            name='ItemStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.BigIntegerField()),
                ('step', models.CharField(max_length=10)),
                ('at', models.DateTimeField()),
                ('people', models.IntegerField(null=True)),
                ('note', models.CharField(max_length=300)),
                ('by_label', models.CharField(max_length=120)),
            ],
            options={
                'db_table': 'sampling_item_step',
            },
        ),
        migrations.AddIndex(
            model_name='tube',
            index=models.Index(condition=models.Q(('kind', 'persons'), _negated=True), fields=['number'], name='tube_of_items'),
        ),
        migrations.AddIndex(
            model_name='tube',
            index=models.Index(condition=models.Q(('kind', 'persons'), _negated=True), fields=['area', '-opened_at', '-number'], name='tube_items'),
        ),
        migrations.AddIndex(
            model_name='itemalarm',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['due_at', 'id'], name='item_alarm_open'),
        ),
        migrations.AddConstraint(
            model_name='itemalarm',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'annulled'), _negated=True), fields=('tube',), name='item_alarm_once'),
        ),
        migrations.AddConstraint(
            model_name='itemalarm',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('open', 'closed', 'annulled'))), name='item_alarm_state'),
        ),
        migrations.AddConstraint(
            model_name='itemalarm',
            constraint=models.CheckConstraint(condition=models.Q(('alarm__in', ('positive', 'single_target'))), name='item_alarm_alarm'),
        ),
        migrations.AddConstraint(
            model_name='itemalarm',
            constraint=models.CheckConstraint(condition=models.Q(('due_at__gt', models.F('alarm_at'))), name='item_alarm_due'),
        ),
        migrations.AddConstraint(
            model_name='itemalarm',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='item_alarm_closed'),
        ),
        migrations.AddField(
            model_name='itemstep',
            name='alarm',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='sampling.itemalarm'),
        ),
        migrations.AddConstraint(
            model_name='itemstep',
            constraint=models.UniqueConstraint(fields=('alarm', 'step'), name='item_step_once'),
        ),
        migrations.AddConstraint(
            model_name='itemstep',
            constraint=models.CheckConstraint(condition=models.Q(('step__in', ('seal', 'trace', 'disinfect'))), name='item_step_known'),
        ),
        migrations.AddConstraint(
            model_name='itemstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('step', 'trace'), ('people__gte', 0)), models.Q(models.Q(('step', 'trace'), _negated=True), ('people', None)), _connector='OR'), name='item_step_people'),
        ),
        *scoped_table("sampling_item_alarm"),
        *scoped_table("sampling_item_step"),
    ]
