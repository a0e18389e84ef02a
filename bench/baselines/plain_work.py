"""What the plain app does in its database, with the same tables and the ORM throughout."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models.approval import Approval
from models.audit import Audit
from models.checkin import Measurement
from models.cycle import Cycle, Stage
from models.delivery import Delivery, Inbox
from models.identity import Identity
from models.item import Item
from models.person import Person, Role
from models.plan import Plan
from models.todo import Todo

Json = dict[str, Any]


@dataclass
class ShownPlan:
    """What the card of a plan says."""

    plan: Plan
    owner: str
    cycle: str
    items: Sequence[Item]
    due: datetime | None
    waits_for: str
    next_channel: str
    message_id: int


@dataclass
class ShownHome:
    """What the home says."""

    name: str
    todos: Sequence[tuple[Todo, str]]
    plan: Plan | None
    cycle: Cycle | None
    stages: Sequence[Stage]
    done: Decimal | None
    manages: bool
    roles: Sequence[str]


async def approve(session: AsyncSession, body: Json) -> ShownPlan | None:
    """Approves the pressed plan; None if this was seen before, or is not for this person or not open any more."""
    now = datetime.now(UTC)
    account = await _account(session, body["team"]["id"], body["user"]["id"], body["trigger_id"], now)
    person = await session.get(Person, account.person_id) if account else None
    subject, version = map(int, body["actions"][0]["value"].split(":"))
    plan = await session.get(Plan, subject)
    if person is None or person.left_at is not None or plan is None:
        return None
    if plan.waits_for_id != person.id or plan.state != "submitted" or plan.version != version:
        return None
    cycle = await session.get_one(Cycle, plan.cycle_id)
    session.add(
        Approval(plan_id=plan.id, revision=plan.revision, step=plan.step, decision="approved", by_id=person.id, at=now)
    )
    if not await _move(session, plan, version, cycle.owner_id, now):
        await session.rollback()
        return None
    due = (
        await session.exec(select(Stage.closes_at).where(Stage.cycle_id == cycle.id, Stage.name == "setting"))
    ).first()
    await _settle(session, plan, person.id, now)
    session.add(_todo(plan, cycle.owner_id, now, due))
    session.add(_audit("plan.approved", plan, person.id, now))
    message, channel = await _tell(session, plan, cycle.owner_id, now)
    await session.commit()
    owner, reviewer = await session.get_one(Person, plan.person_id), await session.get_one(Person, cycle.owner_id)
    items = (
        await session.exec(
            select(Item).where(Item.plan_id == plan.id, Item.revision == plan.revision).order_by(col(Item.position))
        )
    ).all()
    return ShownPlan(plan, owner.name, cycle.name, items, due, reviewer.name, channel, message)


async def sent(session: AsyncSession, message_id: int, channel: str, message: str) -> None:
    """Remembers where a message stands."""
    row = await session.get_one(Delivery, message_id)
    row.state, row.due, row.channel, row.message, row.sent_at = "sent", False, channel, message, datetime.now(UTC)
    session.add(row)
    await session.commit()


async def home(session: AsyncSession, body: Json) -> ShownHome | None:
    """Everything the home shows; None if this was seen before."""
    now = datetime.now(UTC)
    account = await _account(session, body["team_id"], body["user_id"], body["trigger_id"], now)
    person = await session.get(Person, account.person_id) if account else None
    if person is None or person.left_at is not None:
        return None
    roles = (await session.exec(select(Role.name).where(Role.person_id == person.id))).all()
    todos = (
        await session.exec(
            select(Todo, Person.name)
            .join(Plan, col(Plan.id) == col(Todo.subject_id))
            .join(Person, col(Person.id) == col(Plan.person_id))
            .where(Todo.assignee_id == person.id, col(Todo.done_at).is_(None))
            .order_by(col(Todo.due_at), col(Todo.id))
        )
    ).all()
    cycle = (await session.exec(select(Cycle).where(Cycle.state == "setting").order_by(col(Cycle.starts_on)))).first()
    plan, stages, done = None, [], None
    if cycle is not None:
        plan = (await session.exec(select(Plan).where(Plan.cycle_id == cycle.id, Plan.person_id == person.id))).first()
        stages = list(
            (await session.exec(select(Stage).where(Stage.cycle_id == cycle.id).order_by(col(Stage.closes_at)))).all()
        )
    if plan is not None and plan.effective:
        done = await _progress(session, plan)
    report = (await session.exec(select(Person.id).where(Person.manager_id == person.id).limit(1))).first()
    await session.commit()
    return ShownHome(person.name, todos, plan, cycle, stages, done, report is not None, roles)


async def _account(session: AsyncSession, team: str, user: str, key: str, now: datetime) -> Identity | None:
    """Whose account it is; None if there is none or if this delivery was seen before."""
    session.add(Inbox(platform="slack", tenant=team, key=key, at=now))
    try:
        await session.flush()
    except IntegrityError:
        await session.rollback()
        return None
    statement = select(Identity).where(Identity.platform == "slack", Identity.tenant == team, Identity.user == user)
    return (await session.exec(statement)).first()


async def _move(session: AsyncSession, plan: Plan, version: int, next_id: int, now: datetime) -> bool:
    changed = (
        update(Plan)
        .where(col(Plan.id) == plan.id, col(Plan.version) == version)
        .values(state="compliance", step=plan.step + 1, waits_for_id=next_id, version=version + 1, changed_at=now)
    )
    return (await session.exec(changed)).rowcount == 1


async def _settle(session: AsyncSession, plan: Plan, by_id: int, now: datetime) -> None:
    statement = select(Todo).where(Todo.subject_noun == "plan", Todo.subject_id == plan.id, col(Todo.done_at).is_(None))
    for todo in (await session.exec(statement)).all():
        todo.done_at, todo.done_by_id = now, by_id
        session.add(todo)


async def _tell(session: AsyncSession, plan: Plan, next_id: int, now: datetime) -> tuple[int, str]:
    """A message row for the next decider, and the conversation with them, "" while they have no account."""
    account = (await session.exec(select(Identity).where(Identity.person_id == next_id))).first()
    row = Delivery(person_id=next_id, created_at=now, not_before=now, view="plan.card", subject_id=plan.id)
    row.subject_noun, row.identity_id = "plan", account.id if account else None
    session.add(row)
    await session.flush()
    return row.id, account.channel if account else ""


async def _progress(session: AsyncSession, plan: Plan) -> Decimal | None:
    items = (await session.exec(select(Item).where(Item.plan_id == plan.id, Item.revision == plan.effective))).all()
    rows = (
        await session.exec(select(Measurement).where(Measurement.plan_id == plan.id).order_by(col(Measurement.at)))
    ).all()
    values = {row.lineage: row.value for row in rows}
    shares = [
        (item.weight, min(values[item.lineage] / item.target, Decimal("1.2")))
        for item in items
        if item.weight and item.target and item.lineage in values
    ]
    whole = sum((weight for weight, _share in shares), Decimal(0))
    return sum((weight * share for weight, share in shares), Decimal(0)) / whole if whole else None


def _todo(plan: Plan, assignee_id: int, now: datetime, due: datetime | None) -> Todo:
    return Todo(
        kind="plan.pass",
        subject_noun="plan",
        subject_id=plan.id,
        assignee_id=assignee_id,
        cycle_id=plan.cycle_id,
        created_at=now,
        due_at=due,
    )


def _audit(action: str, plan: Plan, actor_id: int, now: datetime) -> Audit:
    body = json.dumps({"action": action, "plan": plan.id, "actor": actor_id, "at": now.isoformat()}, sort_keys=True)
    leaf = hashlib.sha256(b"\x00" + body.encode()).digest()
    return Audit(
        at=now, actor_id=actor_id, action=action, subject_noun="plan", subject_id=plan.id, body=body, leaf=leaf
    )
