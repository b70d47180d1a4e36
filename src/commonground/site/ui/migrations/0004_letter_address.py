from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ui", "0003_letter")]

    operations = [
        migrations.AddField(
            model_name="letter",
            name="address",
            field=models.EmailField(blank=True, max_length=254, verbose_name="another address than the person's own"),
        ),
    ]
