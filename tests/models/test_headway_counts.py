"""Every count of the progress of a cycle against one made by hand, for whatever todos there are."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from bot.db import Database
from models.headway import LATE, PEERS, PRIVATE, TARDY, Count, Place, Wanted, by_stage, headway, pieces
from models.stagework import STAGE_OF, stage_of
from models.todo import Todo
from tests.models.counted import NOW, PATHS, company, owes, person

KINDS = sorted({*STAGE_OF})
Drawn = tuple[int, int, int, int | None, int | None]
OWED = st.tuples(
    st.integers(0, len(KINDS) - 1),
    st.integers(0, 3),
    st.integers(0, 3),
    st.none() | st.integers(-2, 2),
    st.none() | st.just(0),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(OWED, max_size=14))
def test_every_count_is_what_counting_by_hand_gives(database: Database, drawn: Sequence[Drawn]) -> None:
    """Whatever todos there are: the states of all pieces, and the lists are as long as the counts say."""

    def look(db: Session) -> None:
        undo = db.begin_nested()
        cycle, known = company(db)
        people = [person(db, f"p{number}", known[path]) for number, path in enumerate(PATHS)]
        for kind, who, about, due, done in drawn:
            owes(db, cycle, people[who], KINDS[kind], about, people[about], due, done)
        counts = by_stage(headway(db, [cycle.id], Place(), NOW))
        assert {key[1]: count for key, count in counts.items()} == _by_hand(db)
        for (_cycle_id, stage), count in counts.items():
            for state in (LATE, TARDY):
                wanted = Wanted(cycle.id, stage, Place(), state, NOW, 0)
                assert len(pieces(db, wanted, "en", 0, 99)) == getattr(count, state)
        undo.rollback()

    database.now(look)


def test_the_todos_of_a_cycle_are_found_by_their_index(database: Database) -> None:
    """One cycle of twenty: on both databases the count reads that cycle's todos, and not everybody's."""

    def look(db: Session) -> str:
        undo, connection = db.begin_nested(), db.connection()
        cycle, known = company(db)
        one = person(db, "one", known[PATHS[0]])
        about = {"kind": KINDS[0], "subject_noun": "plan", "assignee_id": one.id, "about_id": one.id}
        rows = [
            {**about, "subject_id": number, "cycle_id": cycle.id + number % 20, "created_at": NOW}
            for number in range(6000)
        ]
        connection.execute(sa.insert(Todo), rows)
        connection.execute(sa.text("ANALYZE todo"))
        asked: list[tuple[str, Any]] = []
        sa.event.listen(connection, "before_cursor_execute", lambda *of: asked.append((of[2], of[3])))
        headway(db, [cycle.id], Place(), NOW)
        statement, values = next(one for one in asked if "todo" in one[0])
        explain = "EXPLAIN " if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
        told = "\n".join(str(row) for row in connection.exec_driver_sql(explain + statement, values))
        undo.rollback()
        return told

    assert "ix_todo_cycle" in database.now(look)


def _by_hand(db: Session) -> dict[str, Count]:
    units: dict[tuple[str, int, str, int], list[Todo]] = {}
    for todo in db.exec(select(Todo).order_by(col(Todo.id))):
        if todo.kind not in PRIVATE:
            owner = todo.assignee_id if todo.kind in PEERS else todo.about_id or 0
            units.setdefault((stage_of(todo), owner, todo.subject_noun, todo.subject_id), []).append(todo)
    found: dict[str, Count] = {}
    for (stage, *_rest), todos in units.items():
        found[stage] = found.get(stage, Count()) + _state(todos)
    return found


def _state(todos: Sequence[Todo]) -> Count:
    still = [one for one in todos if one.done_at is None]
    if not still:
        return Count(done=1, tardy=int(any(one.due_at and one.done_at and one.done_at > one.due_at for one in todos)))
    newest = max(still, key=lambda one: one.id)
    late = newest.due_at is not None and newest.due_at < NOW
    return Count(late=1) if late else Count(waiting=1)
