from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FormationConfig(AppConfig):
    name = "commonground.site.formation"
    label = "formation"
    verbose_name = _("Forming partnerships")

    def ready(self) -> None:
        from commonground.site.formation import permissions  # noqa: F401 - registers the rules
        from commonground.site.formation.queries.home import for_home, open_rounds
        from commonground.site.formation.queries.offers import waiting_on_home
        from commonground.site.ui import navigation, panels

        navigation.add(
            navigation.Entry(20, "formation:rounds", _("Form partnerships"), "formation.see_rounds"),
        )
        panels.add(panels.Panel("home", 5, "formation/places_waiting.html", waiting_on_home))
        panels.add(panels.Panel("home", 10, "formation/home.html", for_home))
        panels.add(panels.Panel("home", 40, "formation/open_rounds.html", open_rounds))
