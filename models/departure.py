"""Somebody leaves without an import saying so: their posts and what waited for them go on at once (threat T37)."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from models.base import record
from models.department import Department
from models.handover import hand_over, pass_posts_on
from models.person import Person


def leave(db: Session, person: Person, now: datetime) -> None:
    """The person works here no more: the same as an import that says so."""
    person.left_at = now
    db.add(person)
    db.flush()
    record(db, "person.left", person)
    former = _succeeded(db, person)
    hand_over(db, {person.id}, now)
    pass_posts_on(db, former, now)


def _succeeded(db: Session, person: Person) -> set[int]:
    """Gives the departments they led to whom more than half of the people report now; who lost a post by that."""
    former: set[int] = set()
    for department in db.exec(select(Department).where(Department.head_id == person.id)).all():
        people = db.exec(select(Person).where(Person.department_id == department.id)).all()
        found = head(department.id, people)
        if found is not None:
            department.head_id = found
            former.add(person.id)
    return former


def head(department_id: int, people: Sequence[Person]) -> int | None:
    """Who more than half of a department reports to, step by step; None if nobody: a wrong head would see too much."""
    inside = {one.id: one for one in people if one.department_id == department_id and one.left_at is None}
    under: Counter[int] = Counter()
    for person in inside.values():
        top, seen = person, {person.id}
        while top.manager_id in inside and top.manager_id not in seen:
            top = inside[top.manager_id]
            seen.add(top.id)
        under[top.id] += 1
    first = under.most_common(1)
    return first[0][0] if first and first[0][1] * 2 > len(inside) else None
