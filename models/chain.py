"""Who decides on a plan: the steps of a cycle's approval chain, and who reviews it for HR."""

from sqlmodel import Session

from models.base import Refused
from models.person import EXECUTIVE, HR, Person, head_of, in_roles, superior, with_role


def approver(db: Session, step: str, person: Person, without: frozenset[int]) -> Person | None:
    """Who decides at a step ("manager", "second", "head", "executive") on this person's plan; those in `without` never
    do, the step then goes one level up. None where nobody is left."""
    match step:
        case "manager":
            return superior(db, person, without)
        case "second":
            first = superior(db, person, without)
            return superior(db, person, without | {first.id}) if first else None
        case "head":
            return head_of(db, person, without)
        case _:
            return next((chief for chief in with_role(db, EXECUTIVE) if chief.id not in without), None)


def reviewer(db: Session, owner_id: int, without: frozenset[int]) -> int:
    """The HR person who opened the cycle, else another one, else an executive; Refused if all are in `without`."""
    fit = [one for one in in_roles(db, HR, EXECUTIVE) if one not in without]
    if owner_id in fit:
        return owner_id
    if not fit:
        raise Refused("Nobody in HR can decide this who is not concerned themselves. Please ask your administrator.")
    return fit[0]
