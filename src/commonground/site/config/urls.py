"""Every address of the site: a table of contents."""

from django.conf import settings
from django.urls import include, path

from commonground.site.config import health, views
from commonground.site.ui import sign_in_service

urlpatterns = [
    path("", views.home, name="home"),
    path("health/", health.health, name="health"),
    path("components/", views.components, name="components"),
    path("language/", views.language, name="set_language"),
    path("account/oidc/<str:provider_id>/login/callback/", sign_in_service.callback, name="openid_connect_callback"),
    path("account/", include("allauth.urls")),
    path("partnerships/", include("commonground.site.partnership.urls")),
    path("formation/", include("commonground.site.formation.urls")),
    path("directory/", include("commonground.site.directory.urls")),
]

if settings.DEMO:
    from commonground.site.config import demo_mail

    urlpatterns.append(path("demo/mail/", demo_mail.mailbox, name="demo_mail"))
