"""What becomes of scores: results, flags and what was decided about them, adjustments, calibration, publication."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from sqlmodel import Session, col, select

from bot.sample.cast import said
from bot.sample.organisation import Organisation
from bot.sample.past import Written
from bot.sample.scored import Scores
from bot.sample.times import ZONE, at_work
from bot.sample.trail import Trail
from bot.vault import Vault
from models.access import Actor
from models.base import Row, record
from models.calibration import vote
from models.cycle import Cycle, deadline
from models.extension import extend
from models.flag import DEPARTMENT, Flag, unsettled
from models.person import Person
from models.releasing import publish, recompute
from models.result import PUBLISHED, Result
from models.rules.totals import Level
from models.stages import advance
from models.terms import Terms, terms_of

DAY = timedelta(days=1)
LIFT = Decimal(2)
# Whose results nobody has acknowledged yet: one of so many, but none of those that tours know by name.
LATE = 24


@dataclass(slots=True)
class Outcomes:
    """Takes past cycles from their scores to what people see, by the models' own steps."""

    db: Session
    vault: Vault
    organisation: Organisation
    scores: Scores
    trail: Trail
    rng: Random

    def actor(self, person_id: int | None) -> Actor:
        """Somebody acting with their roles."""
        return Actor(person_id or 0, self.organisation.roles.get(person_id or 0, frozenset()))

    def review(self, written: Written, *, longer: bool = False) -> None:
        """Everything is handed in and computed; flags are open, results are HR's and the raters' alone. With `longer`
        people had a day more to score themselves."""
        cycle, at = written.cycle, written.round.reviewed_at
        for state in ("tracking", "self_scoring", "scoring", "review"):
            cycle.advance(self.db, state=state)
            record(self.db, "cycle.advanced", cycle, state=state)
            self.trail.write(cycle.owner_id, _reached(written, state))
            if longer and state == "self_scoring":
                self._extend(cycle, state, written.round.own_at + 2 * DAY)
        recompute(self.db, cycle, at)
        self.trail.write(cycle.owner_id, at)

    def _extend(self, cycle: Cycle, stage: str, at: datetime) -> None:
        until, by = (deadline(self.db, cycle.id, stage) or at) + DAY, cycle.owner_id
        made = extend(self.db, cycle, cycle.version, stage, until, at, by_id=by, zone=ZONE, along=False).row
        text: str = said("words")[self.db.get_one(Person, by).locale]["longer"][0]
        made.reason = self.vault.seal((made.noun, "reason", made.id), text)
        self.trail.write(by, at)

    def decide(self, written: Written) -> None:
        """HR decides every flag with a reason."""
        for number, flag in enumerate(unsettled(self.db, written.cycle.id)):
            self._decide(flag, written.round.reviewed_at + DAY + number * timedelta(minutes=11))

    def adjust(self, written: Written, count: int) -> None:
        """A few managers move somebody over the edge of a rating, and one takes a little off."""
        terms, at = terms_of(written.cycle), written.round.reviewed_at + DAY / 2
        near = sorted(self._results(written), key=lambda one: (_below(one, terms), one.id))[:count]
        for number, result in enumerate(near, 1):
            by, kind = (-LIFT, "lowered") if number == count else (LIFT, "lifted")
            actor = self.actor(result.author_id)
            note = self._seal(result, "adjustment_note", kind, actor.id)
            result.adjust(self.db, actor, result.version, by, note, terms)
            self.trail.write(actor.id, at + number * timedelta(minutes=17))

    def calibrate(self, written: Written, count: int) -> None:
        """In the meeting the highest totals of generous departments come down, with a reason their owners read."""
        terms, helen = terms_of(written.cycle), self.organisation.people["helen"]
        places = self.scores.generous
        high = [one for one in self._results(written) if self._place(one.person_id) in places and not one.adjustment]
        for number, result in enumerate(sorted(high, key=lambda one: -(one.total or 0))[:count], 1):
            to = (result.total or Decimal(0)) - 3
            note = self._seal(result, "calibration_note", "calibrated", result.person_id)
            result.calibrate(self.db, self.actor(helen.id), result.version, to, note, terms)
            self.trail.write(helen.id, written.round.reviewed_at + 3 * DAY + number * timedelta(minutes=6))

    def publish(self, written: Written) -> datetime:
        """HR publishes everything: when."""
        at = at_work(written.round.reviewed_at + 6 * DAY, self.rng)
        publish(self.db, written.cycle, at)
        self.trail.write(written.cycle.owner_id, at)
        return at

    def acknowledge(self, written: Written, published: datetime, waiting: frozenset[int]) -> None:
        """People look at their results within days; those in `waiting`, by person, do not."""
        for result in self._results(written):
            if result.state == PUBLISHED and result.person_id not in waiting:
                at = at_work(published + self.rng.uniform(0.05, 9) * DAY, self.rng)
                result.acknowledge(self.db, self.actor(result.person_id), result.version, at)
                self.trail.write(result.person_id, at)

    def late(self, written: Written, fixed: Sequence[str]) -> frozenset[int]:
        """Who has not looked yet."""
        known = {self.organisation.people[handle].id for handle in fixed if handle in self.organisation.people}
        others = [person.id for person in written.owners.values() if person.id not in known]
        return frozenset(others[::LATE])

    def close(self, written: Written, at: datetime) -> None:
        """The cycle ends; every result is final."""
        cycle = written.cycle
        advance(self.db, cycle, self.actor(cycle.owner_id), cycle.version, at)
        self.trail.write(cycle.owner_id, at)

    def debate(self, written: Written, handles: Sequence[str]) -> None:
        """Heads say before the meeting what they think of the highest totals of those they head, here and there."""
        at = written.round.reviewed_at + DAY
        results = sorted(self._results(written), key=lambda one: (-(one.total or 0), one.id))
        for handle in handles:
            head = self.organisation.people[handle]
            theirs = [one for one in results if self._leads(head, one)]
            odd = [one for one in theirs if self._place(one.person_id) in self.scores.generous]
            for number, result in enumerate([*odd[:2], *(one for one in theirs[:4] if one not in odd)]):
                said = vote(self.db, result, self.actor(head.id), at, agrees=result not in odd)
                if not said.agrees:
                    said.note = self._seal(said, "note", "questioned", head.id)
                self.trail.write(head.id, at + number * timedelta(minutes=3))
        self.db.flush()

    def _leads(self, head: Person, result: Result) -> bool:
        """Whether somebody reports to the head's reports: the head did not score them and may vote."""
        boss = self.db.get_one(Person, result.person_id).manager_id
        return boss is not None and self.db.get_one(Person, boss).manager_id == head.id

    def _decide(self, flag: Flag, at: datetime) -> None:
        """A department's scores stand; the second flag about it is dismissed as the same, a single odd case as such."""
        actor, stands = self.actor(flag.waits_for_id), flag.rule == "inflated_gap"
        kind = "stands" if stands else "same" if flag.about == DEPARTMENT else "odd"
        reason = self._seal(flag, "reason", kind, actor.id)
        (flag.confirm if stands else flag.dismiss)(self.db, actor, flag.version, at, reason)
        self.trail.write(actor.id, at)

    def _seal(self, row: Row, column: str, kind: str, reader_id: int) -> bytes:
        """What somebody writes, in the language of who writes or has to read it."""
        text = self.scores.word(kind, self.db.get_one(Person, reader_id).locale)
        return self.vault.seal((str(row.__tablename__), column, row.id), text)

    def _place(self, person_id: int) -> int | None:
        return self.db.get_one(Person, person_id).department_id

    def _results(self, written: Written) -> Sequence[Result]:
        return self.db.exec(select(Result).where(Result.cycle_id == written.cycle.id).order_by(col(Result.id))).all()


def results_by_person(db: Session, cycle: Cycle) -> dict[int, Result]:
    """Everybody's result of a cycle."""
    return {one.person_id: one for one in db.exec(select(Result).where(Result.cycle_id == cycle.id))}


def _reached(written: Written, state: str) -> datetime:
    moments = {"tracking": written.round.confirmed, "self_scoring": written.round.own_at}
    return {**moments, "scoring": written.round.scored_at}.get(state, written.round.reviewed_at)


def _below(result: Result, terms: Terms) -> Decimal:
    """How many points are missing to the next better rating; many for who has the best."""
    levels: Sequence[Level] = terms.levels
    missing = [level.cutoff - (result.total or Decimal(0)) for level in levels]
    return min((gap for gap in missing if gap > 0), default=Decimal(200))
