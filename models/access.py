"""Who may see and decide what: the only place that asks the table of rights (models.rights)."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.absence import for_another
from models.base import Refused, Row, execute
from models.department import Department, above
from models.judging import decides, plan_of, scores
from models.person import AUDITOR, EXECUTIVE, HR, Person, manages, superior
from models.rights import ABOVE, AUTHORS, JUDGING, MATRIX, NOT_OWN, Relation

N_ = str
NOT_FOUND = N_("I can't find that, or it is not for you.")


_ROLES = {HR: Relation.HR, EXECUTIVE: Relation.EXECUTIVE, AUDITOR: Relation.AUDITOR}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person with roles; id 0 is the clock."""

    id: int
    roles: frozenset[str] = frozenset()


def relations(db: Session, actor: Actor, subject: Row | None) -> frozenset[Relation]:
    """Everything the actor is to the subject at this moment."""
    owner = subject.person_of(db) if subject is not None else None
    near = _at_hand(actor, subject, owner) | _above(db, actor, subject, owner)
    return near | _judging(db, actor, subject, owner, JUDGING)


def can(db: Session, actor: Actor, action: str, subject: Row | None = None) -> bool:
    """Whether the actor may do the action on the subject; an action without a row is nobody's.

    The organisation is only asked where the answer depends on it. What is still `withheld` from its owner gives them
    no right at all, whatever else they are: not even to learn that it exists.
    """
    allowed = MATRIX.get(action, frozenset())
    if Relation.ANYONE in allowed:
        return True
    owner = subject.person_of(db) if subject is not None else None
    found = _at_hand(actor, subject, owner)
    if action in NOT_OWN and (Relation.SELF in found or _partial(db, actor, action, subject)):
        return False
    if Relation.SELF in found and getattr(subject, "withheld", False):
        return False
    if allowed & found or (allowed & ABOVE and allowed & _above(db, actor, subject, owner, enough=allowed)):
        return True
    if allowed & _judging(db, actor, subject, owner, allowed):
        return True
    return Relation.WAITED in allowed and for_another(db, actor.id, action, subject, owner)


def reaches(db: Session, actor: Actor, action: str) -> bool:
    """Whether the actor has the right by role, for what is theirs, or for those they lead. What only waits for somebody
    comes to them by itself, so it does not count here."""
    allowed = MATRIX.get(action, frozenset())
    if allowed & (_at_hand(actor, None, None) | {Relation.SELF}):
        return True
    if Relation.MANAGER in allowed and manages(db, actor.id):
        return True
    leads = select(Department.id).where(Department.head_id == actor.id).limit(1)
    return Relation.HEAD in allowed and db.exec(leads).first() is not None


def _partial(db: Session, actor: Actor, action: str, subject: Row | None) -> bool:
    """Whether the actor wrote what is to be decided, or it is about them as well."""
    if action not in AUTHORS and getattr(subject, "author_id", None) == actor.id:
        return True
    return subject is not None and subject.involves(db, actor.id)


def check(db: Session, actor: Actor, action: str, subject: Row | None = None) -> None:
    """Refuses, with the same words for what is missing and what is forbidden (threat T21)."""
    if not can(db, actor, action, subject):
        raise Refused(NOT_FOUND)


def heads(db: Session, actor_id: int, path: str) -> bool:
    """Whether the actor heads a department of this path or above it."""
    ids = above(path)
    return bool(ids) and execute(db, _HEADS, actor=actor_id, ids=ids).first() is not None


def visible_to(db: Session, actor: Actor) -> sa.ColumnElement[bool]:
    """The people whose plans the actor may read, as a condition on Person."""
    if actor.roles & {HR, AUDITOR}:
        return sa.true()
    own = sa.or_(col(Person.id) == actor.id, col(Person.manager_id).in_(sa.select(_stands_for(actor.id).c.id)))
    paths = db.exec(select(Department.path).where(Department.head_id == actor.id)).all()
    if not paths:
        return own
    under = sa.or_(*(col(Department.path).like(path + "%") for path in paths))
    return sa.or_(own, col(Person.department_id).in_(select(Department.id).where(under)))


def _at_hand(actor: Actor, subject: Row | None, owner: int | None) -> frozenset[Relation]:
    """What roles and the subject itself say."""
    found = {Relation.ANYONE, *(_ROLES[role] for role in actor.roles)}
    if getattr(subject, "waits_for_id", None) == actor.id:
        found.add(Relation.WAITED)
    if getattr(subject, "joined_id", None) == actor.id:
        found.add(Relation.JOINED)
    if getattr(subject, "author_id", None) == actor.id:
        found.add(Relation.AUTHOR)
    if owner is not None and owner == actor.id:
        found.add(Relation.SELF)
    return frozenset(found)


def _above(
    db: Session, actor: Actor, subject: Row | None, owner: int | None, enough: frozenset[Relation] = frozenset()
) -> frozenset[Relation]:
    """What the organisation says: line manager or head of the subject's person, head of a department; whether a line
    manager is a head too is not asked where one of them is `enough`."""
    if isinstance(subject, Department):
        return frozenset({Relation.HEAD} if heads(db, actor.id, subject.path) else ())
    if owner is None or owner == actor.id:
        return frozenset()
    place = execute(db, _PLACE, person=owner).first()
    if place is None:
        return frozenset()
    manages = place.manager_id == actor.id or (place.manager_left and _takes_over(db, actor.id, owner))
    found = {Relation.MANAGER} if manages else set()
    if found & enough:
        return frozenset(found)
    return frozenset(found | ({Relation.HEAD} if heads(db, actor.id, place.path or "") else set()))


def _judging(
    db: Session, actor: Actor, subject: Row | None, owner: int | None, wanted: frozenset[Relation]
) -> frozenset[Relation]:
    """Whether they score the plan that the subject belongs to or decide about it, where that is `wanted`."""
    if subject is None or not wanted & JUDGING or plan_of(subject) is None:
        return frozenset()
    asked = {Relation.RATER: scores, Relation.DECIDER: decides}
    return frozenset(of for of in wanted & JUDGING if asked[of](db, actor.id, subject, owner))


def _takes_over(db: Session, actor_id: int, person_id: int) -> bool:
    """Whether the actor is the next manager up: the people of one who left are theirs, or nobody could go on."""
    person = db.get_one(Person, person_id)
    acting = superior(db, person, frozenset({person.id}))
    return acting is not None and acting.id == actor_id


def _stands_for(actor_id: int) -> sa.CTE:
    """The actor, and the managers who left and whose people are the actor's now."""
    found = sa.select(sa.literal(actor_id).label("id")).cte(recursive=True)
    left = sa.select(col(Person.id)).where(col(Person.manager_id) == found.c.id, col(Person.left_at).is_not(None))
    return found.union(left)


_manager = aliased(Person)
_HEADS = sa.select(col(Department.id)).where(
    col(Department.id).in_(sa.bindparam("ids", expanding=True)), col(Department.head_id) == sa.bindparam("actor")
)
_PLACE: sa.Executable = (
    sa.select(col(Person.manager_id), col(Department.path), col(_manager.left_at).label("manager_left"))
    .outerjoin(_manager, col(_manager.id) == col(Person.manager_id))
    .outerjoin(Department, col(Department.id) == col(Person.department_id))
    .where(col(Person.id) == sa.bindparam("person"))
)
