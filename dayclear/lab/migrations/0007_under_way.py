from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lab', '0006_dispatch_accepted'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='tubeflow',
            index=models.Index(condition=models.Q(('stage__lt', 5), ('tubes__gt', 0)), fields=['area', 'hour'], name='tube_flow_under_way'),
        ),
    ]
