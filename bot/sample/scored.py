"""What people say about a past cycle: their own scores, their managers', and colleagues' answers, written in bulk."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from bot.sample.cast import said
from bot.sample.organisation import Organisation
from bot.sample.past import Written
from bot.sample.planned import Rows, insert
from bot.sample.times import at_work
from bot.vault import Vault
from models.peer import ANSWERED, BITS, PASSED, Answer, Peer
from models.person import Person
from models.rules.scoring import score
from models.rules.standards import Standard
from models.rules.totals import SCALE, Level
from models.scorecard import MANAGER, SELF, SUBMITTED, Score, Scorecard

# A level is given for measured results this many points above the middle between it and the next one: people rate a
# little more strictly than they are measured.
STRICT = Decimal(2)
DAY = timedelta(days=1)
# How likely a rating says something in words: what is far from usual needs a reason.
WORDS = {"S": 0.9, "A": 0.3, "B": 0.2, "C": 0.9, "D": 1.0}
TONES = {"S": "praised", "A": "praised", "B": "usual", "C": "weak", "D": "weak"}


@dataclass(slots=True)
class Scores:
    """Fills scorecards. Managers of `generous` departments (by id) rate nearly everybody at the top."""

    db: Session
    vault: Vault
    organisation: Organisation
    generous: frozenset[int]
    rng: Random

    def fill(self, written: Written) -> None:
        """Every card is handed in; where colleagues count, about one in four has answers of three to five."""
        levels = {plan_id: self.deserved(written, plan_id) for plan_id in written.owners}
        self._cards(written, SELF, lambda plan_id: self._own(written.owners[plan_id], levels[plan_id]))
        self._cards(written, MANAGER, lambda plan_id: levels[plan_id])
        if written.round.terms:
            self._peers(written, levels)

    def word(self, kind: str, locale: str) -> str:
        """Something people write, in a language."""
        chosen: str = self.rng.choice(said("words")[locale][kind])
        return chosen

    def deserved(self, written: Written, plan_id: int) -> int:
        """The place in the scale that a manager gives: near what is measured, and rarely one beside it."""
        if written.owners[plan_id].department_id in self.generous:
            return 0 if self.rng.random() < 0.8 else 1
        points = merit(written, plan_id)
        fitting = next((place for place, edge in enumerate(_edges()) if points >= edge), len(SCALE) - 1)
        return self._beside(fitting, better=0.12, worse=0.12)

    def _own(self, person: Person, level: int) -> int:
        """People see themselves as their manager does or a little better."""
        if person.department_id in self.generous:
            return level
        return self._beside(level, better=0.3, worse=0.1)

    def _beside(self, place: int, *, better: float, worse: float) -> int:
        """The place itself, or by chance the one beside it."""
        drawn = self.rng.random()
        moved = place - 1 if drawn < better else place + 1 if drawn > 1 - worse else place
        return min(max(moved, 0), len(SCALE) - 1)

    def _cards(self, written: Written, kind: str, level_of: Callable[[int], int]) -> None:
        """Cards of a kind with their scores, and what is said in words."""
        raters = {plan_id: _rater(person, kind) for plan_id, person in written.owners.items()}
        plans = [plan_id for plan_id, rater in raters.items() if rater]
        begins = written.round.own_at if kind == SELF else written.round.scored_at
        rows = [self._card(written, plan_id, kind, raters[plan_id], begins) for plan_id in plans]
        ids = insert(self.db, Scorecard, rows)
        scores, on_items, on_cards = [], [], []
        for card_id, row in zip(ids, rows, strict=True):
            level = SCALE[level_of(row["plan_id"])]
            on_cards.append((level, row["rater_id"]))
            for item in _rated(written.items[row["plan_id"]]):
                scores.append(_score(card_id, item["lineage"], level, row["submitted_at"]))
                on_items.append((level, row["rater_id"]))
        score_ids = insert(self.db, Score, scores)
        if kind == SELF:
            self._comment(Scorecard, ids, on_cards, kind)
        else:
            self._comment(Score, score_ids, on_items, kind)

    def _card(self, written: Written, plan_id: int, kind: str, rater: int | None, begins: datetime) -> dict[str, Any]:
        return {
            "cycle_id": written.cycle.id,
            "plan_id": plan_id,
            "person_id": written.owners[plan_id].id,
            "kind": kind,
            "state": SUBMITTED,
            "rater_id": rater,
            "submitted_at": at_work(begins + self.rng.uniform(0, 3.5) * DAY, self.rng),
            "version": 3,
        }

    def _comment(self, model: type[Any], ids: Sequence[int], said_with: Sequence[tuple[Level, int]], kind: str) -> None:
        """Seals the words of those who say some: managers about an item, fitting the level they give, people about
        the whole."""
        rows = []
        locales = {person.id: person.locale for person in self.organisation.people.values()}
        for number, (level, rater) in zip(ids, said_with, strict=True):
            if self.rng.random() < (WORDS[level.name] if kind == MANAGER else 0.25):
                text = self.word(TONES[level.name] if kind == MANAGER else "own", locales[rater])
                place = (model.__tablename__, "comment", number)
                rows.append({"key": number, "comment": self.vault.seal(place, text)})
        if rows:
            table: sa.Table = model.__table__
            changed = sa.update(table).where(table.c.id == sa.bindparam("key"))
            self.db.connection().execute(changed.values(comment=sa.bindparam("comment")), rows)

    def _peers(self, written: Written, levels: Mapping[int, int]) -> None:
        """Colleagues of the same department; one in six who was asked did not answer."""
        asked: Rows = []
        answers: Rows = []
        for plan_id, person in written.owners.items():
            others = [one for one in written.owners.values() if _colleagues(one, person)]
            if len(others) < 4 or self.rng.random() > 0.25:
                continue
            chosen = self.rng.sample(others, min(len(others), self.rng.randint(4, 5)))
            passed = chosen[-1] if self.rng.random() < 0.6 else None
            asked += [_peer(written, plan_id, one, PASSED if one is passed else ANSWERED) for one in chosen]
            for item in _rated(written.items[plan_id]):
                said_by = [one for one in chosen if one is not passed]
                answers += [self._answer(plan_id, item["lineage"], levels[plan_id]) for _one in said_by]
        insert(self.db, Peer, asked)
        self.db.connection().execute(sa.insert(Answer), answers)

    def _answer(self, plan_id: int, lineage: int, level: int) -> dict[str, Any]:
        given = SCALE[self._beside(level, better=0.2, worse=0.3)]
        return {"id": self.rng.getrandbits(BITS), "plan_id": plan_id, "lineage": lineage, "points": given.points}


def merit(written: Written, plan_id: int) -> Decimal:
    """The mean points of a plan's measured items, by weight: what whoever rates it knows."""
    whole = points = Decimal(0)
    for row in written.items[plan_id]:
        value = written.values.get(row["lineage"])
        given = score(_standard(row), value).points if value is not None else None
        if given is not None and row["weight"]:
            whole += row["weight"]
            points += row["weight"] * given
    return points / whole if whole else Decimal(90)


def _standard(row: Mapping[str, Any]) -> Standard:
    """As models.item.Item.standard, without making an item of the row."""
    steps = tuple((Decimal(start), Decimal(points)) for start, points in row["steps"])
    aims = {name: row[name] for name in ("target", "floor", "stretch", "cap")}
    return Standard(rule=row["rule"], direction=row["direction"], unit=row["unit"], steps=steps, **aims)


def _edges() -> list[Decimal]:
    """The measured points from which each level but the last is given."""
    return [(upper.points + lower.points) / 2 + STRICT for upper, lower in pairwise(SCALE)]


def _rated(items: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [item for item in items if item["rule"] == "rated"]


def _rater(person: Person, kind: str) -> int | None:
    return person.id if kind == SELF else person.manager_id


def _colleagues(one: Person, other: Person) -> bool:
    """Whether one may be asked about the other: neither is the other, nor their manager."""
    return one.department_id == other.department_id and one.id not in (other.id, other.manager_id)


def _peer(written: Written, plan_id: int, rater: Person, state: str) -> dict[str, Any]:
    person = written.owners[plan_id]
    return {
        "cycle_id": written.cycle.id,
        "plan_id": plan_id,
        "person_id": person.id,
        "rater_id": rater.id,
        "state": state,
        "version": 3,
    }


def _score(card_id: int, lineage: int, level: Level, at: datetime) -> dict[str, Any]:
    return {"scorecard_id": card_id, "lineage": lineage, "level": level.name, "points": level.points, "at": at}
