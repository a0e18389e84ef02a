"""Who leaves is followed in their posts, where it is clear by whom."""

from sqlmodel import Session, select

from bot.db import Database
from models.base import changes
from models.department import Department
from models.departure import leave
from models.person import Person
from tests.models.rows import AT, person


def department(db: Session, code: str, chief: Person, *people: Person) -> Department:
    """A department with its head and people."""
    made = Department(code=code, names={"en": code}, head_id=chief.id)
    db.add(made)
    db.flush()
    made.path = f"/{made.id}/"
    for one in (chief, *people):
        one.department_id = made.id
    return made


def test_a_post_passes_to_whom_most_people_report(database: Database) -> None:
    def work(db: Session) -> dict[str, str]:
        people = {name: person(db, name) for name in ("Ann", "Bob", "Cid", "Dee", "Eve", "Fay")}
        department(db, "clear", people["Ann"], people["Bob"], people["Cid"])
        department(db, "open", people["Dee"], people["Eve"], people["Fay"])
        for below, above in (("Bob", "Ann"), ("Cid", "Bob"), ("Eve", "Dee"), ("Fay", "Dee")):
            people[below].manager_id = people[above].id
        db.flush()
        for name in ("Ann", "Dee"):
            leave(db, people[name], AT)
        assert [one.action for one in changes(db)] == ["person.left"] * 2
        names = {one.id: one.name for one in people.values()}
        return {one.code: names[one.head_id or 0] for one in db.exec(select(Department)).all()}

    assert database.now(work) == {"clear": "Bob", "open": "Dee"}
