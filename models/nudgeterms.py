"""What HR sets about the reminders of a cycle: days, a pause, own words (kept in `cycle.terms["nudges"]`)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlmodel import Session, col, select

from models.base import Refused, record
from models.cycle import Cycle
from models.rules.nudging import MOST_DAYS, Policy, words
from models.todo import Todo

MOST = 5
_DAYS = re.compile(r"[0-9]{1,3}")


def set_nudges(
    db: Session,
    cycle: Cycle,
    at: int,
    kind: str,
    base: Policy,
    before: str,
    given: Mapping[str, int],
    hold: date | None,
    said: Mapping[str, str],
) -> None:
    """Sets the days of one kind of todo, or of the whole cycle ("" for the kind), and for both the pause and words."""
    if cycle.state in ("closed", "cancelled"):
        raise Refused("This cycle is over: nobody is reminded of anything in it.")
    days = read_before(before)
    chosen = replace(base, before=tuple(one for one in days if one), on_day=0 in days, **given)
    kept = dict(cycle.terms.get("nudges", {}))
    if kind:
        kept["kinds"] = {**kept.get("kinds", {}), kind: chosen.kept()}
    else:
        kept.update(chosen.kept())
    kept["paused_until"] = hold.isoformat() if hold else None
    kept["words"] = dict(said)
    cycle.advance(db, at, terms={**cycle.terms, "nudges": kept})
    record(db, "cycle.nudges_set", cycle, kind=kind, hold=kept["paused_until"], **chosen.kept())


def read_before(said: str) -> list[int]:
    """The days of "7, 3, 1, 0", the earliest first; refuses anything else."""
    found = sorted({int(one) for one in _DAYS.findall(said)}, reverse=True)
    rest = _DAYS.sub("", said).replace(",", "").replace("、", "").replace("，", "").strip()
    if rest or len(found) > MOST or any(one > MOST_DAYS for one in found):
        raise Refused("Please write up to 5 numbers of days from 0 to 60, such as 7, 3, 1, 0.", field="before")
    return found


def said_before(one: Policy) -> str:
    """The same the other way round."""
    return ", ".join(str(days) for days in (*one.before, *([0] if one.on_day else [])))


def words_for(db: Session, todo_ids: Sequence[int], locale: str) -> str:
    """HR's own words for the cycle of the most urgent of these todos, "" if there are none."""
    asked = select(Cycle).join(Todo, col(Todo.cycle_id) == col(Cycle.id)).where(col(Todo.id).in_(todo_ids))
    first = db.exec(asked.order_by(col(Todo.due_at), col(Todo.id)).limit(1)).first()
    return words(first.terms.get("nudges", {}), locale) if first is not None else ""
