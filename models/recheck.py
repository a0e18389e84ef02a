"""The re-check of a dispute: what an item was scored from, read again at its origin and kept beside the case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import Session, col, select

from models.checkin import MANUAL as ENTERED
from models.checkin import Measurement
from models.item import Item
from models.result import Line, Result
from models.scorecard import LOCKED, MANAGER, SELF, Score, Scorecard

# What an item's points come from: a value somebody entered, one that another system gave, people's levels, nothing.
MANUAL, IMPORTED, RATED, NOTHING = "manual", "imported", "rated", "nothing"


@dataclass(frozen=True, slots=True)
class Entry:
    """One value on record: who entered it (None: no person), when, from which system's record."""

    id: int
    value: Decimal
    at: datetime
    by_id: int | None
    source: str
    reference: str


@dataclass(frozen=True, slots=True)
class Given:
    """What a rater ("manager", "self") gave; peers stay anonymous and are never listed."""

    rater: str
    by_id: int | None
    level: str
    points: Decimal | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Reread:
    """One item as its origin has it now. `counted` is what the result counted: a value, or points where it is rated.

    `entries` are all values ever on record, oldest first; `counted_id` names the one that the result counted.
    `owner_id` owns the data and is who can ask the source itself: nothing here has asked it.
    """

    lineage: int
    kind: str
    unit: str
    owner_id: int | None
    counted: Decimal | None
    counted_id: int | None = None
    entries: tuple[Entry, ...] = ()
    given: tuple[Given, ...] = ()

    @property
    def newest(self) -> Entry | None:
        """What is on record now."""
        return self.entries[-1] if self.entries else None

    @property
    def entry(self) -> Entry | None:
        """The record that the result counted."""
        return next((one for one in self.entries if one.id == self.counted_id), None)

    @property
    def earlier(self) -> tuple[Entry, ...]:
        """What was on record before the one that was counted, oldest first."""
        ids = [one.id for one in self.entries]
        return self.entries[: ids.index(self.counted_id)] if self.counted_id in ids else ()

    @property
    def differs(self) -> bool:
        """Whether another value is on record now than the result counted, or other points."""
        if self.newest is not None:
            return self.newest.value != self.counted
        return any(one.rater == MANAGER and one.points != self.counted for one in self.given)


def reread(db: Session, plan_id: int, lines: Sequence[Line]) -> dict[str, Any]:
    """The comparison of every line with its origin, as plain JSON values; `kept` reads it again."""
    cards = _cards(db, plan_id)
    found = tuple(_reread(db, plan_id, line, cards) for line in lines)
    items: list[dict[str, Any]] = _adapter().dump_python(found, mode="json")
    return {"items": items}


def kept(recheck: Mapping[str, Any]) -> tuple[Reread, ...]:
    """What `reread` found when the case was filed."""
    return _adapter().validate_python(recheck.get("items", ()))


def snapshot(lines: Sequence[Line], result: Result) -> dict[str, Any]:
    """What a result was when it was disputed, for good: figures as text."""
    rows = [_texts(line.model_dump(exclude={"id", "result_id"})) for line in lines]
    return {"total": str(result.total), "rating": result.rating, "revision": result.revision, "lines": rows}


def _texts(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in row.items()}


def _reread(db: Session, plan_id: int, line: Line, cards: Mapping[int, Scorecard]) -> Reread:
    item = db.get_one(Item, line.item_id)
    about: dict[str, Any] = {"lineage": line.lineage, "unit": item.unit, "owner_id": item.owner_id}
    if line.measurement_id is not None:
        entries = _entries(db, plan_id, line.lineage)
        counted = db.get_one(Measurement, line.measurement_id)
        kind = MANUAL if counted.source == ENTERED else IMPORTED
        return Reread(**about, kind=kind, counted=line.value, counted_id=line.measurement_id, entries=entries)
    given = _given(db, cards, line.lineage)
    return Reread(**about, kind=RATED if given else NOTHING, counted=line.manager, given=given)


def _entries(db: Session, plan_id: int, lineage: int) -> tuple[Entry, ...]:
    wanted = select(Measurement).where(Measurement.plan_id == plan_id, Measurement.lineage == lineage)
    rows = db.exec(wanted.order_by(col(Measurement.at), col(Measurement.id)))
    return tuple(Entry(row.id, row.value, row.at, row.by_id, row.source, row.reference) for row in rows)


def _cards(db: Session, plan_id: int) -> dict[int, Scorecard]:
    """The handed-in cards of the manager and of the person themselves."""
    kinds = col(Scorecard.kind).in_((MANAGER, SELF))
    rows = db.exec(select(Scorecard).where(Scorecard.plan_id == plan_id, kinds, Scorecard.state != LOCKED))
    return {card.id: card for card in rows if card.rater_id is not None}


def _given(db: Session, cards: Mapping[int, Scorecard], lineage: int) -> tuple[Given, ...]:
    wanted = select(Score).where(col(Score.scorecard_id).in_(cards), Score.lineage == lineage)
    rows = db.exec(wanted.order_by(col(Score.id))).all()
    found = [(cards[row.scorecard_id], row) for row in rows]
    given = [Given(card.kind, card.rater_id, row.level, row.points, row.at) for card, row in found]
    return tuple(sorted(given, key=lambda one: one.rater != MANAGER))


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[tuple[Reread, ...]]:
    return TypeAdapter(tuple[Reread, ...])
