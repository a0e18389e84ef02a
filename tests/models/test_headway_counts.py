"""Every count of the progress of a cycle against one made by hand, for whatever todos there are."""

from collections.abc import Sequence

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
