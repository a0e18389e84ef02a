"""Which stage of a cycle a todo belongs to: the one place that says so."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlmodel import col

from models.todo import Todo

# By the todo's kind. What is missing here belongs to no stage.
STAGE_OF: Mapping[str, str] = {
    "plan.submit": "setting",
    "plan.approve": "setting",
    "plan.pass": "setting",
    "plan.confirm": "setting",
    "plan.accept": "tracking",
    "peer.confirm": "self_scoring",
    "peer.answer": "scoring",
    "scorecard.submit": "scoring",
    "flag.resolve": "review",
    "cycle.publish": "review",
    "result.acknowledge": "published",
    "dispute.answer": "disputing",
    "dispute.rule": "disputing",
}
# Somebody's own scorecard belongs to the stage before.
OWN_STAGE_OF: Mapping[str, str] = {"scorecard.submit": "self_scoring"}


def stage_of(todo: Todo) -> str:
    """The stage it belongs to; "" if to none."""
    own = todo.about_id == todo.assignee_id
    return (OWN_STAGE_OF.get(todo.kind) if own else None) or STAGE_OF.get(todo.kind, "")


def stage_column() -> sa.ColumnElement[str]:
    """The same as an expression over Todo, for questions about all of them at once."""
    own = sa.and_(col(Todo.kind).in_(OWN_STAGE_OF), col(Todo.about_id) == col(Todo.assignee_id))
    return sa.case(
        (own, sa.case(dict(OWN_STAGE_OF), value=col(Todo.kind))),
        (col(Todo.kind).in_(STAGE_OF), sa.case(dict(STAGE_OF), value=col(Todo.kind))),
        else_="",
    )
