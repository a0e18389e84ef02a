"""The audit trail of a made-up past: kept until everything has happened, then written in the order of time."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from models.audit import append
from models.base import Change, changes

PLATFORM = "sample"


@dataclass(slots=True)
class Trail:
    """Collects entries; cycles overlap, so that they are not made in the order in which they happened."""

    db: Session
    kept: list[tuple[datetime, int, list[Change]]] = field(default_factory=list)

    def write(self, actor_id: int, at: datetime) -> None:
        """Keeps what was just done, as done by somebody at an instant."""
        made = changes(self.db)
        if made:
            self.kept.append((at, actor_id, list(made)))
            made.clear()

    def note(self, change: Change, actor_id: int, at: datetime) -> None:
        """Keeps one entry for what was written in bulk."""
        self.kept.append((at, actor_id, [change]))

    def close(self) -> None:
        """Writes everything, the oldest first; what happened at one instant stays in the order it was made in."""
        for at, actor_id, made in sorted(self.kept, key=lambda entry: entry[0]):
            append(self.db, made, actor_id, PLATFORM, at)
        self.kept.clear()
