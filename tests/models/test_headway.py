"""How far a cycle is, counted from its todos: by stage and department, by name, and what is nobody's business."""

from datetime import timedelta

from sqlmodel import Session, select

from bot.db import Database
from models.department import Department
from models.headway import (
    FAULTY,
    LATE,
    PRIVATE,
    TARDY,
    Count,
    Place,
    Wanted,
    by_part,
    by_stage,
    by_step,
    changed,
    headway,
    led,
    open_todos,
    pieces,
    total,
)
from models.person import Person
from models.scorecard import Scorecard
from tests.models.counted import DAY, NOW, company, owes, person, planned


def test_a_plan_counts_once_however_many_steps_it_took(database: Database) -> None:
    def look(db: Session) -> None:
        cycle, known = company(db)
        ana, bo, carl, eve = (person(db, name, known["C/S"]) for name in ("ana", "bo", "carl", "eve"))
        for who in (ana, bo, carl):
            owes(db, cycle, eve, "plan.submit", who.id, who, due=-1, done=-2)
        owes(db, cycle, eve, "plan.approve", ana.id, ana, due=-2, done=-1)  # done, a day too late
        owes(db, cycle, eve, "plan.approve", bo.id, bo, due=-1)
        owes(db, cycle, carl, "plan.confirm", carl.id, carl, due=None)
        groups = headway(db, [cycle.id], Place(), NOW)
        assert total(groups) == Count(done=1, waiting=1, late=1, tardy=1)
        assert by_stage(groups) == {(cycle.id, "setting"): total(groups)}
        assert by_step(groups) == {"plan.approve": 1, "plan.confirm": 1}
        wanted = Wanted(cycle.id, "setting", Place(), LATE, NOW, 0)
        (late,) = pieces(db, wanted, "en", 0, 20)
        assert (late.owner, late.desk, late.kind, late.due_at) == ("bo", "eve", "plan.approve", NOW - DAY)
        (tardy,) = pieces(db, Wanted(cycle.id, "setting", Place(), TARDY, NOW, 0), "en", 0, 20)
        assert (tardy.owner, tardy.desk, tardy.done_at, tardy.due_at) == ("ana", "", NOW - DAY, NOW - DAY)
        assert list(open_todos(db, wanted).values()) == [eve.id]

    database.now(look)


def test_non_compliant_counts_before_late_and_only_while_it_is_open(database: Database) -> None:
    def look(db: Session) -> None:
        cycle, known = company(db)
        ana, bo, carl = (person(db, name, known["C/S"]) for name in ("ana", "bo", "carl"))
        for who, due, done in ((ana, -3, None), (bo, 3, None), (carl, 3, 0)):
            plan = planned(db, cycle, who, "linked source")
            owes(db, cycle, who, "plan.submit", plan.id, who, due, done)
        groups = headway(db, [cycle.id], Place(), NOW)
        assert total(groups) == Count(done=1, faulty=2, overdue=1)
        found = pieces(db, Wanted(cycle.id, "setting", Place(), FAULTY, NOW, 0), "en", 0, 20)
        assert [(one.owner, one.faults) for one in found] == [
            ("ana", ("linked", "source")),
            ("bo", ("linked", "source")),
        ]

    database.now(look)


def test_departments_are_counted_a_level_at_a_time_with_all_below(database: Database) -> None:
    def look(db: Session) -> None:
        cycle, known = company(db)
        for number, path in enumerate(("C", "C/R", "C/S", "C/S/x", "C/S/x")):
            who = person(db, f"p{number}", known[path])
            owes(db, cycle, who, "plan.submit", number, who, due=1)
        nowhere = person(db, "free", None)
        owes(db, cycle, nowhere, "plan.submit", 99, nowhere, due=1)
        departments = {one.id: one for one in db.exec(select(Department))}
        code = {one.id: one.code for one in departments.values()} | {0: ""}

        def parts(path: str) -> dict[str, int]:
            groups = headway(db, [cycle.id], Place(path), NOW)
            return {code[key]: count.total for key, count in by_part(groups, departments, path).items()}

        assert parts("") == {"C": 1, "C/R": 1, "C/S": 3, "": 1}
        assert parts(known["C"].path) == {"C": 1, "C/R": 1, "C/S": 3}
        assert parts(known["C/S"].path) == {"C/S": 1, "C/S/x": 2}
        assert parts(known["C/S/x"].path) == {"C/S/x": 2}

    database.now(look)


def test_flags_disputes_and_whom_colleagues_speak_about_stay_out_of_it(database: Database) -> None:
    def look(db: Session) -> None:
        cycle, known = company(db)
        ana, bo = person(db, "ana", known["C/S"]), person(db, "bo", known["C/R"])
        for number, kind in enumerate(PRIVATE):
            owes(db, cycle, bo, kind, number, ana, due=-1)
        assert headway(db, [cycle.id], Place(), NOW) == []
        owes(db, cycle, bo, "peer.answer", 1, ana, due=-1)
        assert headway(db, [cycle.id], Place(known["C/S"].path), NOW) == [], "not where she works whom it is about"
        (piece,) = pieces(db, Wanted(cycle.id, "scoring", Place(known["C/R"].path), LATE, NOW, 0), "en", 0, 20)
        assert (piece.owner, piece.desk) == ("bo", "bo")

    database.now(look)


def test_nobody_reads_that_their_own_scores_were_given_back(database: Database) -> None:
    def look(db: Session) -> None:
        cycle, known = company(db)
        helen, dana, bo = (person(db, name, known["C/R"]) for name in ("helen", "dana", "bo"))
        owes(db, cycle, dana, "scorecard.submit", 1, helen, due=-1)
        owes(db, cycle, dana, "scorecard.submit", 2, bo, due=-1)
        owes(db, cycle, helen, "scorecard.submit", 3, bo, due=-1)

        def listed(reader: Person) -> list[str]:
            return [
                one.owner for one in pieces(db, Wanted(cycle.id, "scoring", Place(), LATE, NOW, reader.id), "en", 0, 9)
            ]

        assert sorted(listed(helen)) == ["bo", "bo"]
        assert sorted(listed(dana)) == ["bo", "bo", "helen"]

    database.now(look)


def test_own_scores_are_a_stage_of_their_own_and_who_left_is_not_counted(database: Database) -> None:
    def look(db: Session) -> None:
        cycle, known = company(db)
        dana, ana, leo = (person(db, name, known["C/S"]) for name in ("dana", "ana", "leo"))
        leo.left_at = NOW
        plan = planned(db, cycle, ana)
        card = Scorecard(cycle_id=cycle.id, plan_id=plan.id, person_id=ana.id, kind="self")
        db.add(card)
        db.flush()
        owes(db, cycle, ana, "scorecard.submit", card.id, ana, due=1)
        owes(db, cycle, dana, "scorecard.submit", card.id + 1, ana, due=1)
        owes(db, cycle, dana, "scorecard.submit", card.id + 2, leo, due=1)
        counts = by_stage(headway(db, [cycle.id], Place(), NOW))
        assert counts == {(cycle.id, "self_scoring"): Count(waiting=1), (cycle.id, "scoring"): Count(waiting=1)}

    database.now(look)


def test_a_line_managers_people_and_who_works_in_a_place(database: Database) -> None:
    def look(db: Session) -> None:
        cycle, known = company(db)
        dana = person(db, "dana", known["C/R"])
        ana, bo = person(db, "ana", known["C/S"], dana), person(db, "bo", known["C/S/x"])
        for who in (dana, ana, bo):
            owes(db, cycle, who, "plan.submit", who.id, who, due=-1)
        mine, sales = Place(manager_id=dana.id), Place(known["C/S"].path)
        assert total(headway(db, [cycle.id], mine, NOW)) == Count(late=1)
        everybody = [dana.id, ana.id, bo.id]
        assert led(db, mine, everybody) == {ana.id}
        assert led(db, sales, everybody) == {ana.id, bo.id}
        assert led(db, Place(), everybody) == set(everybody)

    database.now(look)


def test_what_changed_in_the_last_minute_is_known(database: Database) -> None:
    def look(db: Session) -> None:
        cycle, known = company(db)
        ana = person(db, "ana", known["C"])
        todo = owes(db, cycle, ana, "plan.submit", 1, ana, due=1)
        before = NOW - timedelta(minutes=1)
        assert changed(db, [cycle.id], before, NOW) == frozenset()
        assert changed(db, [cycle.id], NOW + DAY - timedelta(minutes=1), NOW + DAY) == {cycle.id}, "it became late"
        todo.done_at = NOW
        db.flush()
        assert changed(db, [cycle.id], before, NOW) == {cycle.id}
        assert changed(db, [cycle.id + 1], before, NOW) == frozenset()

    database.now(look)
