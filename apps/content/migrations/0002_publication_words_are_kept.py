from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="publication",
            name="sent_text",
            field=models.TextField(blank=True, help_text="The words as they go out: the same for every try."),
        ),
        migrations.AlterField(
            model_name="publication",
            name="status",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("queued", "Scheduled"),
                    ("sending", "Going out"),
                    ("published", "Published"),
                    ("unknown", "Checking"),
                    ("rejected", "Refused"),
                    ("missed", "Missed"),
                    ("cancelled", "Cancelled"),
                ],
                default="draft",
                max_length=12,
                verbose_name="state",
            ),
        ),
    ]
