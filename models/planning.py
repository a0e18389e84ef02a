"""What the planners of the databases are told, where left to themselves they read a large table again and again."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session

from models.direct import dialect_name


class veiled(FunctionElement[bool]):
    """A condition that SQLite does not see through: it takes no index for it, and makes no inner join of an
    outer one. PostgreSQL gets it plainly: of what it cannot see through it expects 0.5 %, and then compares everything
    with everything."""

    type = sa.Boolean()
    inherit_cache = True


@compiles(veiled)
def _plain(element: veiled, compiler: SQLCompiler, **how: Any) -> str:
    return f"({compiler.process(element.clauses, **how)})"


@compiles(veiled, "sqlite")
def _hidden(element: veiled, compiler: SQLCompiler, **how: Any) -> str:
    return f"(CASE WHEN {compiler.process(element.clauses, **how)} THEN 1 ELSE 0 END = 1)"


def analyze(db: Session, *tables: str) -> None:
    """Tells PostgreSQL anew what is in tables that have just been filled: until its next look by itself it goes by the
    statistics of when they were small. SQLite keeps none here."""
    if dialect_name(db) == "postgresql":
        for table in tables:
            db.connection().exec_driver_sql(f"ANALYZE {table}")


def plan_anew(db: Session, *, by_index: bool = False) -> None:
    """Until the end of the transaction PostgreSQL plans every statement for its values. What a step asks is asked again
    and again with others, and after ten times PostgreSQL goes by a plan for any values: with 100,000 people that took
    50 s a step instead of 0.1. `by_index`: what belongs to the few thousand rows of a step is found by indexes and no
    table is read whole, which is cheaper than PostgreSQL thinks: they were used just now."""
    if dialect_name(db) == "postgresql":
        for setting in (_CUSTOM, *(_BY_INDEX if by_index else ())):
            db.connection().exec_driver_sql(f"SET LOCAL {setting}")


_CUSTOM = "plan_cache_mode = force_custom_plan"
_BY_INDEX = ("enable_hashjoin = off", "enable_mergejoin = off", "enable_seqscan = off")
