"""Writes the next revision from the models: `make migration NAME=...`; `FRESH=1` starts again from nothing."""

import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa

from models import migrations

VERSIONS = migrations.FOLDER / "versions"


def main(name: str, *, fresh: bool = False) -> None:
    """Compares the models with a database at the newest revision. `fresh` deletes all revisions: before a release."""
    from alembic import command
    from alembic.script import ScriptDirectory

    if fresh:
        for old in VERSIONS.glob("*.py"):
            old.unlink()
    count = len(list(ScriptDirectory.from_config(migrations.config()).walk_revisions()))
    with tempfile.TemporaryDirectory() as folder:
        engine = sa.create_engine(f"sqlite:///{Path(folder) / 'empty.db'}")
        if count:
            migrations.upgrade(engine)
        with engine.begin() as connection:
            number = f"{count + 1:04}"
            command.revision(migrations.config(connection), name, autogenerate=True, rev_id=number)
        engine.dispose()


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--fresh"]
    if len(arguments) != 1:
        sys.exit("usage: make migration NAME=what_changes")
    main(arguments[0], fresh="--fresh" in sys.argv)
