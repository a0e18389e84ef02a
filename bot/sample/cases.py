"""Disputes of the sample company: two that were ruled on after publication, and one whose clock is running."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot.sample.outcomes import Outcomes, results_by_person
from bot.sample.past import Written
from bot.sample.times import at_work
from models.access import Actor
from models.dispute import Dispute, file
from models.person import Person
from models.result import Line, Result, lines_of
from models.terms import terms_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FILED_AGO = 5 * HOUR
GAIN, MOST = Decimal(20), Decimal(120)
# Who objected, by what became of it; the tours know them.
ADJUSTED, UPHELD, RUNNING = "mei", "kenji", "bo"
OBJECTORS = (ADJUSTED, UPHELD)


@dataclass(slots=True)
class Cases:
    """Files, answers and rules on disputes about the results of a published cycle."""

    outcomes: Outcomes
    written: Written

    def play(self, published: datetime, now: datetime) -> None:
        """One case is decided for each side, one is open since some hours."""
        found = results_by_person(self.outcomes.db, self.written.cycle)
        people = self.outcomes.organisation.people
        for number, handle in enumerate(OBJECTORS, 1):
            at = at_work(published + number * (DAY + 3 * HOUR), self.outcomes.rng)
            self._decided(found[people[handle].id], at, adjusted=handle == ADJUSTED)
        self._file(found[people[RUNNING].id], now - FILED_AGO, "statement", measured=True)

    def _decided(self, result: Result, at: datetime, *, adjusted: bool) -> None:
        case = self._file(result, at, "missing" if adjusted else "unseen", measured=adjusted)
        answer = self._seal(case, "answer", "checked" if adjusted else "explained")
        answered = at + 4 * HOUR
        case.take_answer(self.outcomes.db, self._actor(case.waits_for_id), case.version, answered, answer)
        self.outcomes.trail.write(case.answered_by_id or 0, answered)
        self._rule(case, result, answered + 3 * HOUR, adjusted=adjusted)

    def _rule(self, case: Dispute, result: Result, at: datetime, *, adjusted: bool) -> None:
        db, hr = self.outcomes.db, self._actor(case.waits_for_id)
        if adjusted:
            line = next(one for one in lines_of(db, result) if one.lineage == case.lineage)
            points = min((line.points or Decimal(0)) + GAIN, MOST)
            ruling = self._seal(case, "ruling", "corrected")
            case.adjust(db, hr, case.version, at, ruling, points, terms_of(self.written.cycle))
        else:
            case.uphold(db, hr, case.version, at, self._seal(case, "ruling", "upheld"))
        self.outcomes.trail.write(hr.id, at)

    def _file(self, result: Result, at: datetime, kind: str, *, measured: bool) -> Dispute:
        """An objection to the first measured item, what was paid out, or to the rated one."""
        db = self.outcomes.db
        item = _first(lines_of(db, result), measured=measured)
        case = file(db, result, self._actor(result.person_id), result.version, at, item.lineage)
        case.reason = self._seal(case, "reason", kind)
        case.evidence = self._seal(case, "evidence", f"{kind}_evidence")
        db.flush()
        self.outcomes.trail.write(result.person_id, at)
        return case

    def _actor(self, person_id: int | None) -> Actor:
        return self.outcomes.actor(person_id)

    def _seal(self, case: Dispute, column: str, kind: str) -> bytes:
        """In the language of whose case it is: everybody else writes so that they can read it."""
        locale = self.outcomes.db.get_one(Person, case.person_id).locale
        text = self.outcomes.scores.word(kind, locale)
        return self.outcomes.vault.seal((str(case.__tablename__), column, case.id), text)


def _first(lines: Sequence[Line], *, measured: bool) -> Line:
    return next(line for line in lines if (line.measurement_id is not None) is measured)
