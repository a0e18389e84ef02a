"""A company for processes: a boss with plans to approve, people who report on theirs, everybody on the fake Slack."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from bot.db import Database
from bot.drawing import LINE
from models.approval import Approval
from models.audience import Audience
from models.checkin import Checkin
from models.cycle import Cycle, Stage
from models.delivery import QUEUED, Delivery, Inbox, enqueue
from models.department import Department
from models.fanout import Fanout, begin
from models.identity import Identity
from models.item import Item
from models.person import Person, Role
from models.plan import Plan
from models.todo import Todo
from tests.fakes.slack_store import TEAM

BOSS, HR = 1, 2
Kept = dict[str, Any]
STAGES = ("setting", "self_scoring", "scoring", "published")


def user(person: int) -> str:
    """Their account on the fake Slack."""
    return f"U{person:04d}"


def channel(person: int) -> str:
    """Their direct conversation there."""
    return f"D{person:04d}"


def fill(db: Session, people: int) -> None:
    """Person 1 manages everybody, 2 is HR; odd ones from 3 on wait for an approval, even ones have a plan in force."""
    now = datetime.now(UTC)
    department = Department(code="S", names={"en": "Sales"})
    db.add(department)
    db.flush()
    department.path = f"/{department.id}/"
    db.add_all([_person(number, department.id) for number in range(1, people + 1)])
    db.flush()
    department.head_id = BOSS
    db.add(Role(person_id=HR, name="hr"))
    db.add_all([_account(number, now) for number in range(1, people + 1)])
    cycle = _cycle(db, now)
    plans = [_plan(number, cycle.id, now) for number in range(3, people + 1)]
    db.add_all(plans)
    db.flush()
    db.add_all([_item(plan) for plan in plans])
    db.add_all([_owed(plan, now) for plan in plans if plan.waits_for_id])
    db.flush()
    _count_on(db)


def waiting(db: Session) -> list[tuple[int, int]]:
    """Id and version of every plan that the boss may approve."""
    found = db.exec(select(Plan).where(Plan.state == "submitted").order_by(col(Plan.id))).all()
    return [(plan.id, plan.version) for plan in found]


def reporting(db: Session) -> list[tuple[int, int, int, int]]:
    """Owner, plan, its version and the lineage of its indicator, for every plan in force."""
    found = db.exec(select(Plan).where(Plan.state == "active").order_by(col(Plan.id))).all()
    return [(plan.person_id, plan.id, plan.version, plan.agreed_items(db)[0].lineage) for plan in found]


def tell_everybody(db: Session, text: str) -> int:
    """Stores one line for everybody to be sent; how many."""
    accounts = db.exec(select(Identity.id, Identity.person_id).order_by(col(Identity.person_id))).all()
    about = {"view": LINE, "subject_noun": "", "subject_id": 0}
    rows = [
        {"person_id": person, "identity_id": account, "facts": {"text": text}, **about} for account, person in accounts
    ]
    return len(enqueue(db, rows, datetime.now(UTC)))


def announce(db: Session, text: str) -> None:
    """Stores that one line goes to everybody; the replicas make the messages of it, as of an announcement."""
    topic = Department(code=text, names={"en": text})
    db.add(topic)
    db.flush()
    begin(db, LINE, topic, Audience(everybody=True), datetime.now(UTC), facts={"text": text})


def spreading(db: Session) -> bool:
    """Whether a replica is inside a step of a fan-out, and waits for a lock."""
    asked = (
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO delivery%SELECT%'"
    )
    return db.connection().execute(sa.text(asked)).first() is not None


def approved(db: Session) -> dict[int, int]:
    """How many approvals each plan has."""
    rows = db.connection().execute(sa.select(col(Approval.plan_id), sa.func.count()).group_by(col(Approval.plan_id)))
    return {row[0]: row[1] for row in rows}


def notes(db: Session) -> list[str]:
    """Everything that was reported."""
    return list(db.exec(select(Checkin.note)).all())


def keys(db: Session) -> list[str]:
    """The ids of every event that was accepted."""
    return list(db.exec(select(Inbox.key)).all())


def unsent(db: Session) -> int:
    """How many messages and fan-outs are still to be done."""
    messages = db.exec(select(sa.func.count()).select_from(Delivery).where(Delivery.state == QUEUED)).one()
    return messages + db.exec(select(sa.func.count()).select_from(Fanout).where(col(Fanout.done_at).is_(None))).one()


def leased(db: Session) -> dict[str, frozenset[int]]:
    """What each process is sending, by its name in leases."""
    held: dict[str, set[int]] = {}
    for delivery, owner in db.exec(select(Delivery.id, Delivery.lease).where(Delivery.lease != "")):
        held.setdefault(owner.partition(".")[0], set()).add(delivery)
    return {owner: frozenset(some) for owner, some in held.items()}


def expire(db: Session, deliveries: list[int]) -> None:
    """The minute for which a dead process is waited for passes."""
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    db.connection().execute(sa.update(Delivery).where(col(Delivery.id).in_(deliveries)).values(lease_until=long_ago))


def hurry(db: Session) -> None:
    """The wait after failures passes."""
    put_off = sa.and_(col(Delivery.state) == QUEUED, col(Delivery.error) != "")
    long_ago = datetime.now(UTC) - timedelta(seconds=1)
    db.connection().execute(sa.update(Delivery).where(put_off).values(not_before=long_ago))


def opened(url: str) -> Database:
    """The database, beside the processes that serve it."""
    return Database(url, threads=2)


def _person(number: int, department: int) -> Person:
    manager = BOSS if number > 2 else None
    about: Kept = {"handle": f"p{number}", "email": f"p{number}@corp.example", "locale": "en", "zone": "UTC"}
    return Person(
        id=number, number=str(number), name=f"Person {number}", department_id=department, manager_id=manager, **about
    )


def _account(number: int, now: datetime) -> Identity:
    at: Kept = {"platform": "slack", "tenant": TEAM, "user": user(number), "channel": channel(number)}
    return Identity(person_id=number, seen_at=now, **at)


def _cycle(db: Session, now: datetime) -> Cycle:
    today = now.date()
    about: Kept = {
        "kind": "year",
        "name": "This year",
        "state": "setting",
        "setter": "manager",
        "owner_id": HR,
    }
    dates: Kept = {
        "starts_on": date(today.year, 1, 1),
        "ends_on": date(today.year, 12, 31),
        "published_at": now,
    }
    cycle = Cycle(chain=["manager"], languages=["en"], **about, **dates)
    db.add(cycle)
    db.flush()
    closes = {name: now + timedelta(days=40 * number) for number, name in enumerate(STAGES, 1)}
    db.add_all([Stage(cycle_id=cycle.id, name=name, closes_at=at) for name, at in closes.items()])
    return cycle


def _plan(number: int, cycle: int, now: datetime) -> Plan:
    """Odd ones wait for the boss, even ones are in force."""
    waits: Kept = {"state": "submitted", "waits_for_id": BOSS}
    state: Kept = waits if number % 2 else {"state": "active", "effective": 1}
    return Plan(id=number, version=2, cycle_id=cycle, person_id=number, author_id=number, changed_at=now, **state)


def _item(plan: Plan) -> Item:
    about: Kept = {"name": "Revenue", "formula": "sum", "unit": "%", "source": "CRM", "reason": ""}
    numbers: Kept = {"target": Decimal(80), "weight": Decimal(100), "position": 0, "lineage": plan.id}
    return Item(plan_id=plan.id, revision=1, **about, **numbers)


def _owed(plan: Plan, now: datetime) -> Todo:
    about: Kept = {"kind": "plan.approve", "subject_noun": "plan", "subject_id": plan.id}
    due: Kept = {"created_at": now, "due_at": now + timedelta(days=30)}
    return Todo(assignee_id=BOSS, about_id=plan.person_id, cycle_id=plan.cycle_id, **about, **due)


def _count_on(db: Session) -> None:
    """PostgreSQL does not count ids that were given."""
    if db.get_bind().dialect.name != "postgresql":
        return
    for name in ("person", "plan"):
        table = SQLModel.metadata.tables[name]
        newest = db.connection().execute(sa.select(sa.func.max(table.c.id))).scalar()
        db.connection().execute(sa.text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {newest})"))
