from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0003_search'),
        ('sampling', '0006_items'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='box',
            index=models.Index(condition=models.Q(('state', 'lost')), fields=['closed_at'], name='box_lost'),
        ),
        migrations.AddIndex(
            model_name='boxedtube',
            index=models.Index(condition=models.Q(('condition__in', ('damaged', 'leaked', 'missing', 'rejected'))), fields=['tube'], name='boxed_tube_unusable'),
        ),
        migrations.AddIndex(
            model_name='chainmember',
            index=models.Index(condition=models.Q(('outcome', 'negative'), ('told_at', None)), fields=['area'], name='chain_member_untold'),
        ),
    ]
