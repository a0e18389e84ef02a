"""Disputes: who is asked, what is read again, what a ruling changes, and what the clock does."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.db import Database
from bot.vault import Vault
from models.base import Refused, Stale, changes
from models.cycle import Cycle
from models.dispute import ADJUSTED, HR, MANAGER, UPHELD, Dispute, file
from models.recheck import IMPORTED, MANUAL, NOTHING, RATED, kept
from models.result import FROM_DISPUTE, Result, lines_of
from models.scorecard import Scorecard
from models.terms import terms_of
from models.todo import Todo, waiting
from tests.models.disputed import correct, filed, line, published, result
from tests.prepared import sqlite_at
from tests.security import company
from tests.world import KEY, START

HOUR = timedelta(hours=1)
SEALED = b"sealed"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Session]:
    database: Database = sqlite_at(tmp_path)
    database.now(lambda db: company.fill_bare(db, Vault([KEY]), START))
    with Session(database.writer) as session:
        yield session
    database.close()


@pytest.fixture
def cycle(db: Session) -> Cycle:
    return published(db, {"ana": "A", "bo": "B", "helen": "A", "henry": "B", "dana": "A"})


def adjusted(db: Session, case: Dispute, who: str, points: str) -> Result:
    terms = terms_of(db.get_one(Cycle, case.cycle_id))
    actor = company.actor(db, who)
    return case.adjust(db, actor, case.version, START + 2 * HOUR, SEALED, Decimal(points), terms)


def answered(db: Session, case: Dispute, who: str) -> None:
    case.take_answer(db, company.actor(db, who), case.version, START + HOUR, SEALED)


# Who is asked


def test_who_scored_answers_and_hr_rules(db: Session, cycle: Cycle) -> None:
    case = filed(db, cycle, "ana", 1)
    dana, helen = company.by_handle(db, "dana"), company.by_handle(db, "helen")
    assert (case.state, case.waits_for_id) == (MANAGER, dana.id)
    assert [todo.kind for todo in waiting(db, dana.id) if todo.subject_noun == "dispute"] == ["dispute.answer"]
    with pytest.raises(Refused, match="has not answered yet"):
        adjusted(db, case, "helen", "100")
    answered(db, case, "dana")
    assert (case.state, case.waits_for_id) == (HR, helen.id)
    with pytest.raises(Refused):
        adjusted(db, case, "dana", "100")
    case.uphold(db, company.actor(db, "helen"), case.version, START + 3 * HOUR, SEALED)
    assert (case.state, case.waits_for_id) == (UPHELD, None)
    assert db.exec(select(Todo).where(Todo.subject_noun == "dispute", Todo.done_at == None)).all() == []  # noqa: E711


@pytest.mark.parametrize(
    ("owner", "scored_by", "ruled_by", "never"),
    [("helen", "boss", "henry", ("helen", "boss", "dana")), ("henry", "helen", "olga", ("henry", "helen", "dana"))],
)
def test_T20_nobody_rules_on_their_own_case(
    db: Session, cycle: Cycle, owner: str, scored_by: str, ruled_by: str, never: tuple[str, ...]
) -> None:
    """HR's own cases go to another one in HR; where HR scored, and nobody else is there, to an executive."""
    case = filed(db, cycle, owner, 3)
    assert case.waits_for_id == company.by_handle(db, scored_by).id
    answered(db, case, scored_by)
    assert case.waits_for_id == company.by_handle(db, ruled_by).id
    for who in never:
        with pytest.raises(Refused):
            adjusted(db, case, who, "110")
    assert adjusted(db, case, ruled_by, "110").total is not None


def test_a_manager_who_left_is_not_waited_for(db: Session, cycle: Cycle) -> None:
    company.by_handle(db, "dana").left_at = START
    db.flush()
    case = filed(db, cycle, "ana", 1)
    assert (case.state, case.waits_for_id) == (HR, company.by_handle(db, "helen").id)
    actions = [one.action for one in changes(db) if one.noun == "dispute"]
    assert actions == ["dispute.filed", "dispute.passed_on"], "in the order in which it happened"


def test_who_leaves_while_awaited_hands_the_case_on(db: Session, cycle: Cycle) -> None:
    case = filed(db, cycle, "ana", 1)
    assert not case.replace(db, START + HOUR)
    for handle in ("dana", "helen"):
        company.by_handle(db, handle).left_at = START + HOUR
        db.flush()
        assert case.replace(db, START + HOUR)
    assert (case.state, case.waits_for_id) == (HR, company.by_handle(db, "henry").id)


def test_only_what_exists_can_be_disputed_and_only_once_at_a_time(db: Session, cycle: Cycle) -> None:
    ana, of = company.actor(db, "ana"), result(db, cycle, "ana")
    with pytest.raises(Refused, match="not part of the result"):
        file(db, of, ana, of.version, START, 987654)
    filed(db, cycle, "ana", 1)
    with pytest.raises(Refused, match="open already"):
        filed(db, cycle, "ana", 1)
    filed(db, cycle, "ana", 2)
    filed(db, cycle, "ana", 0)
    with pytest.raises(Refused, match="open already"):
        filed(db, cycle, "ana", 3)


# What is read again


def test_an_entered_value_is_shown_with_all_that_was_before(db: Session, cycle: Cycle) -> None:
    correct(db, cycle, "ana", "97", START + HOUR, by_id=company.by_handle(db, "dana").id)
    (found,) = kept(filed(db, cycle, "ana", 1, START + 2 * HOUR).recheck)
    assert (found.kind, found.counted, found.differs) == (MANUAL, Decimal(95), True)
    assert found.newest is not None
    assert found.entry is not None
    assert (found.newest.value, found.newest.by_id) == (Decimal(97), company.by_handle(db, "dana").id)
    assert (found.entry.value, found.entry.by_id) == (Decimal(95), company.by_handle(db, "ana").id)


def test_what_was_before_the_counted_value_is_kept(db: Session, cycle: Cycle) -> None:
    correct(db, cycle, "ana", "90", START - HOUR)
    (found,) = kept(filed(db, cycle, "ana", 1).recheck)
    assert [one.value for one in found.earlier] == [Decimal(90)]
    assert not found.differs


def test_an_imported_value_is_shown_as_its_record(db: Session, cycle: Cycle) -> None:
    of = result(db, cycle, "ana")
    first = line(db, of, 1)
    record = correct(db, cycle, "ana", "95", START - HOUR, source="crm", reference="contract list 7", by_id=None)
    first.measurement_id = record.id
    db.flush()
    (found,) = kept(filed(db, cycle, "ana", 1).recheck)
    assert found.kind == IMPORTED
    assert found.entry is not None
    assert (found.entry.source, found.entry.reference) == ("crm", "contract list 7")


def test_a_rated_item_says_who_rated_it_and_when(db: Session, cycle: Cycle) -> None:
    (found,) = kept(filed(db, cycle, "ana", 3).recheck)
    (given,) = found.given
    dana = company.by_handle(db, "dana").id
    assert (found.kind, given.rater, given.by_id, given.level) == (RATED, "manager", dana, "A")
    assert not found.differs


def test_the_whole_result_is_read_again_item_by_item(db: Session, cycle: Cycle) -> None:
    found = kept(filed(db, cycle, "ana", 0).recheck)
    assert [one.kind for one in found] == [MANUAL, MANUAL, RATED]
    assert NOTHING not in [one.kind for one in found]


# What a ruling changes


def test_an_adjusted_item_gives_the_next_revision(db: Session, cycle: Cycle) -> None:
    case = filed(db, cycle, "ana", 1)
    answered(db, case, "dana")
    of = adjusted(db, case, "helen", "100")
    assert (case.state, case.total_before, case.total_after) == (ADJUSTED, Decimal(98), Decimal(100))
    assert of.total == of.computed == 100
    assert (of.rating, of.origin, of.revision) == ("A", FROM_DISPUTE, 2)
    assert [one.points for one in lines_of(db, of)] == [100, 100, 100]
    assert sum(one.contribution or 0 for one in lines_of(db, of)) == 100
    assert case.snapshot["total"] == "98.00"
    assert case.snapshot["lines"][0]["points"] == "95.00"


def test_two_rulings_add_up(db: Session, cycle: Cycle) -> None:
    """A new total stays added when an item of it is ruled on afterwards."""
    whole = filed(db, cycle, "ana", 0)
    answered(db, whole, "dana")
    adjusted(db, whole, "helen", "99")
    case = filed(db, cycle, "ana", 1)
    answered(db, case, "dana")
    of = adjusted(db, case, "helen", "100")
    assert (case.total_before, case.total_after) == (Decimal(99), Decimal(101))
    assert of.revision == 3


@pytest.mark.parametrize(("position", "points"), [(1, "120.01"), (1, "-1"), (0, "121"), (1, "95"), (1, "NaN")])
def test_a_ruling_stays_within_what_can_be_earned(db: Session, cycle: Cycle, position: int, points: str) -> None:
    case = filed(db, cycle, "ana", position)
    answered(db, case, "dana")
    with pytest.raises(Refused):
        adjusted(db, case, "helen", points)


def test_a_veto_that_is_lifted_gives_the_managers_adjustment_back(db: Session, cycle: Cycle) -> None:
    of = result(db, cycle, "ana")
    first = line(db, of, 2)
    first.part, first.weight, first.points = "veto", None, Decimal(0)
    values = {"vetoed": True, "computed": Decimal(60), "adjustment": Decimal(3), "origin": "adjusted"}
    of.advance(db, total=Decimal(60), **values)
    db.flush()
    case = filed(db, cycle, "ana", 2)
    answered(db, case, "dana")
    now = adjusted(db, case, "helen", "100")
    assert (now.vetoed, now.computed, now.total) == (False, Decimal("97.14"), Decimal("100.14"))


def test_a_ruling_that_trips_a_veto_holds_the_total(db: Session, cycle: Cycle) -> None:
    of = result(db, cycle, "ana")
    second = line(db, of, 2)
    second.part, second.weight = "veto", None
    of.advance(db, total=Decimal("100.14"), computed=Decimal("97.14"), adjustment=Decimal(3), origin="adjusted")
    db.flush()
    case = filed(db, cycle, "ana", 2)
    answered(db, case, "dana")
    now = adjusted(db, case, "helen", "0")
    assert (now.vetoed, now.total, now.rating) == (True, Decimal(60), "C")


def test_a_closed_case_stays_closed(db: Session, cycle: Cycle) -> None:
    case = filed(db, cycle, "ana", 1)
    case.withdraw(db, company.actor(db, "ana"), case.version, START + HOUR)
    assert result(db, cycle, "ana").state == "acknowledged"
    for act in (lambda: adjusted(db, case, "helen", "100"), lambda: answered(db, case, "dana")):
        with pytest.raises(Refused):
            act()


def test_T36_scores_are_not_opened_again_once_the_result_is_published(db: Session, cycle: Cycle) -> None:
    ana = company.by_handle(db, "ana")
    card = db.exec(select(Scorecard).where(Scorecard.person_id == ana.id, Scorecard.kind == "manager")).one()
    with pytest.raises(Refused, match="published"):
        card.reopen(db, company.actor(db, "helen"), START + HOUR, b"why", company.by_handle(db, "dana").id)


def test_T36_a_card_opened_before_publication_takes_no_scores_after_it(db: Session) -> None:
    cycle = published(db, {"ana": "A"})
    of, dana = result(db, cycle, "ana"), company.actor(db, "dana")
    of.advance(db, state="computed", published_at=None)
    card = db.exec(select(Scorecard).where(Scorecard.plan_id == of.plan_id, Scorecard.kind == "manager")).one()
    card.reopen(db, company.actor(db, "helen"), START, b"why", dana.id)
    of.advance(db, state="published", published_at=START)
    with pytest.raises(Refused, match="published"):
        card.expect_open(db, dana)


# The clock


def test_each_mark_reminds_once_and_after_a_pause_only_the_newest(db: Session, cycle: Cycle) -> None:
    case = filed(db, cycle, "ana", 1)
    version = case.version
    assert [case.remind(db, START + timedelta(hours=hours)) for hours in (5, 6, 7, 11.5, 11.6)] == [
        None,
        Decimal("0.5"),
        None,
        Decimal("0.95"),
        None,
    ]
    assert case.version == version, "a reminder makes no button stale"
    case.pass_on(db, START + 12 * HOUR)
    assert case.remind(db, START + 13 * HOUR) is None, "the card just handed over is the reminder at half time"
    assert case.remind(db, START + 20 * HOUR) == Decimal("0.8")
    assert case.remind(db, START + 23 * HOUR) == Decimal("0.95")


def test_two_replicas_remind_once(db: Session, cycle: Cycle) -> None:
    case = filed(db, cycle, "ana", 1)
    assert case.remind(db, START + 6 * HOUR) == Decimal("0.5")
    late = Dispute(**case.model_dump())
    late.marks = 0
    assert late.remind(db, START + 6 * HOUR) is None


def test_the_next_level_joins_once_and_outdates_nothing(db: Session, cycle: Cycle) -> None:
    case = filed(db, cycle, "ana", 1)
    answered(db, case, "dana")
    version = case.version
    assert case.join(db, START + 20 * HOUR) == company.by_handle(db, "boss").id
    assert case.join(db, START + 21 * HOUR) is None
    assert case.version == version
    case.uphold(db, company.actor(db, "helen"), version, START + 22 * HOUR, SEALED)


def test_a_stale_press_rules_nothing(db: Session, cycle: Cycle) -> None:
    case = filed(db, cycle, "ana", 1)
    at = case.version
    answered(db, case, "dana")
    with pytest.raises(Stale):
        case.uphold(db, company.actor(db, "helen"), at, START + HOUR, SEALED)
