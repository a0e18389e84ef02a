"""A few rows that many tests of the models need."""

from datetime import UTC, datetime

from sqlmodel import Session

from models.base import put
from models.identity import Identity
from models.person import Person

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def person(db: Session, name: str, email: str | None = None) -> Person:
    """Somebody who works here, known by their name in small letters."""
    made = Person(number=f"N-{name}", name=name, handle=name.casefold(), email=email)
    put(db, made)
    return made


def account(db: Session, owner: Person, platform: str = "slack") -> Identity:
    """Their account on a platform."""
    made = Identity(platform=platform, user=owner.handle, person_id=owner.id, seen_at=AT)
    put(db, made)
    return made
