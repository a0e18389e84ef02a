"""How reminders and absences are tried for the table of rights: on an absence of Ana's in which Bo stands in."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from models.absence import declare
from models.base import Row, put
from models.nudge import Nudge
from models.todo import Todo
from tests.models.sampled import Sample
from tests.security import company
from tests.world import START

ACTIVE = ("active",)
ABSENCE, PERSON = Sample(ACTIVE, "absence"), Sample(ACTIVE, "person")
AWAY = {"from_on": "2027-01-04", "to_on": "2027-01-08", "delegate": "bo"}
NUMBERS = {"before": "7, 1", "hours": "4", "after": "5", "lead": "1", "hr": "3"}
BUTTONS: Mapping[str, Sample] = {
    "person.away": PERSON,
    "absence.show": ABSENCE,
    "absence.end": ABSENCE,
    "nudge.snooze": Sample(ACTIVE, "nudge", "day"),
    "cycle.nudges": Sample(ACTIVE, "cycle"),
}
FORMS: Mapping[str, Sample] = {
    "person.away": Sample(ACTIVE, "person", answers=AWAY),
    "cycle.nudges": Sample(ACTIVE, "cycle", answers=NUMBERS),
}
VIEWS: Mapping[str, Sample] = {
    "absence.card": ABSENCE,
    "absence.list": PERSON,
    "nudge.digest": Sample(ACTIVE, "person", answers={"made_at": START.isoformat()}),
}


def reminded(db: Session, now: datetime) -> dict[str, Row]:
    """Ana will be away, and was reminded of everything she owes."""
    ana, bo = company.by_handle(db, "ana"), company.by_handle(db, "bo")
    day = now.date() + timedelta(days=7)
    absence = declare(db, ana, day, day, bo, ana.id, now, "UTC")
    nudge = Nudge(person_id=ana.id, day=now.date(), made_at=now, until=now + timedelta(hours=8), queued=True)
    put(db, nudge)
    put(db, Todo(kind="plan.submit", subject_noun="plan", subject_id=0, assignee_id=ana.id, created_at=now, due_at=now))
    db.connection().execute(sa.update(Todo).where(Todo.assignee_id == ana.id).values(nudged_at=now))  # type: ignore[arg-type]
    return {"absence": absence, "nudge": nudge}
