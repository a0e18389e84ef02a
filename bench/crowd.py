"""Made-up companies whose people score honestly, with some departments that do not, for the error rates of rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import exp, log
from random import Random

from models.rules.anomalies import Line, Sheet
from models.rules.totals import SCALE, rating

ZERO = Decimal(0)
MEAN, SPAN = 95.0, 12
DEPARTMENT, PERSON, ITEM = 3.0, 6.0, 7.4  # together a deviation of 10 for one measured item
LENIENCY, SHARED, OWN = 3.0, 5.0, 5.0
MODESTY = 4.0  # self scores are this much above the manager's on the mean
WEIGHTS = tuple(Decimal(weight) for weight in (25, 20, 20, 15, 10, 10))
LEVELS = [level.points for level in SCALE]
BETWEEN = [float(better + worse) / 2 for better, worse in pairwise(LEVELS)]


@dataclass(frozen=True)
class Habit:
    """How a department scores: honestly, unless something else is said."""

    name: str = "honest"
    ability: float = 0.0
    leniency: float = 0.0
    least: float = 0.0
    agreed: float = 0.0
    always: Decimal | None = None
    rated: int = 0  # of six items; 0: as it comes


HONEST = Habit()
STRONG = (
    Habit("honest and strong, half of the items measured", ability=12.0, rated=3),
    Habit("honest and strong, nothing measured", ability=12.0, rated=6),
)
PLANTED = (
    Habit("all at 95 or more, self as manager", least=BETWEEN[1], agreed=0.97),
    Habit("15 points too lenient, self apart", leniency=15.0),
    Habit("25 points too lenient, self apart", leniency=25.0),
    Habit("everybody gets an A", always=LEVELS[1]),
)


@dataclass(frozen=True)
class Team:
    """People under one rater: what they have in common, in points."""

    department: int
    rater: int
    people: int
    level: float
    leniency: float
    rated: int
    habit: Habit


Cycle = list[Sheet]


class Crowd:
    """Draws companies from one seed."""

    def __init__(self, seed: int) -> None:
        self._rng = Random(seed)

    def size(self) -> int:
        """How many people a company has: 50 to 1,000, small ones more often."""
        return round(exp(self._rng.uniform(log(50), log(1000))))

    def company(self, size: int, first: Habit = HONEST) -> tuple[Cycle, Cycle]:
        """The sheets of this cycle and of the one before; department 1 has the habit `first`."""
        now: Cycle = []
        before: Cycle = []
        for team in self._teams(size, first):
            for _ in range(team.people):
                person, ability = len(now) + 1, self._rng.gauss(0, PERSON)
                then = ability + (self._rng.gauss(0, 8) if self._rng.random() < 0.05 else 0.0)
                before.append(self._sheet(team, person, then, None))
                now.append(self._sheet(team, person, ability, before[-1].total))
        return now, before

    def _teams(self, size: int, first: Habit) -> Iterator[Team]:
        department, rater, left = 0, 0, size
        while left >= 5:
            department += 1
            people = min(self._rng.randint(5, 40), left)
            left -= people
            habit = first if department == 1 else HONEST
            level, rated = self._rng.gauss(0, DEPARTMENT), habit.rated or self._rated()
            while people > 0:
                rater += 1
                team = min(people, SPAN) if people - SPAN >= 3 or people <= SPAN else people
                yield Team(department, rater, team, level, self._rng.gauss(0, LENIENCY), rated, habit)
                people -= team

    def _rated(self) -> int:
        """How many of six items are rated: in one department of seven all, since nothing there is measured."""
        return len(WEIGHTS) if self._rng.random() < 0.15 else self._rng.randint(1, 4)

    def _sheet(self, team: Team, person: int, ability: float, previous: Decimal | None) -> Sheet:
        above = team.level + ability + team.habit.ability
        lines = [self._judged(team, above, weight) for weight in WEIGHTS[: team.rated]]
        lines += [self._measured(above, weight) for weight in WEIGHTS[team.rated :]]
        total = _total(lines)
        return Sheet(person, team.department, team.rater, total, rating(total), tuple(lines), previous)

    def _measured(self, above: float, weight: Decimal) -> Line:
        points = min(max(MEAN + above + self._rng.gauss(0, ITEM), 0.0), 120.0)
        return Line(weight, Decimal(round(points * 100)).scaleb(-2), rated=False)

    def _judged(self, team: Team, above: float, weight: Decimal) -> Line:
        """Manager and person see the same work, each with an error of their own."""
        habit, seen = team.habit, MEAN + 0.8 * above + self._rng.gauss(0, SHARED)
        felt = seen + team.leniency + habit.leniency + self._rng.gauss(0, OWN)
        given = habit.always if habit.always is not None else _level(max(felt, habit.least))
        own = _level(seen + MODESTY + self._rng.gauss(0, OWN))
        return Line(weight, given, rated=True, own=given if self._rng.random() < habit.agreed else own)


def _level(felt: float) -> Decimal:
    return next((level for level, least in zip(LEVELS, BETWEEN, strict=False) if felt >= least), LEVELS[-1])


def _total(lines: Sequence[Line]) -> Decimal:
    whole = sum(((line.weight or ZERO) * (line.points or ZERO) for line in lines), ZERO)
    return (whole / 100).quantize(Decimal("0.01"))
