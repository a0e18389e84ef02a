"""Announcements of the sample company: the kick-off that a few have not confirmed, one that is scheduled, two rules."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random

import sqlalchemy as sa
from sqlmodel import Session, col

from bot.sample.cast import cast, said
from bot.sample.organisation import Organisation
from bot.sample.planned import insert
from bot.sample.times import ZONE, at_work
from bot.sample.trail import Trail
from bot.text import fill, texts
from models.announcement import CONFIRM, Announcement
from models.base import Change
from models.bulletin import begin_bulletin
from models.cycle import Cycle, deadline, end_of_day
from models.fanout import Fanout
from models.person import Person
from models.rulebook import Rulebook, add
from models.todo import Todo
from models.wording import Wording

SEED = 20261122
LATE, LATE_SHARE = ("kenji",), 0.12
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LINK = "https://intranet.harbourlight.example/bonus"


@dataclass(slots=True)
class Notices:
    """What HR announced about the running cycle, opened at `opened`."""

    db: Session
    organisation: Organisation
    cycle: Cycle
    trail: Trail
    opened: datetime
    now: datetime
    rng: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 - made-up data, the same every time

    def play(self) -> None:
        """Documents first: the announcement points to them."""
        rules = [self._rules("scoring", ""), self._rules("bonus", LINK)]
        self._kickoff([one.id for one in rules])
        self._scheduled()

    def _rules(self, kind: str, link: str) -> Rulebook:
        words = self._words(kind)
        helen, at = self.organisation.people["helen"], self.opened - DAY
        made = add(self.db, self.cycle, helen.id, at, "en", words.pop("en"), link)
        for locale, one in words.items():
            made.write(self.db, made.version, at, locale, one, link)
        self.trail.write(helen.id, at)
        return made

    def _kickoff(self, rulebook_ids: list[int]) -> None:
        """Sent when the cycle was opened; the day by which to confirm is near."""
        helen = self.organisation.people["helen"]
        until = end_of_day((self.now + 4 * DAY).date(), ZONE)
        values = {"cycle_id": self.cycle.id, "rulebook_ids": rulebook_ids, "due_at": until}
        made = begin_bulletin(self.db, helen.id, self.opened, self._words("kickoff"), **values)
        live = made.send(self.db, helen.id, made.version, self.opened + HOUR)
        self.trail.write(helen.id, self.opened + HOUR)
        sent = sa.update(Fanout).where(col(Fanout.subject_noun) == live.noun, col(Fanout.subject_id) == live.id)
        self.db.connection().execute(sent.values(done_at=live.sent_at))
        self._confirm(live)

    def _confirm(self, live: Announcement) -> None:
        """Most have read it within some days; of those with a story of their own only one has not."""
        known = {member.handle for member in cast("full")}
        people = list(self.organisation.people.values())
        done = {one.id: self._read_at(one, live, known) for one in people}
        rows = [
            {
                "kind": CONFIRM,
                "subject_noun": live.noun,
                "subject_id": live.id,
                "assignee_id": one.id,
                "cycle_id": self.cycle.id,
                "created_at": live.sent_at,
                "due_at": live.due_at,
                "done_at": done[one.id],
                "done_by_id": one.id if done[one.id] else None,
            }
            for one in people
        ]
        for number, one in zip(insert(self.db, Todo, rows), people, strict=True):
            at, facts = done[one.id], {"announcement": live.id, "edition": live.edition}
            if at is not None:
                self.trail.note(Change("announcement.confirmed", Todo.noun, number, facts), one.id, at)

    def _read_at(self, one: Person, live: Announcement, known: set[str]) -> datetime | None:
        late = one.handle in LATE if one.handle in known else self.rng.random() < LATE_SHARE
        days = timedelta(minutes=self.rng.randint(10, 4 * 24 * 60))
        return None if late else min(at_work(live.sent_at + days, self.rng), self.now - HOUR)

    def _scheduled(self) -> None:
        """The next working morning but one week away, without a confirmation."""
        helen, at = self.organisation.people["helen"], self.now - 2 * DAY
        made = begin_bulletin(self.db, helen.id, at, self._words("reminder"), confirm=False)
        day = (self.now + 7 * DAY).astimezone(ZONE).date()
        while day.weekday() >= 5:
            day += DAY
        goes = datetime.combine(day, time(9, 30), ZONE).astimezone(UTC)
        made.schedule(self.db, made.version, at, goes)
        self.trail.write(helen.id, at)

    def _words(self, kind: str) -> dict[str, Wording]:
        """In every language that has them, with the dates of the cycle."""
        return {locale: self._filled(locale, words) for locale, words in said("notices")[kind].items()}

    def _filled(self, locale: str, words: dict[str, str]) -> Wording:
        t = texts(locale, ZONE.key)
        day = deadline(self.db, self.cycle.id, "setting") or self.now
        days = {"start": self.cycle.starts_on, "end": self.cycle.ends_on, "day": day.astimezone(ZONE).date()}
        values = {"cycle": self.cycle.name, **{name: t.date(value) for name, value in days.items()}}
        return Wording(**{name: fill(line, values) for name, line in words.items()})
