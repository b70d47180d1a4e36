"""Every address of the site: a table of contents."""

from django.conf import settings
from django.urls import include, path

from commonground.site.config import health, views

urlpatterns = [
    path("", views.home, name="home"),
    path("health/", health.health, name="health"),
    path("components/", views.components, name="components"),
    path("language/", views.language, name="set_language"),
    path("account/", include("allauth.urls")),
    path("partnerships/", include("commonground.site.partnership.urls")),
    path("formation/", include("commonground.site.formation.urls")),
    path("directory/", include("commonground.site.directory.urls")),
]

if settings.DEMO:
    from commonground.site.config import demo_mail

    urlpatterns.append(path("demo/mail/", demo_mail.mailbox, name="demo_mail"))
