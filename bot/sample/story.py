"""The past of the sample company: two scored years, a quarter in review, and the month that is being scored."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlmodel import Session

from bot.sample.cases import OBJECTORS, Cases
from bot.sample.cast import cast
from bot.sample.monthly import SCORERS, Month
from bot.sample.organisation import Organisation
from bot.sample.outcomes import Outcomes
from bot.sample.past import History, Written
from bot.sample.planned import Planned
from bot.sample.rounds import WITH_PEERS, last_month, last_quarter, year_round
from bot.sample.scored import Scores
from bot.sample.skills import generous
from bot.sample.trail import Trail
from bot.vault import Vault
from models.person import Person

# A year counts as finished once its results were out when the running cycle was opened.
RESULTS = timedelta(days=60)
DAY = timedelta(days=1)
SEED = 20260207
# The departments of the quarter in review, with those below them, and who says something before its meeting.
REVIEWED, VOTERS = ("sales", "operations"), ("dana", "oliver")


@dataclass(slots=True)
class Story:
    """Plays every cycle before the running one."""

    db: Session
    vault: Vault
    organisation: Organisation
    planned: Planned
    skills: dict[int, float]
    trail: Trail

    def play(self, now: datetime, rng: Random) -> None:
        """`rng` draws what is planned and measured in the years; what came later draws for itself."""
        later = Random(SEED)  # noqa: S311 - made-up data, the same every time
        years = History(self.db, self.organisation, self.planned, self.skills, rng, self.trail)
        recent = History(self.db, self.organisation, self.planned, self.skills, later, self.trail)
        scores = Scores(self.db, self.vault, self.organisation, generous(self.organisation), later)
        outcomes = Outcomes(self.db, self.vault, self.organisation, scores, self.trail, later)
        people = list(self.organisation.people.values())
        finished = (now - RESULTS).year - 1
        with self.db.no_autoflush:  # the models flush where they look at what they wrote
            self._older(outcomes, years.play(year_round(finished - 1, {}, rng), people))
            self._newer(outcomes, years.play(year_round(finished, WITH_PEERS, rng), people), now)
            self._month(outcomes, recent.play(last_month(now, later), self._reports()))
            self._quarter(outcomes, recent.play(last_quarter(now, later), self._reviewed()))

    def _older(self, outcomes: Outcomes, written: Written) -> None:
        """A closed year: every result is final."""
        published = self._published(outcomes, written, longer=True)
        outcomes.acknowledge(written, published, frozenset())
        outcomes.close(written, published + 40 * DAY)

    def _newer(self, outcomes: Outcomes, written: Written, now: datetime) -> None:
        """A published year: a few have not looked yet, and results can be disputed."""
        published = self._published(outcomes, written)
        known = [member.handle for member in cast("full")]
        objecting = frozenset(self.organisation.people[handle].id for handle in OBJECTORS)
        outcomes.acknowledge(written, published, outcomes.late(written, known) | objecting)
        Cases(outcomes, written).play(published, now)

    def _published(self, outcomes: Outcomes, written: Written, *, longer: bool = False) -> datetime:
        outcomes.scores.fill(written)
        outcomes.review(written, longer=longer)
        outcomes.adjust(written, 5)
        outcomes.decide(written)
        outcomes.calibrate(written, 4)
        return outcomes.publish(written)

    def _quarter(self, outcomes: Outcomes, written: Written) -> None:
        """Results wait for review: flags are open, heads have voted."""
        outcomes.scores.fill(written)
        outcomes.review(written)
        outcomes.adjust(written, 2)
        outcomes.debate(written, VOTERS)

    def _month(self, outcomes: Outcomes, written: Written) -> None:
        Month(outcomes, written).play()

    def _reports(self) -> list[Person]:
        """Everybody who reports to one of those who are scoring."""
        scorers = {self.organisation.people[handle].id for handle in SCORERS}
        return [person for person in self.organisation.people.values() if person.manager_id in scorers]

    def _reviewed(self) -> list[Person]:
        paths = tuple(self.organisation.departments[code].path for code in REVIEWED)
        places = {one.id for one in self.organisation.departments.values() if one.path.startswith(paths)}
        return [person for person in self.organisation.people.values() if person.department_id in places]
