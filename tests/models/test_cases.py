"""Cases: who is in charge, who reads, when they close and open again, and what is counted of opinions."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.vault import Vault
from models.absence import Absence
from models.access import Actor, can
from models.base import Refused, Stale
from models.case import ANSWER_WITHIN, ANSWERED, CLOSED, OPEN, REOPENS_FOR, Case, fit_for, open_case
from models.caseload import counts, deserted, free_cases, messages_of
from models.handover import hand_over
from models.opinion import Opinion, express, satisfaction, words_about
from models.person import Person, Role, roles_of
from models.rights import MATRIX
from models.todo import Todo, waiting
from tests.prepared import sqlite_at
from tests.security import company
from tests.world import KEY, START

HOUR = timedelta(hours=1)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Session]:
    database = sqlite_at(tmp_path)
    database.now(lambda db: company.fill_bare(db, Vault([KEY]), START))
    with Session(database.writer) as session:
        yield session
    database.close()


def who(db: Session, handle: str) -> Actor:
    return company.actor(db, handle)


def number(db: Session, handle: str) -> int:
    return company.by_handle(db, handle).id


def asked(db: Session, handle: str = "ana") -> Case:
    return open_case(db, who(db, handle), START, None)[0]


def leaves(db: Session, handle: str) -> None:
    company.by_handle(db, handle).left_at = START + HOUR
    db.flush()
    hand_over(db, [number(db, handle)], START + HOUR)


def away(db: Session, handle: str, delegate: str = "") -> None:
    person = number(db, handle)
    absence = Absence(
        person_id=person,
        delegate_id=number(db, delegate) if delegate else None,
        from_on=START.date(),
        to_on=START.date(),
        starts_at=START,
        ends_at=START + 24 * HOUR,
        active=True,
        made_by_id=person,
    )
    db.add(absence)
    db.flush()


# Who is in charge


def test_the_one_with_the_fewest_cases_is_in_charge_and_never_who_asks(db: Session) -> None:
    owners = [asked(db, handle).waits_for_id for handle in ("ana", "bo", "dana", "helen", "henry")]
    helen, henry = number(db, "helen"), number(db, "henry")
    assert owners == [helen, henry, helen, henry, helen]
    assert [one.kind for one in waiting(db, helen)] == ["case.answer"] * 3
    assert {one.due_at for one in waiting(db, helen)} == {START + ANSWER_WITHIN}


def test_without_hr_an_executive_is_in_charge_and_without_anybody_it_is_refused(db: Session) -> None:
    leaves(db, "henry")
    assert asked(db, "helen").waits_for_id == number(db, "olga")
    for role in db.exec(select(Role)):
        db.delete(role)
    db.flush()
    with pytest.raises(Refused, match="administrator"):
        asked(db)


def test_nobody_gets_a_case_while_away_unless_all_are(db: Session) -> None:
    away(db, "helen")
    assert {asked(db, handle).waits_for_id for handle in ("ana", "bo")} == {number(db, "henry")}
    away(db, "henry")
    assert asked(db).waits_for_id == number(db, "olga")
    away(db, "olga")
    assert asked(db).waits_for_id == number(db, "helen")


# Who reads


@pytest.mark.parametrize("right", sorted(one for one in MATRIX if one.startswith("case.")))
def test_nobody_but_who_asked_and_who_is_in_charge_has_anything_to_do_with_it(db: Session, right: str) -> None:
    case = asked(db)
    may = {handle for handle in company.PEOPLE if can(db, who(db, handle), right, case)}
    both = {
        "case.read": {"ana", "helen"},
        "case.take": {"helen", "henry", "leo"},
        "case.watch": {"helen", "henry", "leo"},
    }
    mine = {"case.reply": {"ana"}, "case.satisfied": {"ana"}, "case.rate": {"ana"}}
    everybody = {"case.ask": set(company.PEOPLE)}
    assert may == {**both, **mine, **everybody}.get(right, {"helen"})


def test_who_stands_in_does_not_read_what_was_said_to_another(db: Session) -> None:
    case = asked(db)
    away(db, "helen", delegate="henry")
    henry = who(db, "henry")
    assert not can(db, henry, "case.read", case)
    assert not can(db, who(db, "boss"), "case.read", case)
    assert [one.id for one in deserted(db)] == [case.id]
    assert case.replace(db, START + HOUR)
    assert can(db, henry, "case.read", case)
    assert not can(db, who(db, "helen"), "case.read", case)


def test_a_todo_says_nobody_who_asked(db: Session) -> None:
    asked(db)
    assert db.exec(select(Todo.about_id).where(Todo.kind == "case.answer")).all() == [None]


# How it goes on


def test_it_goes_to_and_fro_closes_and_opens_again_for_two_weeks(db: Session) -> None:
    case, ana, helen = asked(db), who(db, "ana"), who(db, "helen")
    case.answer(db, helen, START + HOUR)
    assert (case.state, waiting(db, helen.id)) == (ANSWERED, [])
    case.reply(db, ana, START + 2 * HOUR)
    assert (case.state, case.due_at) == (OPEN, START + 2 * HOUR + ANSWER_WITHIN)
    case.reply(db, ana, START + 3 * HOUR)
    assert case.due_at == START + 2 * HOUR + ANSWER_WITHIN, "more words do not move the promise"
    assert len(waiting(db, helen.id)) == 1
    with pytest.raises(Refused, match="no answer yet"):
        case.close(db, helen, case.version, START + 4 * HOUR, said=False)
    case.close(db, helen, case.version, START + 4 * HOUR, said=True)
    assert (case.state, waiting(db, helen.id)) == (CLOSED, [])
    case.reply(db, ana, START + 4 * HOUR + REOPENS_FOR)
    assert case.state == OPEN
    case.satisfied(db, ana, case.version, START + 5 * HOUR + REOPENS_FOR)
    with pytest.raises(Refused, match="closed long ago"):
        case.reply(db, ana, START + 6 * HOUR + 2 * REOPENS_FOR)
    assert messages_of(db, case.id, 0, 4)[1] == 6
    newest = [one.id for one in messages_of(db, case.id, 0, 4)[0]]
    assert newest == sorted(newest)


def test_a_message_is_never_refused_because_the_other_side_wrote_and_a_press_is(db: Session) -> None:
    case, ana, helen = asked(db), who(db, "ana"), who(db, "helen")
    at = case.version
    case.answer(db, helen, START + HOUR)
    case.reply(db, ana, START + 2 * HOUR)
    with pytest.raises(Stale):
        case.satisfied(db, ana, at, START + 3 * HOUR)


def test_it_is_handed_on_within_hr_only(db: Session) -> None:
    case, helen = asked(db), who(db, "helen")
    for handle in ("dana", "ana", "helen", "leo", "olga"):
        with pytest.raises(Refused, match="somebody else in HR"):
            case.hand_to(db, helen, case.version, START, company.by_handle(db, handle))
    case.hand_to(db, helen, case.version, START, company.by_handle(db, "henry"))
    assert [one.due_at for one in waiting(db, number(db, "henry"))] == [START + ANSWER_WITHIN]
    assert not waiting(db, helen.id)
    assert fit_for(db, case) == [helen.id]


def test_a_colleague_takes_over_only_what_waits_too_long(db: Session) -> None:
    case, henry = asked(db), who(db, "henry")
    assert not free_cases(db, henry.id, START + HOUR, 9)
    with pytest.raises(Refused, match="looks after"):
        case.take(db, henry, case.version, START + HOUR)
    late = START + 25 * HOUR
    assert [one.id for one in free_cases(db, henry.id, late, 9)] == [case.id]
    assert (counts(db, late).running, counts(db, late).unanswered, counts(db, late).late) == (1, 1, 1)
    case.take(db, henry, case.version, late)
    assert (case.waits_for_id, not free_cases(db, henry.id, late, 9)) == (henry.id, True)
    own = asked(db, "henry")
    assert own.waits_for_id == number(db, "helen")
    assert own.id not in [one.id for one in free_cases(db, henry.id, late, 9)]


def test_T37_a_case_survives_who_was_in_charge_and_ends_with_who_asked(db: Session) -> None:
    case, other = asked(db), asked(db, "bo")
    leaves(db, "helen")
    assert case.waits_for_id == number(db, "henry")
    assert len(waiting(db, number(db, "henry"))) == 2
    leaves(db, "bo")
    assert (other.state, len(waiting(db, number(db, "henry")))) == (CLOSED, 1)


# What people say


def test_T61_opinions_count_in_fives_and_say_not_whose_they_are(db: Session) -> None:
    helen, henry = number(db, "helen"), number(db, "henry")
    for score in (5, 4, 3, 5):
        express(db, helen, score)
    express(db, henry, 1)
    assert (satisfaction(db), satisfaction(db, helen)) == (None, None)
    made = express(db, helen, 3)
    made.word = b"sealed"
    db.flush()
    found = satisfaction(db, helen)
    assert found is not None
    assert (found.ratings, str(found.mean)) == (5, "4")
    assert satisfaction(db) == found, "the one about somebody else is not in it"
    express(db, helen, 1)
    assert satisfaction(db, helen) == found
    assert len(words_about(db, helen)) == 1
    assert not {"case_id", "person_id", "author_id", "at"} & set(Opinion.model_fields)


def test_it_is_rated_once_when_it_was_answered_and_is_closed(db: Session) -> None:
    case, ana = asked(db), who(db, "ana")
    with pytest.raises(Refused):
        case.rate(db, ana, case.version)
    case.answer(db, who(db, "helen"), START)
    case.satisfied(db, ana, case.version, START)
    case.rate(db, ana, case.version)
    with pytest.raises(Refused):
        case.rate(db, ana, case.version)


def test_roles_are_as_the_tests_think(db: Session) -> None:
    hr = {one.handle for one in db.exec(select(Person)) if "hr" in roles_of(db, one.id)}
    assert hr == {"helen", "henry", "leo"}
