"""Scores of the sample company: results that can be reckoned again, ratings as guided, flags where they belong."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import pytest
from sqlmodel import Session, col, select

from bot.rotation import COLUMNS
from bot.sample.cast import said
from models.access import Actor
from models.base import Refused
from models.calibration import Vote
from models.cycle import Cycle
from models.department import Department
from models.flag import CONFIRMED, DEPARTMENT, DISMISSED, OPEN, Flag, unsettled
from models.installation import Installation
from models.item import Item
from models.peer import Peer, answers_for
from models.person import HR, Person
from models.plan import Plan
from models.reckoning import plans_in_force, reckon
from models.releasing import publish
from models.result import FROM_CALIBRATION, FROM_MANAGER, FROM_SCORES, Line, Result
from models.rules.scoring import Outcome, faults
from models.scorecard import MANAGER, SELF, Scorecard, cards_waiting
from models.terms import GUIDANCE, terms_of
from models.todo import Todo
from models.wish import Offer, Wish
from tests.filled import Filled, current

SCORED = ("2024", "2025", "2026 Q3")


def named(made: Filled, name: str) -> Cycle:
    return made.db.exec(select(Cycle).where(Cycle.name == name)).one()


def results(made: Filled, name: str) -> Sequence[Result]:
    return made.db.exec(select(Result).where(Result.cycle_id == named(made, name).id).order_by(col(Result.id))).all()


def test_cycles_are_in_every_stage_that_can_be_played(full: Filled) -> None:
    states = {one.name: one.state for one in full.rows(Cycle)}
    early = {"2024": "closed", "2025": "published", "2026-10": "scoring"}
    assert states == {**early, "2026 Q3": "review", "2026 Q4": "setting"}
    assert current(full).name == "2026 Q4"


@pytest.mark.parametrize("name", SCORED)
def test_reckoning_again_gives_the_same_to_the_cent(full: Filled, name: str) -> None:
    cycle = named(full, name)
    terms = terms_of(cycle)
    reckoned = reckon(full.db, plans_in_force(full.db, cycle), terms)
    assert len(results(full, name)) > 50
    for result in results(full, name):
        again = reckoned[result.plan_id]
        lines = _lines(full, result, 1)
        assert again.total.value == sum(line.contribution or Decimal(0) for line in lines)
        assert [line.points for line in lines] == [line.points for line in again.lines]
        if result.revision == 1:
            assert result.computed == again.total.value
            assert (result.total, result.origin) == result.settled_total(terms.levels)


def _lines(made: Filled, result: Result, revision: int) -> Sequence[Line]:
    wanted = select(Line).where(Line.result_id == result.id, Line.revision == revision)
    return made.db.exec(wanted.order_by(col(Line.position))).all()


@pytest.mark.parametrize("name", ["2024", "2025"])
def test_ratings_follow_the_guidance_about(full: Filled, name: str) -> None:
    found = results(full, name)
    count = Counter(one.rating for one in found)
    for level, share in GUIDANCE.items():
        assert abs(Decimal(100 * count[level]) / len(found) - share) < 12, (level, count)
    origins = Counter(one.origin for one in found)
    assert origins[FROM_MANAGER] >= 4
    assert origins[FROM_CALIBRATION] >= 3
    assert origins[FROM_SCORES] > len(found) * 0.9


@pytest.mark.parametrize("name", SCORED)
def test_the_generous_departments_are_found_and_no_honest_one(full: Filled, name: str) -> None:
    codes = {one.id: one.code for one in full.rows(Department)}
    flags = [one for one in full.rows(Flag) if one.cycle_id == named(full, name).id]
    assert {codes[one.key] for one in flags if one.about == DEPARTMENT} == set(said("company")["generous"])
    assert len(flags) < 12
    assert {one.state for one in flags} == ({OPEN} if name == "2026 Q3" else {CONFIRMED, DISMISSED})
    assert all(one.reason is not None for one in flags if one.state != OPEN)


def test_heads_have_voted_and_question_the_generous_ones(full: Filled) -> None:
    codes = {one.id: one.code for one in full.rows(Department)}
    asked = {full.db.get_one(Result, one.result_id).department_id for one in full.rows(Vote) if not one.agrees}
    assert {codes[one or 0] for one in asked} == set(said("company")["generous"])
    assert sum(one.agrees for one in full.rows(Vote)) >= 4


def test_a_result_is_published_once_the_flags_are_decided(full: Filled) -> None:
    with Session(full.database.writer) as db:
        cycle = db.get_one(Cycle, named(full, "2026 Q3").id)
        with pytest.raises(Refused):
            publish(db, cycle, full.now)
        for flag in unsettled(db, cycle.id):
            flag.confirm(db, Actor(flag.waits_for_id or 0, frozenset({HR})), flag.version, full.now, b"looked at")
        assert len(publish(db, cycle, full.now)) == len(results(full, "2026 Q3"))
        assert cycle.state == "published"
        db.rollback()


def test_who_may_see_a_result_and_who_has_looked(full: Filled) -> None:
    for name, state in (("2024", {"final"}), ("2025", {"published", "acknowledged", "disputed"})):
        assert {one.state for one in results(full, name)} == state
    waiting = {one.id for one in results(full, "2025") if one.state == "published"}
    open_ = [one for one in full.rows(Todo) if one.kind == "result.acknowledge" and one.done_at is None]
    assert {one.subject_id for one in open_} == waiting
    assert 3 <= len(waiting) <= 12
    assert all(one.published_at is None for one in results(full, "2026 Q3"))


def test_managers_have_a_batch_to_score(full: Filled) -> None:
    month = named(full, "2026-10")
    for handle, least in (("dana", 9), ("boss", 5)):
        cards = cards_waiting(full.db, month.id, full.person(handle).id)
        assert len(cards) >= least
        plans = [full.db.get_one(Plan, card.plan_id) for card in cards]
        for one in reckon(full.db, plans, terms_of(month)).values():
            assert {line.item.rule for line in one.lines if line.wanting} == {"rated"}
            assert all(line.scored.outcome is Outcome.SCORED for line in one.lines if line.item.rule != "rated")
    own = [one for one in full.rows(Scorecard) if one.cycle_id == month.id and one.kind == SELF and one.state == "open"]
    assert {one.person_id for one in own} == {full.person("ana").id, full.person("naomi").id}


def test_every_standard_can_score(full: Filled) -> None:
    for item in full.rows(Item):
        assert item.rule == "rated" or faults(item.standard()) == [], (item.name, item.target)


def test_nobody_scores_themselves_and_colleagues_are_colleagues(full: Filled) -> None:
    people = {one.id: one for one in full.rows(Person)}
    for card in full.rows(Scorecard):
        rater = card.rater_id or card.waits_for_id
        assert rater == (people[card.person_id].manager_id if card.kind == MANAGER else card.person_id)
    for peer in full.rows(Peer):
        assert peer.rater_id not in (peer.person_id, people[peer.person_id].manager_id)
    answers = answers_for(full.db, [one.id for one in full.rows(Plan)])
    assert len(answers) > 20
    assert min(len(given) for given in answers.values()) >= 3


def test_every_sealed_text_opens_where_it_belongs(full: Filled) -> None:
    fleeting = (Offer, Wish, Installation)  # a day at most; and nobody installs an invented company anywhere
    for model, name in [one for one in COLUMNS if one[0] not in fleeting]:
        sealed = [(row.id, getattr(row, name)) for row in full.rows(model) if getattr(row, name) is not None]
        assert sealed, f"the sample company has no {model.noun}.{name}"
        for number, envelope in sealed:
            assert full.vault.open((str(model.__tablename__), name, number), envelope)
