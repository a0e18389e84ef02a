"""What a rater has before them: a plan's items with values, evidence, last time's outcome and what was given so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, select

from models.checkin import Checkin, latest_checkins
from models.cycle import Cycle
from models.item import Item
from models.plan import Plan
from models.reckoning import RATED, Given, Reckoned, Reckoning, reckon
from models.result import Line, previous_totals
from models.rules.totals import rating
from models.scorecard import MANAGER, Score, Scorecard
from models.terms import Terms, terms_now


@dataclass(frozen=True, slots=True)
class Entry:
    """One item on a rater's card. `asked`: people score it here; `last` is its line in the cycle before.

    `own` is the self score, on the manager's card only, and only beside what the manager gave: it must not be an anchor
    (docs/rules.md). What colleagues answered is in no entry.
    """

    item: Item
    value: Decimal | None
    points: Decimal | None
    given: Score | None
    own: Given | None
    note: Checkin | None
    last: Line | None
    asked: bool


@dataclass(frozen=True, slots=True)
class Scoresheet:
    """A card with its entries in the plan's order; `reckoning` only for a manager's card."""

    card: Scorecard
    plan: Plan
    terms: Terms
    entries: tuple[Entry, ...]
    reckoning: Reckoning | None

    @property
    def asked(self) -> list[Entry]:
        """What people score on this card."""
        return [one for one in self.entries if one.asked]

    @property
    def wanting(self) -> list[Item]:
        """What still needs a score before the card can be handed in."""
        return [one.item for one in self.asked if one.given is None]

    @property
    def total(self) -> Decimal | None:
        """What the scores give as they stand, without colleagues while they are asked; None while one is missing."""
        return self.reckoning.total.value if self.reckoning is not None and not self.wanting else None

    @property
    def rating(self) -> str:
        """The rating of the total, "" without one."""
        return "" if self.total is None else rating(self.total, self.terms.levels)

    def entry(self, lineage: int) -> Entry | None:
        """What people score under this lineage."""
        return next((one for one in self.asked if one.item.lineage == lineage), None)


def scoresheets(db: Session, cycle: Cycle, cards: Sequence[Scorecard]) -> list[Scoresheet]:
    """The sheets of some cards of one cycle, in their order; a few questions for all of them."""
    plans = {plan.id: plan for plan in db.exec(select(Plan).where(col(Plan.id).in_([one.plan_id for one in cards])))}
    terms = terms_now(cycle)
    reckoned = reckon(db, list(plans.values()), terms)
    notes = latest_checkins(db, list(plans))
    last = _last(db, cycle, [one.person_id for one in cards])
    scores: dict[int, dict[int, Score]] = {card.id: {} for card in cards}
    for score in db.exec(select(Score).where(col(Score.scorecard_id).in_(list(scores)))):
        scores[score.scorecard_id][score.lineage] = score
    return [
        _sheet(card, plans[card.plan_id], terms, reckoned[card.plan_id], scores[card.id], notes, last) for card in cards
    ]


def scoresheet(db: Session, card: Scorecard) -> Scoresheet:
    """The sheet of one card."""
    return scoresheets(db, db.get_one(Cycle, card.cycle_id), [card])[0]


def _sheet(
    card: Scorecard,
    plan: Plan,
    terms: Terms,
    reckoned: Reckoning,
    scores: Mapping[int, Score],
    notes: Mapping[tuple[int, int], Checkin],
    last: Mapping[tuple[int, int | str], Line],
) -> Scoresheet:
    manages = card.kind == MANAGER
    counted = {line.item.lineage for line in reckoned.lines if line.manager is not None or not manages}
    entries = []
    for line in reckoned.lines:
        item, said = line.item, scores.get(line.item.lineage) if line.item.lineage in counted else None
        entries.append(
            Entry(
                item=item,
                value=line.measurement.value if line.measurement is not None else None,
                points=line.scored.points if manages else None,
                given=said,
                own=line.own if manages and said is not None else None,
                note=notes.get((plan.id, item.lineage)),
                last=last.get((plan.person_id, item.indicator_id or 0)) or last.get((plan.person_id, item.name)),
                asked=_asked(line, manages=manages),
            )
        )
    return Scoresheet(card, plan, terms, tuple(entries), reckoned if manages else None)


def _asked(line: Reckoned, *, manages: bool) -> bool:
    """People score what is rated; the manager also what could not be measured."""
    return line.item.rule == RATED or (manages and line.scored.points is None)


def _last(db: Session, cycle: Cycle, people: Sequence[int]) -> dict[tuple[int, int | str], Line]:
    """The published lines of the cycle before, by person and by indicator as well as by name."""
    results = {one.id: one for one in previous_totals(db, cycle, people).values()}
    rows = db.exec(
        select(Line, Item.indicator_id)
        .join(Item, col(Item.id) == col(Line.item_id))
        .where(col(Line.result_id).in_(results))
        .order_by(col(Line.position))
    )
    found: dict[tuple[int, int | str], Line] = {}
    for line, indicator_id in rows:
        result = results[line.result_id]
        if line.revision == result.revision:
            found[result.person_id, line.name] = line
            if indicator_id:
                found[result.person_id, indicator_id] = line
    return found
