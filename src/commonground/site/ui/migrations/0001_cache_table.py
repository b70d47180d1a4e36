"""The table behind Django's cache, in which sign-in counts attempts: all processes that answer requests must share the count.

Unlogged, because what it holds may be lost in a crash. The columns are those that Django's DatabaseCache expects.
"""

from django.db import migrations

CREATE = """
CREATE UNLOGGED TABLE ui_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX ui_cache_expires ON ui_cache (expires);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(CREATE, "DROP TABLE ui_cache")]
