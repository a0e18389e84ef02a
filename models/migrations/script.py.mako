"""${message}."""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """The next shape of the database; the way back is a backup."""
    ${"\n".join(line for line in upgrades.splitlines() if "# ###" not in line).strip()}
