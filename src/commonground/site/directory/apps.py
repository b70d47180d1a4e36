from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _


def forgive_typing_errors(connection: Any, **_signal: Any) -> None:
    """How alike a typed word and a name must be: at the default of 0.6 "meza" does not find "Mesa", at 0.4 nearly all is found."""
    with connection.cursor() as cursor:
        cursor.execute("SET pg_trgm.word_similarity_threshold = 0.5")


class DirectoryConfig(AppConfig):
    name = "commonground.site.directory"
    label = "directory"
    verbose_name = _("Directory")

    def ready(self) -> None:
        from commonground.site.directory import permissions  # noqa: F401 - registers the rules
        from commonground.site.directory.queries.people import people_panel, positions_on_home
        from commonground.site.directory.queries.undelivered import for_home
        from commonground.site.ui import navigation, panels

        connection_created.connect(forgive_typing_errors)
        navigation.add(navigation.Entry(20, "directory:search", _("Directory")))
        navigation.add(navigation.Entry(80, "directory:requests", _("Requests"), "directory.see_requests"))
        navigation.add(navigation.Entry(90, "directory:trail", _("Audit trail"), "directory.see_trail"))
        navigation.add(navigation.Entry(10, "directory:account", _("My account"), navigation.SIGNED_IN, "account"))
        panels.add(panels.Panel("organization", 50, "directory/people_panel.html", people_panel))
        panels.add(panels.Panel("home", 1, "directory/positions_home.html", positions_on_home))
        panels.add(panels.Panel("home", 5, "directory/undelivered_panel.html", for_home))
