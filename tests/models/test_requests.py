"""Requests and tasks: whom they reach, who may do what when, and what survives who leaves."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.importing import check_people, known_people
from bot.importing.applying import apply_people
from bot.importing.table import table_of
from bot.vault import Vault
from models.access import Actor, can
from models.assignment import Assignment, Standing, assign, parts_of, standing
from models.base import Refused
from models.department import Department, choices, named
from models.handover import hand_over
from models.request import ACCEPTED, ANSWERED, ASKED, DECLINED, WITHDRAWN, Request, leader_of, request_of, requests_with
from models.todo import waiting
from tests.prepared import sqlite_at
from tests.security import company
from tests.world import KEY, START

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE = START + 5 * DAY
WHY = b"sealed"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Session]:
    database = sqlite_at(tmp_path)
    database.now(lambda db: company.fill_bare(db, Vault([KEY]), START))
    with Session(database.writer) as session:
        yield session
    database.close()


def who(db: Session, handle: str) -> Actor:
    return company.actor(db, handle)


def place(db: Session, code: str) -> Department:
    return db.exec(select(Department).where(Department.code == code)).one()


def asked(db: Session, by: str = "willa", code: str = "S") -> Request:
    return request_of(db, who(db, by), place(db, code), START, DUE, None)


def handle_of(db: Session, person_id: int | None) -> str:
    return next((one for one in company.PEOPLE if company.by_handle(db, one).id == person_id), "")


def kinds(db: Session, handle: str) -> list[str]:
    return [one.kind for one in waiting(db, company.by_handle(db, handle).id)]


def test_it_reaches_the_head_or_the_next_one_up(db: Session) -> None:
    sales, top = place(db, "S"), place(db, "C")
    assert handle_of(db, leader_of(db, sales, frozenset())) == "hugo"
    assert handle_of(db, leader_of(db, top, frozenset())) == "olga", "an executive where nobody is head"
    top.head_id = company.by_handle(db, "boss").id
    company.by_handle(db, "hugo").left_at = START
    db.flush()
    assert handle_of(db, leader_of(db, sales, frozenset())) == "boss"
    assert handle_of(db, leader_of(db, sales, frozenset({top.head_id}))) == "olga"


def test_one_asks_for_a_day_to_come_and_not_oneself(db: Session) -> None:
    with pytest.raises(Refused, match="still to come"):
        request_of(db, who(db, "ana"), place(db, "S"), START, START, None)
    with pytest.raises(Refused, match="yourself"):
        request_of(db, who(db, "hugo"), place(db, "S"), START, DUE, None)


def test_it_is_answered_returned_answered_and_accepted(db: Session) -> None:
    request, willa, hugo = asked(db), who(db, "willa"), who(db, "hugo")
    assert kinds(db, "hugo") == ["request.answer"]
    request.give(db, hugo, request.version, START + HOUR)
    assert (request.state, kinds(db, "hugo"), kinds(db, "willa")) == (ANSWERED, [], ["request.accept"])
    request.return_(db, willa, request.version, START + 2 * HOUR, DUE + DAY, WHY)
    assert (request.state, request.returns, kinds(db, "hugo"), kinds(db, "willa")) == (ASKED, 1, ["request.answer"], [])
    request.give(db, hugo, request.version, START + 3 * HOUR)
    request.accept(db, willa, request.version, START + 4 * HOUR)
    assert (request.state, kinds(db, "willa"), request.waits_for_id) == (ACCEPTED, [], None)
    for act in (request.accept, request.withdraw):
        with pytest.raises(Refused):
            act(db, willa, request.version, START)


def test_the_head_hands_it_to_one_of_their_own(db: Session) -> None:
    request, hugo = asked(db), who(db, "hugo")
    for handle, words in (("willa", "who asked"), ("helen", "of the department"), ("hugo", "already")):
        with pytest.raises(Refused, match=words):
            request.hand_to(db, hugo, request.version, START, company.by_handle(db, handle))
    request.hand_to(db, hugo, request.version, START, company.by_handle(db, "bo"))
    assert (kinds(db, "hugo"), kinds(db, "bo")) == ([], ["request.answer"])
    assert [one.id for one in requests_with(db, hugo.id)] == [request.id], "the head still sees it"
    readers = {handle for handle in company.PEOPLE if can(db, who(db, handle), "request.read", request)}
    assert readers == {"willa", "hugo", "bo"}
    assert {one for one in company.PEOPLE if can(db, who(db, one), "request.answer", request)} == {"hugo", "bo"}
    request.decline(db, who(db, "bo"), request.version, START, WHY)
    assert (request.state, kinds(db, "bo")) == (DECLINED, [])


def test_T37_it_survives_who_answers_and_ends_with_who_asked(db: Session) -> None:
    request, other = asked(db), asked(db, "eva")
    request.hand_to(db, who(db, "hugo"), request.version, START, company.by_handle(db, "bo"))
    for handle, following in (("bo", "hugo"), ("hugo", "olga")):
        company.by_handle(db, handle).left_at = START + HOUR
        db.flush()
        hand_over(db, [company.by_handle(db, handle).id], START + HOUR)
        assert handle_of(db, request.waits_for_id) == following
    company.by_handle(db, "eva").left_at = START + HOUR
    db.flush()
    hand_over(db, [company.by_handle(db, "eva").id], START + HOUR)
    assert (other.state, request.state, len(kinds(db, "olga"))) == (WITHDRAWN, ASKED, 1)


# Tasks


def test_a_task_reaches_every_head_once_and_says_who_is_done(db: Session) -> None:
    helen = who(db, "helen")
    place(db, "H").head_id = company.by_handle(db, "henry").id
    db.flush()
    places = db.exec(select(Department)).all()
    made, rows = assign(db, helen, places, START, DUE, None)
    assert {handle_of(db, one.waits_for_id) for one in rows} == {"hugo", "henry"}
    with pytest.raises(Refused, match="Nobody but you"):
        assign(db, helen, [place(db, "C")], START, DUE, None)
    first = next(one for one in rows if handle_of(db, one.waits_for_id) == "hugo")
    first.give(db, who(db, "hugo"), first.version, START + HOUR)
    assert (first.state, kinds(db, "helen")) == (ACCEPTED, [])
    assert standing(db, [made.id], START + HOUR)[made.id] == Standing(2, 1, 0, 0)
    assert standing(db, [made.id], DUE + HOUR)[made.id] == Standing(2, 1, 1, 0)
    assert [one.state for one in parts_of(db, made.id, 0, 9)] == [ASKED, ACCEPTED]
    first.return_(db, helen, first.version, START + 2 * HOUR, DUE, WHY)
    assert standing(db, [made.id], START)[made.id].waiting == 2
    made.withdraw(db, helen, made.version, START + 3 * HOUR)
    assert (kinds(db, "hugo"), kinds(db, "henry"), standing(db, [made.id], START)) == ([], [], {})


def test_a_head_who_loses_the_post_hands_on_what_they_were_asked(db: Session) -> None:
    """The file moves Hugo out of sales; everybody there reports to Dana's line. What he gave to Ana stays with her."""
    vault, (first, given, answered) = Vault([KEY]), (asked(db), asked(db, "bo"), asked(db, "olga"))
    given.hand_to(db, who(db, "hugo"), given.version, START, company.by_handle(db, "ana"))
    answered.give(db, who(db, "hugo"), answered.version, START)
    hugo, eva = company.by_handle(db, "hugo"), company.by_handle(db, "eva")

    def imported(department: str, manager: str) -> None:
        row = [hugo.number, hugo.name, department, company.by_handle(db, manager).number]
        table = table_of([["Employee No", "Name", "Department", "Manager No"], row], b"")
        apply_people(db, vault, check_people(table, known_people(db, vault, START)), "helen", START)

    imported(place(db, "S").name("en"), "boss")
    assert (handle_of(db, place(db, "S").head_id), kinds(db, "hugo")) == ("hugo", ["request.answer"]), "nothing changed"
    imported(place(db, "C").name("en"), "eva")
    assert (handle_of(db, place(db, "S").head_id), eva.left_at) == ("dana", None)
    assert (handle_of(db, first.joined_id), handle_of(db, first.waits_for_id)) == ("dana", "dana")
    assert (handle_of(db, given.joined_id), handle_of(db, given.waits_for_id)) == ("dana", "ana")
    assert (answered.state, handle_of(db, answered.author_id)) == (ANSWERED, "hugo"), "what is answered stays"
    assert [kinds(db, one) for one in ("hugo", "dana", "ana")] == [[], ["request.answer"], ["request.answer"]]


def test_a_task_stays_when_who_gave_it_leaves(db: Session) -> None:
    made, rows = assign(db, who(db, "helen"), [place(db, "S")], START, DUE, None)
    company.by_handle(db, "helen").left_at = START + HOUR
    db.flush()
    hand_over(db, [company.by_handle(db, "helen").id], START + HOUR)
    assert (rows[0].state, db.get_one(Assignment, made.id).ended_at) == (ASKED, None)


def test_only_hr_gives_tasks(db: Session) -> None:
    for handle in ("hugo", "boss", "ana", "audrey"):
        with pytest.raises(Refused):
            assign(db, who(db, handle), [place(db, "S")], START, DUE, None)


# Names


def test_a_department_is_found_by_how_a_line_begins(db: Session) -> None:
    sales = place(db, "S")
    sales.names = {"en": "Sales", "zh_Hans": "销售部"}
    place(db, "H").names = {"en": "Sales East", "zh_Hans": "销售部华东"}
    db.flush()
    assert named(db, "sales the figures") == (sales, "the figures")
    assert named(db, "Sales East: the figures")[0] == place(db, "H")
    assert named(db, "销售部十月数据") == (sales, "十月数据")
    assert named(db, "salesmen, how many") == (None, "salesmen, how many")
    assert len(choices(db, "en", 2)) == 2
