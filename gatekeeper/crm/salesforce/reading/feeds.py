"""The child objects that one pull reads, each made when first asked for.

Pure. Describe says what may be read at all; a feed that may not be says why.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.metadata.describe import find_path
from gatekeeper.crm.salesforce.reading import row_names
from gatekeeper.crm.salesforce.reading.columns import Columns, hidden
from gatekeeper.crm.salesforce.reading.parents import (
    DEAL,
    Objects,
    Parent,
    declared_rows,
)
from gatekeeper.crm.salesforce.reading.related import Feed
from gatekeeper.crm.salesforce.reading.row_names import Source
from gatekeeper.crm.salesforce.wire.soql import Compare

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gatekeeper.crm.salesforce.reading.translate import Tongue


@dataclass(frozen=True, slots=True)
class People:
    """The object that holds everybody on an activity.

    Attributes:
        activity: Its field with the activity's id.
        via: Its relationship to the activity.
        person: The path that tells contacts from others.
    """

    object: str
    activity: str
    via: str
    person: str = "Relation.Type"


PEOPLE: Mapping[str, People] = {
    Source.EVENTS: People("EventRelation", "EventId", "Event"),
    Source.TASKS: People("TaskRelation", "TaskId", "Task"),
    Source.MAILS: People(
        "EmailMessageRelation", "EmailMessageId", "EmailMessage", "RelationObjectType"
    ),
}
"""By the activity's object. `TaskRelation` is there where several contacts may be on
one task ("Shared Activities"); without it `WhoId` is the only one."""


@dataclass(slots=True)
class Feeds:
    """The feeds of one pull.

    Attributes:
        now: Salesforce's clock when it began.
    """

    objects: Objects
    tongue: Tongue
    now: datetime
    _made: dict[str, Feed] = field(default_factory=dict)

    def readable(self) -> tuple[Feed, ...]:
        """Return the feeds to read, in the order they were asked for."""
        return tuple(feed for feed in self._made.values() if not feed.why_not)

    def built_in(self, source: Source, parent: Parent = DEAL) -> Feed:
        """Return the feed of a built-in source."""
        key = f"{parent.hop}{source}"
        if key not in self._made:
            feed = self.made(key, source.value, parent.by[source], parent)
            if source is Source.LINKS:
                self._read_file_kind(feed)
            if source is Source.TASKS:
                self._leave_ours_out(feed)
        return self._made[key]

    def declared(self, name: str, source: Mapping[str, str], parent: Parent) -> Feed:
        """Return the feed of a collection that fields.yaml declares."""
        rows = declared_rows(source, parent, self.objects)
        feed = self.made(f"{parent.hop}{name}", rows.object, rows.by, parent)
        feed.why_not = rows.why_not
        return feed

    def people(self, activities: Feed) -> Feed | None:
        """Return the feed of everybody on some activities.

        None where `WhoId` is the only person a task can have.
        """
        known = PEOPLE[activities.object]
        key = f"{activities.source} people"
        if key in self._made:
            return self._made[key]
        if activities.object == Source.TASKS and not self._shares_tasks():
            return None
        feed = self.made(key, known.object, f"{known.via}.{activities.by}")
        feed.of, feed.by_lists = activities.of, True
        feed.include_deleted = activities.include_deleted
        feed.where = Compare(known.person, "=", "Contact")
        feed.why_not = wanting(feed, known.activity, "RelationId").why_not
        return feed

    def _shares_tasks(self) -> bool:
        """Whether several contacts may be on one task; `WhoCount` is there then."""
        task = self.objects("Task")
        is_told = self.objects(PEOPLE[Source.TASKS].object) is not None
        return is_told or (task is not None and task.has("WhoCount"))

    def made(
        self, source: str, object_name: str, by: str, parent: Parent = DEAL
    ) -> Feed:
        """Make the feed of a child object, with why it cannot be read if so.

        Args:
            source: Its key.
            object_name: The object.
            by: The path that points at the parent.
            parent: Whose rows they are.
        """
        described = self.objects(object_name)
        reference = find_path(self.objects, object_name, by)
        why_not = parent.why_not
        if described is None:
            why_not = f"the integration user may not read {object_name}"
        elif reference is None:
            why_not = why_not or hidden(object_name, by)
        feed = Feed(
            source,
            described.name if described else object_name,
            reference.text if reference else by,
            Columns(self.objects, self.tongue),
            of=parent.column,
            include_deleted=object_name in row_names.ACTIVITY_SOURCES,
            by_lists=parent is not DEAL,
            why_not=why_not,
        )
        self._made[source] = feed
        return feed

    def _read_file_kind(self, links: Feed) -> None:
        # Salesforce filters links by ids alone, so notes and files come together.
        links.by_lists = True
        is_told = links.columns.select(links.object, ("ContentDocument.FileType",))
        if not is_told and not links.why_not:
            links.why_not = hidden("ContentDocument", "FileType")

    def _leave_ours_out(self, tasks: Feed) -> None:
        # D13: what we wrote never counts as activity.
        described = self.objects("Task")
        if described is not None and described.has(names.KEY_FIELD):
            tasks.where = Compare(names.KEY_FIELD, "=", None)


def wanting(feed: Feed, *paths: str) -> Feed:
    """Select paths that are indispensable; the feed returned says what is missing."""
    kept = {each.casefold() for each in feed.columns.select(feed.object, paths)}
    missing = [path for path in paths if path.casefold() not in kept]
    if missing and not feed.why_not:
        return replace(feed, why_not=hidden(feed.object, missing[0]))
    return feed
