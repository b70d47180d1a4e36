"""`{{ partnership.purpose|words }}`: words that are kept in several languages, in the reader's."""

from collections.abc import Mapping

from django import template

from commonground.site.partnership.models.origin import in_language

register = template.Library()


@register.filter
def words(by_language: Mapping[str, str]) -> str:
    return in_language(by_language)
