from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnershipConfig(AppConfig):
    name = "commonground.site.partnership"
    label = "partnership"
    verbose_name = _("Partnerships")

    def ready(self) -> None:
        from commonground.site.partnership import permissions  # noqa: F401 - registers the rules
        from commonground.site.partnership.queries import for_home, shown_on_profile
        from commonground.site.ui import navigation, panels

        navigation.add(
            navigation.Entry(30, "partnership:list", _("Partnerships"), permission="partnership.see_list"),
        )
        panels.add(panels.Panel("organization", 30, "partnership/of_organization.html", shown_on_profile))
        panels.add(panels.Panel("home", 20, "partnership/home.html", for_home))
