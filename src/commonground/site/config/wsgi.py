"""The door for a web server: `gunicorn commonground.site.config.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonground.site.config.settings")
application = get_wsgi_application()
