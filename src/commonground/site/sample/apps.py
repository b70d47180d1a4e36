from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SampleConfig(AppConfig):
    name = "commonground.site.sample"
    label = "sample"
    verbose_name = _("Sample region")

    def ready(self) -> None:
        from commonground.site.directory import geography
        from commonground.site.sample.places import COUNTY, OUTLINE, STATE

        geography.add(STATE, COUNTY, [OUTLINE])
