"""Mail about sign-ups."""

from collections.abc import Iterable
from typing import Any

from commonground.site.directory.models import Person
from commonground.site.ui import mail


def send(name: str, to: Iterable[Person], **context: Any) -> None:
    """Send one of this feature's mails to everybody named, once each."""
    for person in {person.pk: person for person in to if person.is_active}.values():
        mail.send(to=person, template=f"formation/mail/{name}.txt", context=context)
