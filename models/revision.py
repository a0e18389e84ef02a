"""The next revision of a published result: the one way its lines and its total change, by a ruling (threat T36)."""

from collections.abc import Sequence
from decimal import Decimal

from sqlmodel import Session

from models.base import Refused, record
from models.item import Item
from models.result import FROM_DISPUTE, FROM_MANAGER, FROM_SCORES, Line, Result, lines_of
from models.rules.standards import CAP
from models.rules.totals import Part, Total, lowest_passing, rating, total
from models.terms import Terms

ZERO = Decimal(0)


def revise(db: Session, result: Result, lineage: int, points: Decimal, terms: Terms) -> Decimal:
    """Gives one item other points, or (lineage 0) the result another total; the new total. Earlier lines stay.

    Refused if the points are not from 0 to what the item can earn, or nothing would change.
    """
    old = lines_of(db, result)
    reckoned = total([_part(line, lineage, points) for line in old], terms.levels)
    if lineage:
        _expect_item(db, old, lineage, points)
    value = _moved(result, reckoned, terms) if lineage else _within(points, most_total(result), "total")
    for line in old:
        db.add(_copy(line, result.revision + 1, lineage, points, reckoned))
    changes = {"revision": result.revision + 1, "total": value, "origin": FROM_DISPUTE}
    if lineage:
        changes |= {"computed": reckoned.value, "vetoed": reckoned.vetoed}
    result.advance(db, **changes, rating=rating(value, terms.levels))
    record(db, "result.revised", result, revision=result.revision)
    return value


def most_points(db: Session, line: Line) -> Decimal:
    """The most points a ruling can give an item."""
    return db.get_one(Item, line.item_id).cap


def most_total(result: Result) -> Decimal:
    """The highest total a ruling can give: the cap of a single item, or what the result has already."""
    return max(CAP, result.total or ZERO)


def _expect_item(db: Session, old: Sequence[Line], lineage: int, points: Decimal) -> None:
    line = next((one for one in old if one.lineage == lineage), None)
    if line is None:
        raise Refused("This item is not part of the result.")
    _within(points, most_points(db, line), "points")
    if not line.excluded and line.points == points:
        raise Refused("These are the points it has. Uphold the result if it is right.", field="points")


def _within(points: Decimal, most: Decimal, field: str) -> Decimal:
    if not points.is_finite() or not 0 <= points <= most:
        raise Refused("Give a number from 0 to {most}.", field=field, most=most)
    return points


def _part(line: Line, lineage: int, points: Decimal) -> Part:
    ruled = line.lineage == lineage
    return Part(
        key=line.lineage,
        part=line.part,
        weight=line.weight,
        points=points if ruled else line.points,
        excluded=line.excluded and not ruled,
    )


def _copy(line: Line, revision: int, lineage: int, points: Decimal, reckoned: Total) -> Line:
    """The line as the new revision has it: a ruling on one item can move the weights of all."""
    weighed = next((one for one in reckoned.weighed if one.key == line.lineage), None)
    changes: dict[str, object] = {"revision": revision}
    if line.lineage == lineage:
        changes |= {"points": points, "excluded": False}
    if weighed is not None:
        changes |= {"counted": weighed.weight, "contribution": weighed.contribution}
    return Line(**{**line.model_dump(exclude={"id"}), **changes})


def _moved(result: Result, reckoned: Total, terms: Terms) -> Decimal:
    """The new total: what the manager, calibration or an earlier ruling added to the old one stays added.

    The manager's adjustment is applied anew, since a veto holds it; what people set themselves is kept as it moved.
    """
    if reckoned.value is None or result.total is None or result.computed is None:
        raise Refused("Something is not scored yet.")
    if result.origin in (FROM_SCORES, FROM_MANAGER):
        fresh = Result(**{**result.model_dump(), "computed": reckoned.value, "vetoed": reckoned.vetoed})
        return fresh.settled_total(terms.levels)[0] or ZERO
    moved = max(reckoned.value + (result.total - result.computed), ZERO)
    held = reckoned.vetoed and not result.vetoed
    return min(moved, max(lowest_passing(terms.levels), reckoned.value)) if held else moved
