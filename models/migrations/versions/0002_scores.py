"""Scores, results, flags and disputes; how items are scored; whom a todo is about."""

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The next shape of the database; the way back is a backup."""
    op.create_table(
        "flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("other", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("waits_for_id", sa.Integer(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_flag_cycle_id")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_flag_department_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_flag_person_id")),
        sa.ForeignKeyConstraint(["resolved_by_id"], ["person.id"], name=op.f("fk_flag_resolved_by_id")),
        sa.ForeignKeyConstraint(["waits_for_id"], ["person.id"], name=op.f("fk_flag_waits_for_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
        sa.UniqueConstraint(
            "cycle_id", "rule", "about", "key", "other", name=op.f("uq_flag_cycle_id_rule_about_key_other")
        ),
    )
    with op.batch_alter_table("flag", schema=None) as batch_op:
        batch_op.create_index("ix_flag_state", ["cycle_id", "state"], unique=False)

    op.create_table(
        "peer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("rater_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("waits_for_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_peer_cycle_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_peer_person_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_peer_plan_id")),
        sa.ForeignKeyConstraint(["rater_id"], ["person.id"], name=op.f("fk_peer_rater_id")),
        sa.ForeignKeyConstraint(["waits_for_id"], ["person.id"], name=op.f("fk_peer_waits_for_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_peer")),
        sa.UniqueConstraint("plan_id", "rater_id", name=op.f("uq_peer_plan_id_rater_id")),
    )
    with op.batch_alter_table("peer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_peer_rater_id"), ["rater_id"], unique=False)

    op.create_table(
        "peer_answer",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("lineage", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_peer_answer_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_peer_answer")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("peer_answer", schema=None) as batch_op:
        batch_op.create_index("ix_peer_answer_plan", ["plan_id"], unique=False)

    op.create_table(
        "result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("computed", sa.BigInteger(), nullable=True),
        sa.Column("adjustment", sa.BigInteger(), nullable=False),
        sa.Column("calibrated", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("rating", sa.String(), nullable=False),
        sa.Column("vetoed", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("adjusted_by_id", sa.Integer(), nullable=True),
        sa.Column("calibrated_by_id", sa.Integer(), nullable=True),
        sa.Column("adjustment_note", sa.LargeBinary(), nullable=True),
        sa.Column("calibration_note", sa.LargeBinary(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["adjusted_by_id"], ["person.id"], name=op.f("fk_result_adjusted_by_id")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_result_author_id")),
        sa.ForeignKeyConstraint(["calibrated_by_id"], ["person.id"], name=op.f("fk_result_calibrated_by_id")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_result_cycle_id")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_result_department_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_result_person_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_result_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
        sa.UniqueConstraint("plan_id", name=op.f("uq_result_plan_id")),
    )
    with op.batch_alter_table("result", schema=None) as batch_op:
        batch_op.create_index("ix_result_cycle", ["cycle_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_result_person_id"), ["person_id"], unique=False)

    op.create_table(
        "scorecard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rater_id", sa.Integer(), nullable=True),
        sa.Column("waits_for_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("comment", sa.LargeBinary(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_scorecard_cycle_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_scorecard_person_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_scorecard_plan_id")),
        sa.ForeignKeyConstraint(["rater_id"], ["person.id"], name=op.f("fk_scorecard_rater_id")),
        sa.ForeignKeyConstraint(["waits_for_id"], ["person.id"], name=op.f("fk_scorecard_waits_for_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecard")),
        sa.UniqueConstraint("plan_id", "kind", name=op.f("uq_scorecard_plan_id_kind")),
    )
    with op.batch_alter_table("scorecard", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scorecard_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_scorecard_rater", ["cycle_id", "waits_for_id"], unique=False)

    op.create_table(
        "dispute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("lineage", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("waits_for_id", sa.Integer(), nullable=True),
        sa.Column("joined_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("ruling", sa.LargeBinary(), nullable=True),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("recheck", sa.JSON(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ruled_by_id", sa.Integer(), nullable=True),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("total_before", sa.BigInteger(), nullable=True),
        sa.Column("total_after", sa.BigInteger(), nullable=True),
        sa.Column("points_after", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_dispute_answered_by_id")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_dispute_author_id")),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_dispute_cycle_id")),
        sa.ForeignKeyConstraint(["joined_id"], ["person.id"], name=op.f("fk_dispute_joined_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_dispute_person_id")),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name=op.f("fk_dispute_result_id")),
        sa.ForeignKeyConstraint(["ruled_by_id"], ["person.id"], name=op.f("fk_dispute_ruled_by_id")),
        sa.ForeignKeyConstraint(["waits_for_id"], ["person.id"], name=op.f("fk_dispute_waits_for_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
    )
    with op.batch_alter_table("dispute", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dispute_cycle_id"), ["cycle_id"], unique=False)
        batch_op.create_index("ix_dispute_open", ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_dispute_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dispute_result_id"), ["result_id"], unique=False)

    op.create_table(
        "result_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("lineage", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("excluded", sa.Boolean(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=True),
        sa.Column("counted", sa.BigInteger(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column("contribution", sa.BigInteger(), nullable=True),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("measurement_id", sa.Integer(), nullable=True),
        sa.Column("manager", sa.BigInteger(), nullable=True),
        sa.Column("own", sa.BigInteger(), nullable=True),
        sa.Column("peer", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["plan_item.id"], name=op.f("fk_result_line_item_id")),
        sa.ForeignKeyConstraint(["measurement_id"], ["measurement.id"], name=op.f("fk_result_line_measurement_id")),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name=op.f("fk_result_line_result_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_line")),
    )
    with op.batch_alter_table("result_line", schema=None) as batch_op:
        batch_op.create_index("ix_result_line", ["result_id", "revision", "position"], unique=False)

    op.create_table(
        "score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scorecard_id", sa.Integer(), nullable=False),
        sa.Column("lineage", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column("excluded", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["scorecard_id"], ["scorecard.id"], name=op.f("fk_score_scorecard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score")),
        sa.UniqueConstraint("scorecard_id", "lineage", name=op.f("uq_score_scorecard_id_lineage")),
    )
    op.create_table(
        "vote",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_vote_by_id")),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name=op.f("fk_vote_result_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote")),
        sa.UniqueConstraint("result_id", "by_id", name=op.f("uq_vote_result_id_by_id")),
    )
    with op.batch_alter_table("cycle", schema=None) as batch_op:
        batch_op.add_column(sa.Column("terms", sa.JSON(), server_default="{}", nullable=False))

    with op.batch_alter_table("indicator", schema=None) as batch_op:
        batch_op.add_column(sa.Column("steps", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("levels", sa.JSON(), server_default="{}", nullable=False))

    with op.batch_alter_table("linkcode", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ended", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))

    with op.batch_alter_table("plan_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("part", sa.String(), server_default="weighted", nullable=False))
        batch_op.add_column(sa.Column("cap", sa.BigInteger(), server_default="12000", nullable=False))
        batch_op.add_column(sa.Column("steps", sa.JSON(), server_default="[]", nullable=False))

    with op.batch_alter_table("todo", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_todo_about_id"), "person", ["about_id"], ["id"])
    op.execute(
        "UPDATE todo SET about_id = (SELECT person_id FROM plan WHERE plan.id = todo.subject_id) "
        "WHERE subject_noun = 'plan'"
    )
