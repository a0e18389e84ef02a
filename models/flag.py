"""Flags: what the rules found odd about scores, and what a person decided about it; open ones keep results back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.access import Actor, check
from models.base import Refused, Versioned, batches, json_field, record
from models.chain import reviewer
from models.cycle import Cycle
from models.department import Department
from models.person import Person
from models.rules.sheets import Found
from models.scorecard import MANAGER, Scorecard
from models.todo import owe, settle

OPEN, CORRECTING = "open", "correcting"
CONFIRMED, CORRECTED, DISMISSED = "confirmed", "corrected", "dismissed"
UNSETTLED = (OPEN, CORRECTING)
PERSON, RATER, DEPARTMENT, PAIR = "person", "rater", "department", "pair"


class Flag(Versioned, table=True):
    """One finding of one rule about a person, a rater, a department or a pair. `figures` are numbers as text.

    `reason` is sealed by bot.vault. `person_id` is whose case it is: nobody resolves a flag about themselves.
    """

    __table_args__ = (
        sa.UniqueConstraint("cycle_id", "rule", "about", "key", "other"),
        sa.Index("ix_flag_state", "cycle_id", "state"),
    )
    noun: ClassVar[str] = "flag"
    cycle_id: int = Field(foreign_key="cycle.id")
    rule: str
    about: str
    key: int
    other: int = 0
    person_id: int | None = Field(default=None, foreign_key="person.id")
    department_id: int | None = Field(default=None, foreign_key="department.id")
    figures: dict[str, str] = json_field(default_factory=dict)
    state: str = OPEN
    reason: bytes | None = None
    waits_for_id: int | None = Field(default=None, foreign_key="person.id")
    raised_at: datetime
    resolved_at: datetime | None = None
    resolved_by_id: int | None = Field(default=None, foreign_key="person.id")

    def involves(self, db: Session, person_id: int) -> bool:
        """Whether its figures are about this person's scores, too: they could subtract the others'. Who has to decide
        because everybody else is involved as well is let."""
        return self.waits_for_id != person_id and person_id in _involved(db, self)

    def confirm(self, db: Session, actor: Actor, at: int, now: datetime, reason: bytes) -> None:
        """HR looked, and the scores stand, with the reason."""
        self._resolve(db, actor, at, now, CONFIRMED, reason)

    def dismiss(self, db: Session, actor: Actor, at: int, now: datetime, reason: bytes) -> None:
        """HR looked, and the rule is wrong here, with the reason."""
        self._resolve(db, actor, at, now, DISMISSED, reason)

    def correct(self, db: Session, actor: Actor, at: int, now: datetime, reason: bytes) -> None:
        """HR gives the scores back; the flag ends when the rule finds nothing in the new ones."""
        self._resolve(db, actor, at, now, CORRECTING, reason)

    def _resolve(self, db: Session, actor: Actor, at: int, now: datetime, state: str, reason: bytes) -> None:
        check(db, actor, "flag.resolve", self)
        if self.state != OPEN:
            raise Refused("This was decided already.")
        settle(db, self, actor.id, now)
        who = {"resolved_by_id": actor.id, "resolved_at": now, "waits_for_id": None}
        self.advance(db, at, state=state, reason=reason, **who)
        record(db, f"flag.{state}", self, rule=self.rule)


def raise_flags(
    db: Session, cycle: Cycle, found: Sequence[Found], looked_at: frozenset[tuple[str, int]], now: datetime
) -> list[Flag]:
    """Keeps the flags in step with what the rules find now: the newly raised ones, and those raised again because
    their figures changed after they were decided. `looked_at` names the subjects ("person", id) that were examined:
    an unsettled flag about one of them that is not found any more counts as corrected.
    """
    raised = raise_each(db, cycle, found, now)
    end_rest(db, cycle, found, looked_at, now)
    return raised


def raise_each(db: Session, cycle: Cycle, found: Sequence[Found], now: datetime) -> list[Flag]:
    """What the rules find: a flag for each; the newly raised ones."""
    known = {
        _key(flag): flag
        for some in batches(sorted({one.key for one in found}))
        for flag in db.exec(select(Flag).where(Flag.cycle_id == cycle.id, col(Flag.key).in_(some)))
    }
    raised = []
    for one in found:
        figures = {name: str(value) for name, value in one.figures.items()}
        flag = known.get((one.rule, one.on, one.key, one.other))
        if flag is None:
            raised.append(_new(db, cycle, one, figures, now))
        elif _changed(flag, figures) and _again(db, cycle, flag, figures, now):
            raised.append(flag)
    return raised


def end_rest(
    db: Session, cycle: Cycle, found: Sequence[Found], looked_at: frozenset[tuple[str, int]], now: datetime
) -> None:
    """What the rules do not find any more, of what was looked at."""
    still = {(one.rule, one.on, one.key, one.other) for one in found}
    for flag in unsettled(db, cycle.id):
        if (flag.about, flag.key) in looked_at and _key(flag) not in still:
            settle(db, flag, 0, now)
            flag.advance(db, state=CORRECTED, waits_for_id=None, resolved_at=now)
            record(db, "flag.corrected", flag, rule=flag.rule)


def unsettled(db: Session, cycle_id: int) -> Sequence[Flag]:
    """The flags that keep results back, oldest first."""
    wanted = select(Flag).where(Flag.cycle_id == cycle_id, col(Flag.state).in_(UNSETTLED))
    return db.exec(wanted.order_by(col(Flag.id))).all()


def flags_of(db: Session, cycle_id: int) -> Sequence[Flag]:
    """Every flag of a cycle, the undecided first."""
    rank = sa.case((col(Flag.state) == OPEN, 0), (col(Flag.state) == CORRECTING, 1), else_=2)
    return db.exec(select(Flag).where(Flag.cycle_id == cycle_id).order_by(rank, col(Flag.id))).all()


def _changed(flag: Flag, figures: Mapping[str, str]) -> bool:
    """Whether what was decided is about other figures, or the correction did not help."""
    return flag.figures != figures or flag.state in (CORRECTED, CORRECTING)


@dataclass(frozen=True, slots=True)
class Subjects:
    """Flags by what they are about, so that a whole company is looked through once."""

    by_subject: Mapping[tuple[str, int], Sequence[Flag]]

    def of(self, person_id: int, department_id: int | None, rater_id: int | None) -> list[Flag]:
        """The flags about one person: themselves, a pair they are part of, who scored them, their department."""
        asked = ((PERSON, person_id), (PAIR, person_id), (RATER, rater_id), (DEPARTMENT, department_id))
        return [flag for about, key in asked for flag in self.by_subject.get((about, key or 0), ())]


def subjects_of(flags: Sequence[Flag]) -> Subjects:
    """The flags, sorted by what they are about."""
    found: dict[tuple[str, int], list[Flag]] = {}
    for flag in flags:
        found.setdefault((flag.about, flag.key), []).append(flag)
        if flag.about == PAIR and flag.other != flag.key:
            found.setdefault((PAIR, flag.other), []).append(flag)
    return Subjects(found)


def _key(flag: Flag) -> tuple[str, str, int, int]:
    return flag.rule, flag.about, flag.key, flag.other


def _new(db: Session, cycle: Cycle, one: Found, figures: Mapping[str, str], now: datetime) -> Flag:
    person_id, department_id = _whose(db, one)
    flag = Flag(
        cycle_id=cycle.id,
        rule=one.rule,
        about=one.on,
        key=one.key,
        other=one.other,
        person_id=person_id,
        department_id=department_id,
        figures=dict(figures),
        raised_at=now,
    )
    flag.waits_for_id = _decider(db, cycle, flag)
    db.add(flag)
    db.flush()
    owe(db, "flag.resolve", flag, flag.waits_for_id, now)
    record(db, "flag.raised", flag, rule=flag.rule)
    return flag


def _again(db: Session, cycle: Cycle, flag: Flag, figures: Mapping[str, str], now: datetime) -> bool:
    """Opens a decided flag again, whose figures have changed; one that is open takes the new figures. Whether it was
    opened."""
    was = flag.state
    changes: dict[str, Any] = {"figures": dict(figures), "state": OPEN}
    if was != OPEN:
        changes |= {"waits_for_id": _decider(db, cycle, flag), "reason": None, "resolved_at": None}
        changes |= {"resolved_by_id": None}
    flag.advance(db, **changes)
    if was != OPEN:
        owe(db, "flag.resolve", flag, flag.waits_for_id or 0, now)
        record(db, "flag.raised", flag, rule=flag.rule)
    return was != OPEN


def _decider(db: Session, cycle: Cycle, flag: Flag) -> int:
    """Somebody in HR, else an executive, of whom its figures say nothing; else one whose case it is not."""
    try:
        return reviewer(db, cycle.owner_id, _involved(db, flag))
    except Refused:
        return reviewer(db, cycle.owner_id, frozenset({flag.person_id} if flag.person_id else ()))


def _involved(db: Session, flag: Flag) -> frozenset[int]:
    """Whose scores its figures come from, and who gave them."""
    found = {flag.person_id} if flag.person_id else set()
    if flag.about == PAIR:
        found.add(flag.other)
    elif flag.about == DEPARTMENT:
        found |= set(db.exec(select(Person.id).where(Person.department_id == flag.key)))
    elif flag.about == RATER:
        scored = select(Scorecard.person_id).where(Scorecard.cycle_id == flag.cycle_id, Scorecard.kind == MANAGER)
        found |= set(db.exec(scored.where(Scorecard.rater_id == flag.key)))
    return frozenset(found)


def _whose(db: Session, one: Found) -> tuple[int | None, int | None]:
    """Whose case it is, and in which department: a department's is its head's."""
    if one.on == DEPARTMENT:
        department = db.get_one(Department, one.key)
        return department.head_id, department.id
    return one.key, db.get_one(Person, one.key).department_id
