"""A company's cycle as rows, as a database gives them: six indicators a person by all rules, and a cycle before."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import NamedTuple

from models.rules.totals import SCALE

LEVELS = tuple(level.points for level in SCALE)
CHANCES = (12, 38, 32, 13, 5)
STEPS = tuple((Decimal(at), Decimal(points)) for at, points in ((40, 60), (30, 80), (20, 100), (10, 110)))
WEIGHTS = ("25", "20", "17.5", "15", "12.5", "10")
TEAM = 10
UNUSUAL = 20  # in one department of so many all agree on high scores, in another all get the best one


class ItemRow(NamedTuple):
    """An indicator of a plan with what was measured or rated; points are of the levels chosen, `peer` a mean."""

    person: int
    key: int
    part: str
    weight: Decimal | None
    rule: str
    direction: str
    unit: str
    target: Decimal | None = None
    floor: Decimal | None = None
    stretch: Decimal | None = None
    value: Decimal | None = None
    manager: Decimal | None = None
    own: Decimal | None = None
    peer: Decimal | None = None
    excluded: bool = False


class PersonRow(NamedTuple):
    """Who is scored by whom; `previous` is the total of the cycle before."""

    person: int
    department: int
    rater: int
    previous: Decimal | None


class LineRow(NamedTuple):
    """A scored line of the cycle before."""

    person: int
    rater: int
    weight: Decimal
    points: Decimal
    rated: bool
    own: Decimal | None


@dataclass
class Rows:
    """All rows of a cycle, in the order of people."""

    people: list[PersonRow] = field(default_factory=list)
    items: list[ItemRow] = field(default_factory=list)
    before: list[LineRow] = field(default_factory=list)


def rows(people: int, seed: int = 1) -> Rows:
    """The same rows for the same seed."""
    drawn, drawing = Rows(), _Drawing(Random(seed))
    for person in range(1, people + 1):
        team = (person - 1) // TEAM
        drawn.people.append(drawing.person(person, team))
        drawn.items.extend(drawing.items(person, team // 3 % UNUSUAL))
        drawn.before.extend(drawing.before(person, team))
    return drawn


class _Drawing:
    """Draws what happened."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def person(self, person: int, team: int) -> PersonRow:
        """Three teams make a department."""
        previous = None if self._rng.random() < 0.1 else _decimal(self._rng.gauss(92, 8), 2)
        return PersonRow(person, team // 3 + 1, team + 1, previous)

    def items(self, person: int, habit: int) -> Iterator[ItemRow]:
        """Four indicators that are measured, two that are rated, in the last place sometimes something else."""
        rated = {0: 4, 1: 6}.get(habit, 2)
        for number, weight in enumerate(WEIGHTS):
            key, part = person * 10 + number, self._part() if number == 5 else "weighted"
            if part in ("bonus", "penalty", "veto"):
                yield self._extra(person, key, part)
            elif number < rated:
                yield self._rated(person, key, Decimal(weight), habit)
            else:
                yield self._measured(person, key, Decimal(weight), 0.75 if habit == 0 else 0.95)

    def before(self, person: int, team: int) -> Iterator[LineRow]:
        """Six lines of the cycle before."""
        rater = team + (1 if self._rng.random() < 0.9 else 2)
        agreed = team // 3 % UNUSUAL == 0
        for number, weight in enumerate(WEIGHTS):
            points = LEVELS[self._rng.randint(0, 1)] if agreed else self._level()
            own = points if agreed else self._level()
            measured = _decimal(self._rng.gauss(95, 10), 2)
            rated = number < (6 if agreed else 2)
            yield LineRow(person, rater, Decimal(weight), points if rated else measured, rated, own if rated else None)

    def _part(self) -> str:
        return self._rng.choices(("weighted", "bonus", "penalty", "veto"), (85, 6, 6, 3))[0]

    def _extra(self, person: int, key: int, part: str) -> ItemRow:
        points = self._rng.choice((0, 100)) if part == "veto" else self._rng.randint(0, 10)
        return ItemRow(person, key, part, None, "rated", "", "", manager=Decimal(points))

    def _rated(self, person: int, key: int, weight: Decimal, habit: int) -> ItemRow:
        given, own = self._level(), self._level()
        if habit == 0:
            given = own = LEVELS[self._rng.randint(0, 1)]
        elif habit == 1:
            given, own = LEVELS[0], LEVELS[1]
        peer = None if habit == 1 or self._rng.random() < 0.5 else _decimal(self._rng.uniform(60, 110), 2)
        manager = None if self._rng.random() < 0.002 else given
        item = ItemRow(person, key, "weighted", weight, "rated", "", "", manager=manager, own=own, peer=peer)
        return item._replace(excluded=self._left_out())

    def _measured(self, person: int, key: int, weight: Decimal, typical: float) -> ItemRow:
        rule, direction, unit, target, floor, stretch, value = self._standard(self._rng.gauss(typical, 0.15))
        missing = self._rng.random() < 0.002
        low, goal, high = (None if one is None else _decimal(one, 2) for one in (floor, target, stretch))
        measured = None if missing else _decimal(value, 1 if rule == "okr" else 0 if rule == "count" else 2)
        item = ItemRow(person, key, "weighted", weight, rule, direction, unit, goal, low, high, measured)
        return item._replace(excluded=self._left_out())

    def _standard(self, done: float) -> tuple[str, str, str, float | None, float | None, float | None, float]:
        """A rule with its numbers and a value, so that about `done` of the target is reached."""
        rate = float(self._rng.randint(10, 900))
        return self._rng.choice(
            (
                ("count", "higher", "items", rate, None, None, rate * done),
                ("ratio", "higher", "CNY", rate * 100, None, None, rate * 100 * done),
                ("ratio", "lower", "days", rate, None, None, rate * (2 - done)),
                ("ratio", "lower", "times", 0.0, None, None, float(self._rng.randint(0, 1))),
                ("anchored", "higher", "%", rate, rate * 0.5, rate * 1.2, rate * done),
                ("anchored", "lower", "%", rate, rate * 1.5, rate * 0.8, rate * (2 - done)),
                ("range", "range", "%", None, rate, rate * 1.25, rate * (0.75 + 0.5 * self._rng.random())),
                ("steps", "lower", "hours", None, None, None, 50 * self._rng.random()),
                ("milestone", "higher", "%", None, None, None, 100 * (min(done, 1.0) if done < 1.25 else done)),
                ("deduction", "higher", "points", None, None, None, abs(1 - done) * 50),
                ("okr", "higher", "", None, None, None, max(min(done, 1.0), 0.0)),
            )
        )

    def _level(self) -> Decimal:
        return self._rng.choices(LEVELS, CHANCES)[0]

    def _left_out(self) -> bool:
        return self._rng.random() < 0.005


def _decimal(value: float, places: int) -> Decimal:
    return Decimal(round(value * 10**places)).scaleb(-places)
