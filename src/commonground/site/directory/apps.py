from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DirectoryConfig(AppConfig):
    name = "commonground.site.directory"
    label = "directory"
    verbose_name = _("Directory")

    def ready(self) -> None:
        from commonground.site.directory import permissions  # noqa: F401 - registers the rules
        from commonground.site.directory.queries.people import people_panel
        from commonground.site.ui import navigation, panels

        navigation.add(navigation.Entry(80, "directory:requests", _("Requests"), "directory.see_requests"))
        navigation.add(navigation.Entry(90, "directory:trail", _("Audit trail"), "directory.see_trail"))
        navigation.add(navigation.Entry(10, "directory:account", _("My account"), navigation.SIGNED_IN, "account"))
        panels.add(panels.Panel("organization", 50, "directory/people_panel.html", people_panel))
