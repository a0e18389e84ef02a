"""workspaces."""

import sqlalchemy as sa
from alembic import op


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The next shape of the database; the way back is a backup."""
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("enterprise", sa.String(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("app", sa.String(), nullable=False),
        sa.Column("bot", sa.String(), nullable=False),
        sa.Column("bot_user", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
        sa.UniqueConstraint("platform", "tenant", name=op.f("uq_installation_platform_tenant")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(
            "ux_delivery_page",
            ["identity_id"],
            unique=True,
            sqlite_where=sa.text("state = 'page'"),
            postgresql_where=sa.text("state = 'page'"),
        )

    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.add_column(sa.Column("locale", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("zone", sa.String(), server_default="", nullable=False))
