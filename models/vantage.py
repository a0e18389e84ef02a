"""From where somebody may look at the work of a cycle: the company, a department, their own people."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.access import NOT_FOUND, Actor, can, check
from models.base import Refused
from models.department import Department
from models.headway import Place
from models.loaded import one

COMPANY, TEAM = "0", "team"
DIGITS = 9


@dataclass(frozen=True, slots=True)
class Vantage:
    """A place by the word that buttons use for it; `names`: its people are shown by name, and may be reminded."""

    word: str
    place: Place
    department: Department | None = None
    names: bool = False


def vantage(db: Session, actor: Actor, word: str) -> Vantage:
    """The place of a word ("0" the company, "team" the actor's own people, else a department); refuses those that the
    actor may not look at, and those that do not exist, in the same words."""
    if word == TEAM:
        return Vantage(word, Place(manager_id=actor.id), names=True)
    if word == COMPANY:
        check(db, actor, "company.progress")
        return Vantage(word, Place(), names=can(db, actor, "company.chase"))
    known = word.isascii() and word.isdecimal() and len(word) <= DIGITS
    department = one(db, Department, int(word)) if known else None
    if department is None:
        raise Refused(NOT_FOUND)
    check(db, actor, "department.progress", department)
    return Vantage(word, Place(department.path), department, can(db, actor, "department.chase", department))


def widest(db: Session, actor: Actor) -> str:
    """The widest place that somebody watches: the company, or the highest department they head; "" for nobody."""
    if can(db, actor, "company.progress"):
        return COMPANY
    headed = headed_by(db, actor.id)
    return str(headed.id) if headed is not None else ""


def headed_by(db: Session, person_id: int) -> Department | None:
    """The highest department somebody heads."""
    mine = select(Department).where(Department.head_id == person_id)
    return db.exec(mine.order_by(sa.func.length(Department.path), col(Department.id))).first()
