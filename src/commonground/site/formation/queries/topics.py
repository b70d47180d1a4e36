"""The taxonomy as others read it: merged topics followed to where they went."""

from collections import Counter

from commonground.site.directory.models import Organization
from commonground.site.formation.models import Topic, TopicChoice
from commonground.site.formation.models.choices import TopicFamily


def final_topics(agency: Organization) -> dict[int, Topic]:
    """Every topic of the agency by its number; a merged one leads to the topic that it is part of today."""
    topics = {topic.pk: topic for topic in Topic.objects.filter(agency=agency)}

    def follow(topic: Topic) -> Topic:
        seen: set[int] = set()
        while topic.merged_into_id and topic.pk not in seen:
            seen.add(topic.pk)  # two merges at once could have closed a ring; stop rather than run forever
            topic = topics[topic.merged_into_id]
        return topic

    return {pk: follow(topic) for pk, topic in topics.items()}


def by_family(agency: Organization) -> list[tuple[str, list[Topic]]]:
    """Topics that can be chosen, under the names of their families, in the families' order."""
    offered = list(Topic.objects.filter(agency=agency).offered())
    families = ((family.label, [topic for topic in offered if topic.family == family]) for family in TopicFamily)
    return [(str(label), sorted(topics, key=lambda topic: topic.name)) for label, topics in families if topics]


def usage(agency: Organization) -> Counter[int]:
    """How many sign-ups chose each topic, those merged into it included, by the topic's number."""
    finals = final_topics(agency)
    chosen = TopicChoice.objects.filter(topic__agency=agency).values_list("topic", "signup").distinct()
    return Counter(topic for topic, _signup in {(finals[topic].pk, signup) for topic, signup in chosen if topic})
