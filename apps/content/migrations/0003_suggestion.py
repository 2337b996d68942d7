import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.core.clock
import apps.core.ids


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('content', '0002_publication_words_are_kept'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Suggestion',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('request_key', models.UUIDField(default=uuid.uuid4, editable=False, help_text='From the form: sent twice, one row.')),
                ('topic', models.CharField(max_length=600, verbose_name='topic')),
                ('network', models.CharField(max_length=20, verbose_name='network')),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('writing', 'being written'), ('written', 'written'), ('failed', 'could not be written')], default='waiting', max_length=10)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('fence', models.UUIDField(blank=True, editable=False, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('problem', models.CharField(blank=True, help_text='For people.', max_length=300)),
                ('text', models.TextField(blank=True, verbose_name='text')),
                ('writer', models.CharField(blank=True, help_text='Who wrote it, for people.', max_length=120)),
                ('notes', models.JSONField(blank=True, default=list, help_text='What to look at before it goes out, for people.')),
                ('created_at', models.DateTimeField(default=apps.core.clock.now, editable=False)),
                ('post', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='content.post')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('workspace', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='suggestions', to='accounts.workspace')),
            ],
            options={
                'indexes': [models.Index(fields=['workspace', '-id'], name='suggestion_newest_first'), models.Index(fields=['created_at'], name='suggestion_by_age'), models.Index(condition=models.Q(('state__in', ['waiting', 'writing'])), fields=['created_at'], name='suggestion_open')],
                'constraints': [models.UniqueConstraint(fields=('workspace', 'request_key'), name='suggestion_request_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'written'), _negated=True), models.Q(('text', ''), _negated=True), _connector='OR'), name='suggestion_written_has_words'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), _negated=True), models.Q(('problem', ''), _negated=True), _connector='OR'), name='suggestion_failed_says_why')],
            },
        ),
    ]
