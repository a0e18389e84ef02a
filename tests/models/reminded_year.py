"""A company around the world through a year: what people do at random, and what must hold after every tick."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.db import Database
from models.absence import Absence, coming, declare, switch
from models.base import Refused, put
from models.cycle import Cycle
from models.delivery import QUEUED, SENT, SKIPPED, Delivery
from models.escalation import Escalation
from models.identity import Identity
from models.nudge import DAILY, Nudge
from models.person import EXECUTIVE, HR, Person, Role
from models.rules.nudging import STANDARD, moments
from models.rules.workdays import Calendar, calendar
from models.snoozing import snooze
from models.todo import Todo
from models.wave import run

ZONES = {
    "Europe/Berlin": "DE",
    "America/New_York": "US",
    "Asia/Kathmandu": "NP",
    "Pacific/Kiritimati": "KI",
    "Pacific/Apia": "WS",
    "Asia/Shanghai": "CN",
}
KINDS = ("plan.submit", "plan.approve", "scorecard.submit", "result.acknowledge")
DAY = timedelta(days=1)
YEAR = {code: holidays.country_holidays(code, years=[2025, 2026, 2027]) for code in ZONES.values()}


@dataclass
class Year:
    """`count` people with todos, the platform and the process going down now and then."""

    database: Database
    rng: Random
    count: int
    now: datetime
    db: Session = field(init=False)
    people: dict[int, Person] = field(default_factory=dict)
    seen: int = 0
    down: bool = False
    stirred: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    made: int = 0
    raised: int = 0

    def fill(self) -> None:
        """Everybody reports to somebody up to one chief; the second one is HR, and the third as well."""
        self._at(self._fill)

    def live(self, until: datetime, step: timedelta) -> None:
        """From now until then: life, and a tick every `step` unless the process is down."""
        off = self.now
        while self.now < until:
            self.now += step * self.rng.choice((1, 1, 1, 1.25, 0.75))
            self._at(self._life)
            if self.now < off:
                continue
            if self.rng.random() < 0.01:
                off = self.now + DAY * self.rng.uniform(0.2, 3)
                continue
            self._at(self._tick)

    def _at(self, work: Callable[[], None]) -> None:
        """One transaction."""

        def inside(db: Session) -> None:
            self.db = db
            work()

        self.database.now(inside)

    def _fill(self) -> None:
        for number in range(1, self.count + 1):
            person = Person(number=f"{number}", name=f"P{number}", handle=f"p{number}")
            person.zone = self.rng.choice(list(ZONES))
            person.manager_id = (number - 2) // 6 + 1 if number > 1 else None
            put(self.db, person)
            put(self.db, Identity(platform="slack", user=person.handle, person_id=person.id, seen_at=self.now))
            self.people[person.id] = person
        self.db.add_all([Role(person_id=1, name=EXECUTIVE), Role(person_id=2, name=HR), Role(person_id=3, name=HR)])
        day = self.now.date()
        cycle = Cycle(kind="year", name="Y", starts_on=day, ends_on=day + 365 * DAY, chain=[], languages=[], owner_id=2)
        cycle.state = "setting"
        put(self.db, cycle)

    def _life(self) -> None:
        """New todos, done ones, put off, people away and back."""
        for _ in range(max(1, self.count // 60)):
            owner = self.rng.randint(1, self.count)
            due = self.now + DAY * self.rng.uniform(0.1, 20)
            about: dict[str, Any] = {
                "assignee_id": owner,
                "about_id": self.rng.randint(1, self.count),
                "cycle_id": 1,
                "subject_id": 1,
            }
            kind = self.rng.choice(KINDS)
            todo = Todo(kind=kind, subject_noun="plan", created_at=self.now, due_at=due, **about)
            self.db.add(todo)
        share = 0.02 if self.rng.random() < 0.9 else 0.3
        for todo in self.db.exec(select(Todo).where(col(Todo.done_at).is_(None))).all():
            if self.rng.random() < share:
                todo.done_at, todo.done_by_id = self.now, todo.assignee_id
        for nudge in self.db.exec(select(Nudge).where(Nudge.made_at > self.now - DAY)).all():
            if self.rng.random() < 0.05:
                self._put_off(nudge)
        if self.rng.random() < 0.05:
            self._away()
        self.down = self.rng.random() < (0.8 if self.down else 0.03)
        self.db.flush()

    def _put_off(self, nudge: Nudge) -> None:
        try:
            snooze(self.db, nudge, self.rng.choice(("day", "morning")), self.place(nudge.person_id), self.now)
        except Refused:
            return

    def _away(self) -> None:
        person, delegate = (self.people[self.rng.randint(1, self.count)] for _ in range(2))
        day = self.now.astimezone(ZoneInfo(person.zone)).date()
        if coming(self.db, person.id, self.now):
            self.stirred = self.now
            first = coming(self.db, person.id, self.now)[0]
            first.end(self.db, first.version, self.now)
            return
        try:
            declare(self.db, person, day, day + DAY * self.rng.randint(0, 20), delegate, 1, self.now, "UTC")
            self.stirred = self.now
        except Refused:
            return

    def _tick(self) -> None:
        absent = {one.person_id for one in self._absences()}
        switch(self.db, self.now)
        self.db.flush()
        if absent != {one.person_id for one in self._absences()}:
            self.stirred = self.now
        expected = self._expected()
        run(self.db, self.now)
        self.db.expire_all()
        fresh = self.db.exec(select(Nudge).where(Nudge.id > self.seen).order_by(col(Nudge.id))).all()
        self.seen = max((one.id for one in fresh), default=self.seen)
        self.made += len(fresh)
        self._hold(fresh, expected)
        self._heard()
        self._platform()

    def _hold(self, fresh: Sequence[Nudge], expected: set[int]) -> None:
        """Nobody outside hours, nobody twice a day, nobody about nothing, nobody who is away; and nobody left out."""
        absent = {one.person_id for one in self._absences()}
        for one in fresh:
            assert one.made_at == self.now
            assert self.works(one.person_id), (one.person_id, self.now)
            assert one.day == self.day(one.person_id)
            assert one.person_id not in absent
            assert self._reasons(one), "a reminder of nothing"
        daily = [one.person_id for one in fresh if one.kind == DAILY]
        assert len(daily) == len(set(daily))
        assert expected <= set(daily), expected - set(daily)

    def _reasons(self, one: Nudge) -> bool:
        told = sa.or_(col(Todo.nudged_at) == one.made_at, col(Todo.urged_at) == one.made_at)
        own = select(Todo.id).where(told, col(Todo.done_at).is_(None))
        heard = select(Escalation.id).join(Todo, col(Todo.id) == col(Escalation.todo_id))
        heard = heard.where(Escalation.nudge_id == one.id, col(Todo.done_at).is_(None))
        return self.db.exec(own.limit(1)).first() is not None or self.db.exec(heard.limit(1)).first() is not None

    def _expected(self) -> set[int]:
        """By the rule for one todo at a time: who has to hear of something of their own at the day's first tick."""
        absent = {one.person_id for one in self._absences()}
        asked = sa.select(col(Nudge.person_id), col(Nudge.day))
        asked = asked.where(col(Nudge.kind) == DAILY, col(Nudge.made_at) > self.now - 2 * DAY)
        had = {tuple(row) for row in self.db.connection().execute(asked)}
        rounds = set(self.db.connection().execute(sa.text("SELECT zone, day FROM round")).all())
        found: set[int] = set()
        for todo in self.db.exec(select(Todo).where(col(Todo.done_at).is_(None))).all():
            who = todo.assignee_id
            if who in absent or not self.works(who) or (who, self.day(who)) in had or self._rounded(rounds, who):
                continue
            last = todo.nudged_at or todo.created_at
            off = todo.snoozed_until is not None and todo.snoozed_until > self.now
            assert todo.due_at is not None
            come = [at for at in moments(STANDARD, self.place(who), todo.due_at) if last < at <= self.now]
            if come and max(come) > self.now - 6 * DAY and not off:
                found.add(who)
        return found

    def _rounded(self, rounds: set[Any], who: int) -> bool:
        return any(zone == self.people[who].zone and str(day) == str(self.day(who)) for zone, day in rounds)

    def _heard(self) -> None:
        """Whatever is overdue by a day has been heard of, unless who has to hear is not at work, or had their message
        of the day before it was."""
        absent = {one.person_id for one in self._absences()}
        late = sa.and_(col(Todo.done_at).is_(None), col(Todo.due_at) <= self.now - DAY)
        for todo in self.db.exec(select(Todo).where(late)).all():
            assert todo.due_at is not None
            if todo.escalated and todo.escalated_at is not None and todo.escalated_at >= todo.due_at:
                self.raised += 1
                continue
            boss = self.people[todo.assignee_id].manager_id
            if boss is None or boss in absent or not self.works(boss):
                continue
            had = select(Nudge.made_at).where(Nudge.person_id == boss, Nudge.day == self.day(boss), Nudge.kind == DAILY)
            at = self.db.exec(had).first()
            assert at is not None and at < max(todo.due_at + DAY, self.stirred), f"nobody heard of todo {todo.id}"  # noqa: PT018

    def _platform(self) -> None:
        """Sends what is queued, if the platform is there; what is too late is given up, as the outbox does it."""
        for one in self.db.exec(
            select(Delivery).where(Delivery.state == QUEUED, Delivery.not_before <= self.now)
        ).all():
            if one.not_after is not None and one.not_after <= self.now:
                one.state, one.due = SKIPPED, False
            elif not self.down:
                one.state, one.due, one.sent_at = SENT, False, self.now
                assert self.works(one.person_id) or one.view != "nudge.digest"
        self.db.flush()

    def _absences(self) -> Sequence[Absence]:
        return self.db.exec(select(Absence).where(col(Absence.active).is_(True))).all()

    def place(self, person_id: int) -> Calendar:
        """Their calendar."""
        return calendar(self.people[person_id].zone)

    def day(self, person_id: int) -> date:
        """Their date."""
        return self.now.astimezone(ZoneInfo(self.people[person_id].zone)).date()

    def works(self, person_id: int) -> bool:
        """Whether they are at work, asked of the library itself."""
        zone = self.people[person_id].zone
        here = self.now.astimezone(ZoneInfo(zone))
        return 9 <= here.hour < 19 and YEAR[ZONES[zone]].is_working_day(here.date())
