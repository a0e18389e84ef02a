"""A company at the end of scoring: everybody's plan, values, scores and the result of the cycle before, as rows."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

import models
from bench.rows import STEPS, ItemRow, Rows, rows
from models.rules.totals import SCALE, rating

assert models  # the tables
BEFORE, NOW, HEADS = 1, 2, 3
AT = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
EVERY = 25  # one card in so many is not handed in
RATERS = {"manager": "80", "self": "0", "peer": "20"}
Made = Mapping[str, Any]


def fill(connection: sa.Connection, people: int, seed: int = 1) -> None:
    """Fills empty tables. Person 1 is HR, 2 the chief, then the managers, one for ten, then everybody else; nearly all
    cards are handed in, of the others half are still owed."""
    drawn = rows(people, seed)
    managers = max(one.rater for one in drawn.people)
    _organisation(connection, drawn, managers)
    _cycles(connection)
    plans = [_plan(one.person, managers) for one in drawn.people]
    _put(connection, "plan", plans)
    _put(connection, "plan", ({**plan, "id": plan["id"] + people, "cycle_id": BEFORE} for plan in plans))
    _put(connection, "plan_item", (_item(item, at) for item, at in _numbered(drawn.items)))
    _put(connection, "measurement", (_measurement(item) for item in drawn.items if item.value is not None))
    for kind in (0, 1):
        _put(connection, "scorecard", (_card(one.person, one.rater, managers, kind) for one in drawn.people))
        _put(connection, "todo", (_todo(one.person, one.rater, managers, kind) for one in drawn.people))
        _put(connection, "score", _scores(drawn.items, kind))
    _put(connection, "peer_answer", _answers(drawn.items))
    _put(connection, "result", (_result(one, managers, people) for one in drawn.people if one.previous is not None))
    _put(connection, "result_line", _lines(drawn, managers))
    if connection.dialect.name == "postgresql":  # rows with numbers of ours do not move its counters on
        for name in ("department", "person", "cycle", "plan", "plan_item", "scorecard", "result"):
            latest = f"setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"  # noqa: S608
            connection.exec_driver_sql(f"SELECT {latest}")


def _organisation(connection: sa.Connection, drawn: Rows, managers: int) -> None:
    departments = max(one.department for one in drawn.people)
    named = ({"id": n, "code": f"D{n}", "names": {"en": f"D{n}"}, "path": f"/{n}/"} for n in range(1, departments + 1))
    _put(connection, "department", named)
    _put(connection, "person", [_person(1, None, 1), _person(2, None, 1)])
    _put(connection, "person", (_person(HEADS + n, 2, n // 3 + 1) for n in range(managers)))
    own = (_person(_id(one.person, managers), HEADS + one.rater - 1, one.department) for one in drawn.people)
    _put(connection, "person", own)
    _put(connection, "role", [{"person_id": 1, "name": "hr"}])
    heads = ({"known": n, "head": HEADS + (n - 1) * 3} for n in range(1, departments + 1))
    table = SQLModel.metadata.tables["department"]
    led = sa.update(table).where(table.c.id == sa.bindparam("known")).values(head_id=sa.bindparam("head"))
    connection.execute(led, list(heads))


def _id(person: int, managers: int) -> int:
    return HEADS + managers + person - 1


def _person(one: int, manager: int | None, department: int) -> Made:
    names = {"number": str(one), "name": f"Person {one}", "other_name": "", "handle": f"p{one}"}
    return {"id": one, "department_id": department, "manager_id": manager, "locale": "en", "zone": "UTC"} | names


def _cycles(connection: sa.Connection) -> None:
    about = {"kind": "quarter", "chain": ["manager"], "languages": ["en"], "owner_id": 1, "published_at": AT}
    about |= {"setter": "manager", "terms": {"raters": RATERS}, "audience": {}, "version": 2}
    dates = (
        {"starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 30)},
        {
            "starts_on": date(2026, 7, 1),
            "ends_on": date(2026, 9, 30),
        },
    )
    rows = [{"id": BEFORE, "name": "Q2", "state": "closed"} | dates[0], {"id": NOW, "name": "Q3", "state": "scoring"}]
    _put(connection, "cycle", [about | rows[0], about | dates[1] | rows[1]])
    names = ("setting", "tracking", "self_scoring", "scoring", "review", "published", "disputing")
    stages = ({"cycle_id": NOW, "name": name, "closes_at": AT + timedelta(days=3 * n)} for n, name in enumerate(names))
    _put(connection, "stage", stages)


def _plan(person: int, managers: int) -> dict[str, Any]:
    about = {"id": person, "version": 2, "cycle_id": NOW, "person_id": _id(person, managers), "changed_at": AT}
    return about | {"state": "active", "step": 0, "revision": 1, "effective": 1, "reason": "", "digest": ""}


def _numbered(items: Iterable[ItemRow]) -> Iterator[tuple[ItemRow, int]]:
    for _person, own in groupby(items, attrgetter("person")):
        yield from ((item, at) for at, item in enumerate(own, 1))


def _item(item: ItemRow, position: int) -> Made:
    steps = [[str(one) for one in step] for step in STEPS] if item.rule == "steps" else []
    words = {"name": f"Indicator {position}", "formula": "a / b", "source": "CRM", "levels": "", "reason": ""}
    numbers = {"target": item.target, "floor": item.floor, "stretch": item.stretch, "weight": item.weight}
    about = {"id": item.key, "plan_id": item.person, "revision": 1, "lineage": item.key, "position": position}
    kind = "qualitative" if item.rule == "rated" else "quantitative"
    rule = {"kind": kind, "direction": item.direction or "higher", "rule": item.rule, "unit": item.unit}
    return about | words | numbers | rule | {"part": item.part, "steps": steps}


def _measurement(item: ItemRow) -> Made:
    more = {"source": "manual", "reference": "", "at": AT}
    return {"plan_id": item.person, "lineage": item.key, "value": item.value} | more


def _card_id(person: int, kind: int) -> int:
    return 2 * person + kind


def _state(person: int, kind: int) -> str:
    return "submitted" if (person + kind) % EVERY else "open"


def _card(person: int, rater: int, managers: int, kind: int) -> Made:
    """`kind` 0 is the manager's, 1 their own."""
    of = _id(person, managers)
    who = of if kind else HEADS + rater - 1
    done = _state(person, kind) == "submitted"
    about = {"id": _card_id(person, kind), "version": 3, "cycle_id": NOW, "plan_id": person, "person_id": of}
    state = {"kind": "self" if kind else "manager", "state": _state(person, kind), "late": False}
    ended = {"rater_id": who if done else None, "waits_for_id": None if done else who}
    return about | state | ended | {"submitted_at": AT if done else None}


def _todo(person: int, rater: int, managers: int, kind: int) -> Made:
    of = _id(person, managers)
    who = of if kind else HEADS + rater - 1
    done = AT if _state(person, kind) == "submitted" else None
    about = {"kind": "scorecard.submit", "subject_noun": "scorecard", "subject_id": _card_id(person, kind)}
    dates = {"created_at": AT - timedelta(days=5), "due_at": AT + timedelta(days=2), "done_at": done}
    return about | dates | {"assignee_id": who, "about_id": of, "cycle_id": NOW}


def _scores(items: Iterable[ItemRow], kind: int) -> Iterator[Made]:
    for item in items:
        points = item.own if kind else item.manager
        excluded = bool(item.excluded and not kind)
        if points is not None or excluded:
            card = {"scorecard_id": _card_id(item.person, kind), "lineage": item.key, "at": AT}
            yield card | {"level": "A", "points": None if excluded else points, "excluded": excluded}


def _answers(items: Iterable[ItemRow]) -> Iterator[Made]:
    for item in items:
        if item.peer is not None:
            yield {"id": item.key, "plan_id": item.person, "lineage": item.key, "points": item.peer}


def _result(one: Any, managers: int, people: int) -> Made:
    about = {"id": one.person, "version": 2, "cycle_id": BEFORE, "plan_id": people + one.person}
    who = {"person_id": _id(one.person, managers), "department_id": one.department, "author_id": HEADS + one.rater - 1}
    level = {"computed": one.previous, "total": one.previous, "rating": rating(one.previous, SCALE), "vetoed": False}
    state = {"state": "final", "revision": 1, "adjustment": 0, "origin": "computed", "published_at": AT}
    return about | who | level | state


def _lines(drawn: Rows, managers: int) -> Iterator[Made]:
    known = {one.person for one in drawn.people if one.previous is not None}
    for person, own in groupby(drawn.before, attrgetter("person")):
        for at, line in enumerate(own if person in known else (), 1):
            given = line.points if line.rated else None
            about = {"result_id": person, "revision": 1, "position": at, "lineage": person * 10 + at - 1}
            rule = {"item_id": person * 10, "name": f"Indicator {at}", "part": "weighted", "excluded": False}
            rule |= {"rule": "rated" if line.rated else "ratio", "outcome": "scored"}
            yield about | rule | {"weight": line.weight, "points": line.points, "manager": given, "own": line.own}


def _put(connection: sa.Connection, table: str, rows: Iterable[Made]) -> None:
    given = list(rows)
    for start in range(0, len(given), 5000):
        connection.execute(sa.insert(SQLModel.metadata.tables[table]), given[start : start + 5000])
