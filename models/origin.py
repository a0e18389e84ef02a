"""Where the numbers of a result come from: what was measured before, what last cycle's points were, who scored."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from models.checkin import Measurement
from models.cycle import Cycle
from models.item import Item
from models.result import Line, Result, lines_of, previous_totals
from models.scorecard import MANAGER, Score, Scorecard, card_of, score_of


def measured_before(db: Session, measurement: Measurement) -> Measurement | None:
    """The value of the same indicator that the measurement replaced."""
    older = select(Measurement).where(
        Measurement.plan_id == measurement.plan_id,
        Measurement.lineage == measurement.lineage,
        (col(Measurement.at) < measurement.at)
        | ((col(Measurement.at) == measurement.at) & (col(Measurement.id) < measurement.id)),
    )
    return db.exec(older.order_by(col(Measurement.at).desc(), col(Measurement.id).desc()).limit(1)).first()


def given_by_manager(db: Session, plan_id: int, lineage: int) -> tuple[int | None, Score | None]:
    """Who scored a plan as its manager, and what they said about one item."""
    card = card_of(db, plan_id, MANAGER)
    return (card.rater_id, score_of(db, card.id, lineage)) if card is not None else (None, None)


def handed_in_late(db: Session, plan_id: int) -> frozenset[str]:
    """The kinds of scorecards of a plan that came after their stage was over."""
    late = select(Scorecard.kind).where(Scorecard.plan_id == plan_id, col(Scorecard.late).is_(True))
    return frozenset(db.exec(late).all())


def first_line(db: Session, line: Line) -> Line | None:
    """The same item in the first revision of the result; None if that is this one."""
    wanted = select(Line).where(Line.result_id == line.result_id, Line.lineage == line.lineage)
    found = db.exec(wanted.order_by(col(Line.revision)).limit(1)).first()
    return found if found is not None and found.id != line.id else None


def last_time(db: Session, result: Result) -> tuple[Cycle, Result, dict[int, Line]] | None:
    """The person's published result of the earlier cycle of the same kind, with its lines by the lineage of the item
    of this result that is the same indicator (of the library, or by its name)."""
    earlier = previous_totals(db, db.get_one(Cycle, result.cycle_id), [result.person_id]).get(result.person_id)
    if earlier is None:
        return None
    old, new = lines_of(db, earlier), lines_of(db, result)
    known = _indicators(db, [*old, *new])
    by_subject = {known[line.item_id] or line.name: line for line in old}
    same = {line.lineage: found for line in new if (found := by_subject.get(known[line.item_id] or line.name))}
    return db.get_one(Cycle, earlier.cycle_id), earlier, same


def _indicators(db: Session, lines: Sequence[Line]) -> dict[int, int | None]:
    """The library's number of each item."""
    ids = [line.item_id for line in lines]
    return dict(db.exec(select(Item.id, Item.indicator_id).where(col(Item.id).in_(ids))).all())
