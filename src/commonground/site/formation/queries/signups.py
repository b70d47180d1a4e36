"""Sign-ups, one and many."""

from django.http import Http404

from commonground.site.directory.models import Organization, Person
from commonground.site.formation.models import SignUp
from commonground.site.formation.models.choices import SignUpState
from commonground.site.formation.queries.eligibility import may_join


def the_signup(pk: int) -> SignUp:
    """The sign-up, for a view that then asks who may see it."""
    try:
        return SignUp.objects.select_related("round__agency", "organization__parent").get(pk=pk)
    except SignUp.DoesNotExist:
        raise Http404 from None


def siblings(signup: SignUp, reader: Person) -> list[Organization]:
    """Other schools of the same LEA that this reader could still sign up for the round."""
    if not signup.organization.parent_id:
        return []
    taken = set(
        signup.round.signups.exclude(state=SignUpState.WITHDRAWN)
        .exclude(done=[])
        .values_list("organization", flat=True)
    )
    mine = may_join(signup.round, reader)
    return [one for one in mine if one.parent_id == signup.organization.parent_id and one.pk not in taken]
