"""The month that is being scored: own scores are in, two managers have a batch of scorecards before them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session

from bot.sample.cast import said
from bot.sample.outcomes import Outcomes
from bot.sample.past import Written
from bot.sample.planned import Rows, insert
from bot.sample.scored import merit
from models.base import Row
from models.byhand import remarked
from models.chase import begin
from models.checkin import Checkin
from models.delivery import Delivery
from models.headway import WAITING, Wanted
from models.item import items_of
from models.nudge import Nudge
from models.peer import propose
from models.plan import Plan
from models.reckoning import RATED
from models.rules.totals import SCALE, Level
from models.scorecard import MANAGER, SELF, Scorecard, card_of
from models.stages import advance
from models.vantage import TEAM, vantage

DAY = timedelta(days=1)
# Their reports are in it. The second has handed in a few scores already.
SCORERS = ("dana", "boss")
BEGUN = 3
MIDDLING = Decimal(90)
NOTED = 3
# Who has not scored themselves yet, and who is asked about whom: (colleague, whether the manager agreed).
OWING = ("ana", "naomi")
# The second of them did, but HR gave it back, and her manager has asked for it.
AGAIN = OWING[1]
ASKED, COLLEAGUES = "bo", (("ana", True), ("mei", True), ("henry", False))


@dataclass(slots=True)
class Month:
    """Takes a written month through self scoring into the managers' scoring, by the models' own steps."""

    outcomes: Outcomes
    written: Written

    def play(self) -> None:
        """Tracking, own scores, the first managers' scores."""
        round_ = self.written.round
        self._go_on(round_.confirmed)
        self._notes()
        self._peers(round_.own_at - DAY)
        self._go_on(round_.own_at)
        owing = {self.outcomes.organisation.people[handle].id for handle in OWING}
        owners = self.written.owners.items()
        self._hand_in(SELF, [plan for plan, person in owners if person.id not in owing], round_.own_at + DAY)
        self._give_back(round_.own_at + DAY)
        self._remind(round_.own_at + 3 * DAY)
        self._go_on(round_.scored_at)
        last = self.outcomes.organisation.people[SCORERS[-1]].id
        done = [plan for plan, person in owners if person.manager_id == last][:BEGUN]
        self._hand_in(MANAGER, done, round_.scored_at + DAY)

    def _go_on(self, at: datetime) -> None:
        cycle = self.written.cycle
        advance(self.outcomes.db, cycle, self.outcomes.actor(cycle.owner_id), cycle.version, at)
        self.outcomes.trail.write(cycle.owner_id, at)

    def _hand_in(self, kind: str, plans: list[int], at: datetime) -> None:
        """Cards of a kind, one after the other."""
        for number, plan_id in enumerate(plans):
            card = card_of(self.outcomes.db, plan_id, kind)
            if card is not None and card.waits_for_id is not None:
                level = SCALE[self.outcomes.scores.deserved(self.written, card.plan_id)]
                self._rate(card, at + number * timedelta(minutes=13), level)

    def _rate(self, card: Scorecard, at: datetime, level: Level) -> None:
        """One card: a level for everything that is rated."""
        db, rater = self.outcomes.db, self.outcomes.actor(card.waits_for_id)
        for item in items_of(db, card.plan_id, 1):
            if item.rule == RATED:
                card.rate(db, rater, card.version, at, item, level)
        card.submit(db, rater, card.version, at, [])
        self.outcomes.trail.write(rater.id, at)

    def _give_back(self, at: datetime) -> None:
        """HR wants to know more about one person's own scores."""
        db, owner = self.outcomes.db, self.outcomes.organisation.people[AGAIN]
        mine = next(plan for plan, person in self.written.owners.items() if person is owner)
        card, by = card_of(db, mine, SELF), self.outcomes.actor(self.written.cycle.owner_id)
        if card is not None:
            self._rate(card, at, SCALE[1])
            card.reopen(db, by, at + DAY, self._sealed(card, "reason", "again"), owner.id)
            self.outcomes.trail.write(by.id, at + DAY)

    def _remind(self, at: datetime) -> None:
        """Their manager asks for them by hand, in words."""
        db, cycle = self.outcomes.db, self.written.cycle
        boss = self.outcomes.actor(self.outcomes.organisation.people[AGAIN].manager_id)
        seen = vantage(db, boss, TEAM)
        chase = begin(db, boss, seen, Wanted(cycle.id, "self_scoring", seen.place, WAITING, at, boss.id))
        chase.word(db, boss, chase.version, self._sealed(chase, "words", "urge"))
        remark = remarked(db, "urge", at, self._sealed)
        chase.send(db, boss, chase.version, at, remark)
        _arrived(db)
        self.outcomes.trail.write(boss.id, at)

    def _sealed(self, row: Row, column: str, kind: str) -> bytes:
        """What is written to who has to score themselves again."""
        text: str = said("words")[self.outcomes.organisation.people[AGAIN].locale][kind][0]
        return self.outcomes.vault.seal((str(row.__tablename__), column, row.id), text)

    def _notes(self) -> None:
        """What people wrote about two of their items during the month."""
        rows: Rows = []
        for plan_id, person in self.written.owners.items():
            kind = "good" if merit(self.written, plan_id) >= MIDDLING else "slow"
            rows += [
                {
                    "plan_id": plan_id,
                    "lineage": item["lineage"],
                    "person_id": person.id,
                    "note": self.outcomes.scores.word(kind, person.locale),
                    "at": self.written.round.readings[0][0] + timedelta(hours=3),
                }
                for item in self.written.items[plan_id][:NOTED]
            ]
        insert(self.outcomes.db, Checkin, rows)

    def _peers(self, at: datetime) -> None:
        """Somebody named colleagues; the manager has agreed to some."""
        db, people = self.outcomes.db, self.outcomes.organisation.people
        mine = next(plan for plan, person in self.written.owners.items() if person is people[ASKED])
        for number, (handle, agreed) in enumerate(COLLEAGUES):
            now = at + number * timedelta(minutes=4)
            peer = propose(db, db.get_one(Plan, mine), self.outcomes.actor(people[ASKED].id), people[handle], now)
            self.outcomes.trail.write(people[ASKED].id, now)
            if agreed:
                by = self.outcomes.actor(peer.waits_for_id)
                peer.confirm(db, by, now + timedelta(hours=1))
                self.outcomes.trail.write(by.id, now + timedelta(hours=1))


def _arrived(db: Session) -> None:
    """Reminders of days ago reached their readers; the accounts of today are not those they went to."""
    db.connection().execute(sa.delete(Delivery))
    db.connection().execute(sa.update(Nudge).values(settled=True))
