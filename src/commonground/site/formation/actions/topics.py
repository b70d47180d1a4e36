"""Changing an agency's taxonomy. Nothing is ever taken away from old sign-ups: topics are merged or retired, not deleted."""

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from commonground.site.audit.actions import record
from commonground.site.directory.models import Organization, Person
from commonground.site.formation import standard
from commonground.site.formation.models import SignUp, Topic, TopicChoice
from commonground.site.formation.models.choices import Side
from commonground.site.formation.models.stages import RefusedError
from commonground.site.formation.queries.topics import final_topics


def ensure_standard(agency: Organization) -> None:
    """Give an agency without a taxonomy the standard one."""
    if Topic.objects.filter(agency=agency).exists():
        return
    topics = [
        Topic(
            agency=agency,
            code=text.code,
            family=text.family,
            name_en=text.name_en,
            name_es=text.name_es,
            explanation_en=text.explanation_en,
            explanation_es=text.explanation_es,
        )
        for text in standard.topics()
    ]
    Topic.objects.bulk_create(topics, ignore_conflicts=True)  # two rounds may be opened at the same time


@transaction.atomic
def add(*, by: Person, agency: Organization, **fields: str) -> Topic:
    Organization.objects.select_for_update(no_key=True).get(pk=agency.pk)  # two topics of one name get different codes
    topic = Topic.objects.create(agency=agency, code=_free_code(agency, fields["name_en"]), **fields)
    record("topic added", by=by, on=topic, tenant=agency)
    return topic


@transaction.atomic
def change(topic: Topic, *, by: Person, **fields: str) -> None:
    """Reword a topic. What it is about should stay the same: old sign-ups keep pointing to it."""
    current = _locked(topic)
    changed = [name for name, value in fields.items() if getattr(current, name) != value]
    if changed:
        Topic.objects.filter(pk=topic.pk).update(**{name: fields[name] for name in changed})
        record("topic changed", by=by, on=topic, tenant=current.agency, fields=sorted(changed))


@transaction.atomic
def merge(topic: Topic, *, into: Topic, by: Person) -> Topic:
    """Make a topic part of another. Its sign-ups count for the other from now on; undo it with `restore`."""
    list(Topic.objects.select_for_update().filter(agency=topic.agency_id).order_by("pk"))  # one merge at a time
    topic.refresh_from_db()
    goal = final_topics(topic.agency)[into.pk]
    if into.agency_id != topic.agency_id or goal.pk == topic.pk:
        raise RefusedError(_("A topic cannot be merged into itself. Choose another one."))
    topic.merged_into = goal
    topic.save(update_fields=["merged_into"])
    record("topic merged", by=by, on=topic, tenant=topic.agency, into=goal.code)
    return goal


@transaction.atomic
def retire(topic: Topic, *, by: Person) -> None:
    """Offer a topic no more. Sign-ups that chose it keep it."""
    if _locked(topic).retired:
        return  # a second click, or a colleague
    topic.retired = True
    topic.save(update_fields=["retired"])
    record("topic retired", by=by, on=topic, tenant=topic.agency)


@transaction.atomic
def restore(topic: Topic, *, by: Person) -> None:
    """Offer a retired or merged topic again."""
    current = _locked(topic)
    if not current.retired and current.merged_into_id is None:
        return
    topic.retired, topic.merged_into = False, None
    topic.save(update_fields=["retired", "merged_into"])
    record("topic restored", by=by, on=topic, tenant=topic.agency)


@transaction.atomic
def assign(choice: TopicChoice, *, topic: Topic, by: Person) -> TopicChoice:
    """Read an organization's own words as a topic. The words stay beside it."""
    signup = (
        SignUp.objects.select_for_update(of=("self",)).select_related("organization__parent").get(pk=choice.signup_id)
    )
    twin = signup.choices.filter(side=choice.side, topic=topic).exclude(pk=choice.pk).first()
    if twin:
        side = Side(choice.side).label
        text = _("%(organization)s already chose “%(topic)s” (%(side)s). Choose another topic.")
        raise RefusedError(text % {"organization": signup.organization, "topic": topic, "side": side})
    choice.topic = topic
    choice.save(update_fields=["topic"])
    record("own words assigned to topic", by=by, on=signup, tenant=signup.organization.lea, topic=topic.code)
    return choice


def _locked(topic: Topic) -> Topic:
    """The topic as it is now, held until the transaction ends."""
    return Topic.objects.select_for_update(of=("self",)).select_related("agency").get(pk=topic.pk)


def _free_code(agency: Organization, name: str) -> str:
    """A code from the name that the agency does not use yet."""
    stem = slugify(name).replace("-", "_")[:36] or "topic"
    taken = set(Topic.objects.filter(agency=agency, code__startswith=stem).values_list("code", flat=True))
    numbered = (f"{stem}_{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(code for code in numbered if code not in taken)
