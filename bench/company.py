"""A company whose approver has many plans waiting, and team leads with a plan and todos of their own."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

import models

assert models  # the tables
TEAM = "T1"
APPROVER, CHANNEL = "UBOSS", "D1"
LEADS, ITEMS, TODOS, GOALS = 20, 5, 5, 12
BOSS, REVIEWER = 1, 2
FIRST_LEAD, FIRST_MEMBER, FIRST_PLAN = 10, 1000, 1000


def plan_id(number: int) -> int:
    """The plan of the press with that number."""
    return FIRST_PLAN + number


def message_of(number: int) -> str:
    """Where the approver's copy of that plan stands."""
    return f"1700000000.{number:06d}"


def lead(number: int) -> str:
    """The account of one of the team leads."""
    return f"ULEAD{number % LEADS}"


def fill(connection: sa.Connection, presses: int, *, told: bool) -> None:
    """Fills empty tables. `told`: the next decider has an account too, so every approval also sends them a card."""
    now = datetime.now(UTC)
    _organisation(connection, presses, now, told=told)
    _cycle(connection, now)
    for number in range(LEADS):
        _lead(connection, number, now)
    _plans(connection, [plan_id(number) for number in range(presses)], BOSS, FIRST_MEMBER, now)
    _copies(connection, presses, now)


def _organisation(connection: sa.Connection, presses: int, now: datetime, *, told: bool) -> None:
    _put(connection, "department", [{"id": 1, "code": "S", "names": {"en": "Sales"}, "head_id": BOSS, "path": "/1/"}])
    leads = range(FIRST_LEAD, FIRST_LEAD + LEADS)
    members = range(FIRST_MEMBER, FIRST_MEMBER + presses)
    reports = [_team(number)[at] for number in range(LEADS) for at in range(TODOS)]
    people = [(BOSS, None), (REVIEWER, BOSS), *((one, BOSS) for one in (*leads, *members))]
    people += [(one, FIRST_LEAD + at // TODOS) for at, one in enumerate(reports)]
    _put(connection, "person", [_person(one, manager) for one, manager in people])
    _put(connection, "role", [{"person_id": REVIEWER, "name": "hr"}])
    accounts = [(APPROVER, BOSS, CHANNEL)] + ([("UHR", REVIEWER, "D2")] if told else [])
    accounts += [(lead(number), FIRST_LEAD + number, f"D{100 + number}") for number in range(LEADS)]
    rows = [{"user": user, "person_id": one, "channel": channel} for user, one, channel in accounts]
    _put(connection, "identity", [row | {"platform": "slack", "tenant": TEAM, "seen_at": now} for row in rows])


def _cycle(connection: sa.Connection, now: datetime) -> None:
    goals = [
        {"id": n, "code": f"G{n}", "year": 2026, "names": {"en": f"Goal {n}"}, "measures": {"en": "m"}, "unit": "%"}
        for n in range(1, GOALS + 1)
    ]
    _put(connection, "goal", goals)
    about = {"id": 1, "version": 2, "kind": "quarter", "name": "Q4 2026", "state": "setting", "setter": "manager"}
    dates = {"starts_on": date(2026, 10, 1), "ends_on": date(2026, 12, 31)}
    more = {"chain": ["manager"], "languages": ["en"], "owner_id": REVIEWER, "published_at": now}
    _put(connection, "cycle", [about | dates | more])
    names = ("setting", "self_scoring", "scoring", "published")
    stages = [
        {"cycle_id": 1, "name": name, "closes_at": now + timedelta(days=30 * n)} for n, name in enumerate(names, 1)
    ]
    _put(connection, "stage", stages)


def _lead(connection: sa.Connection, number: int, now: datetime) -> None:
    """A confirmed plan with a value for every indicator, and the team's plans waiting for approval."""
    one, own = FIRST_LEAD + number, FIRST_LEAD + number
    _put(connection, "plan", [_plan(own, one, now, state="active", effective=1, waits_for_id=None)])
    _put(connection, "plan_item", _items(own))
    values = [
        {
            "plan_id": own,
            "lineage": item["lineage"],
            "value": Decimal(60),
            "source": "manual",
            "reference": "",
            "at": now,
        }
        for item in _items(own)
    ]
    _put(connection, "measurement", values)
    team = _team(number)
    _plans(connection, list(team), one, team[0], now)


def _team(number: int) -> range:
    """The ids of a lead's reports; their plans have the same."""
    start = 100 + number * TODOS
    return range(start, start + TODOS)


def _plans(connection: sa.Connection, ids: list[int], approver: int, first: int, now: datetime) -> None:
    plans = [_plan(plan, first + at, now, waits_for_id=approver) for at, plan in enumerate(ids)]
    _put(connection, "plan", plans)
    _put(connection, "plan_item", [item for plan in ids for item in _items(plan)])
    owed = {"kind": "plan.approve", "subject_noun": "plan", "assignee_id": approver, "cycle_id": 1}
    due = {"created_at": now, "due_at": now + timedelta(days=30)}
    _put(connection, "todo", [owed | due | {"subject_id": plan, "about_id": first + at} for at, plan in enumerate(ids)])


def _copies(connection: sa.Connection, presses: int, now: datetime) -> None:
    """The cards that the approver was sent: remembered, so that they can be redrawn."""
    about = {"person_id": BOSS, "identity_id": 1, "view": "plan.card", "subject_noun": "plan", "facts": {}}
    state = {
        "platform": "slack",
        "state": "sent",
        "due": False,
        "dirty": False,
        "attempts": 0,
        "lease": "",
        "channel": CHANNEL,
    }
    dates = {"not_before": now, "created_at": now, "sent_at": now, "drawn": "0", "error": ""}
    rows = [{"subject_id": plan_id(n), "message": message_of(n)} for n in range(presses)]
    _put(connection, "delivery", [about | state | dates | row for row in rows])


def _person(one: int, manager: int | None) -> dict[str, Any]:
    names = {"number": str(one), "name": f"Person {one}", "other_name": "", "handle": f"p{one}"}
    return {"id": one, "department_id": 1, "manager_id": manager, "locale": "en", "zone": "UTC"} | names


def _plan(plan: int, person: int, now: datetime, **state: object) -> dict[str, Any]:
    fresh = {"state": "submitted", "step": 0, "revision": 1, "effective": 0, "reason": "", "digest": ""}
    about = {"id": plan, "version": 2, "cycle_id": 1, "person_id": person, "author_id": person, "changed_at": now}
    return about | fresh | state


def _items(plan: int) -> list[dict[str, Any]]:
    texts = {"formula": "done / all", "kind": "quantitative", "direction": "higher", "rule": "ratio", "unit": "%"}
    more = {"source": "CRM", "levels": "", "reason": "", "weight": Decimal(20), "revision": 1, "plan_id": plan}
    return [
        texts
        | more
        | {
            "lineage": plan * 10 + n,
            "position": n,
            "name": f"Indicator number {n}",
            "target": Decimal(80 + n),
            "goal_id": n,
        }
        for n in range(1, ITEMS + 1)
    ]


def _put(connection: sa.Connection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    given = list(rows)
    if given:
        connection.execute(sa.insert(SQLModel.metadata.tables[table]), given)
