"""A company of four departments and a cycle, plans and todos in it: what counting is tried on."""

from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session

from models.cycle import Cycle
from models.department import Department
from models.person import Person
from models.plan import Plan
from models.todo import Todo

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PATHS = ("C", "C/R", "C/S", "C/S/x")
Company = dict[str, Department]


def company(db: Session) -> tuple[Cycle, Company]:
    """A company C with research, sales, and a team x below sales; nobody works there yet but the boss."""
    known: Company = {}
    for path in PATHS:
        department(db, known, path)
    return year(db, 2026, "setting", person(db, "boss", known["C"])), known


def department(db: Session, known: Company, path: str) -> Department:
    """One more department, by its path ("C/S"); those above it are known."""
    above = known.get(path.rpartition("/")[0])
    one = Department(code=path, names={"en": path}, parent_id=above.id if above else None)
    db.add(one)
    db.flush()
    one.path = f"{above.path if above else '/'}{one.id}/"
    known[path] = one
    return one


def year(db: Session, number: int, state: str, owner: Person) -> Cycle:
    """The cycle of a calendar year."""
    made = Cycle(
        kind="year",
        name=str(number),
        starts_on=date(number, 1, 1),
        ends_on=date(number, 12, 31),
        state=state,
        chain=[],
        languages=[],
        owner_id=owner.id,
    )
    db.add(made)
    db.flush()
    return made


def person(db: Session, name: str, place: Department | None, manager: Person | None = None) -> Person:
    """Somebody in a department."""
    made = Person(number=name, name=name, handle=name, department_id=place.id if place else None)
    made.manager_id = manager.id if manager else None
    db.add(made)
    db.flush()
    return made


def planned(db: Session, cycle: Cycle, owner: Person, faults: str = "") -> Plan:
    """Their plan."""
    made = Plan(cycle_id=cycle.id, person_id=owner.id, changed_at=NOW, faults=faults)
    db.add(made)
    db.flush()
    return made


def owes(
    db: Session,
    cycle: Cycle,
    who: Person,
    kind: str,
    subject: int,
    about: Person | None,
    due: int | None,
    done: int | None = None,
) -> Todo:
    """A todo due and done so many days from now."""
    made = Todo(
        kind=kind,
        subject_noun=kind.partition(".")[0],
        subject_id=subject,
        assignee_id=who.id,
        about_id=about.id if about else None,
        cycle_id=cycle.id,
        created_at=NOW - 9 * DAY,
        due_at=NOW + due * DAY if due is not None else None,
        done_at=NOW + done * DAY if done is not None else None,
    )
    db.add(made)
    db.flush()
    return made
