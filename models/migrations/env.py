"""What Alembic runs: our revisions over a connection that is already inside its one transaction."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import SQLModel

import models

assert models.__all__, "importing every model fills the metadata"  # noqa: S101


def rendered(kind: str, item: Any, _generating: AutogenContext) -> str | Literal[False]:
    """A column type of ours or of SQLModel as the plain type that the database knows; revisions import no models."""
    if kind == "type" and isinstance(item, sa.types.TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    render_item=rendered,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
