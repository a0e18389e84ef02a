"""A directory as the lines that a file would have: managers, departments of one name, and whom a finding means."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.directory import Directory, Member, Unit
from bot.importing import check_people, rows
from bot.importing.checks import looped
from bot.importing.directory import managers, titles
from tests.importing.tables import NOTHING, found

UNITS = (Unit("s", "Sales", "0", "ana"), Unit("e", "East", "s", "eva"), Unit("t", "Technology", "0"))


def member(name: str, unit: str = "s", leader: str = "", **more: object) -> Member:
    """Somebody whose number is their name in capitals."""
    return Member(name, name.title(), name.upper(), unit, leader=leader, **more)  # type: ignore[arg-type]


def test_a_line_says_what_the_directory_says() -> None:
    eva = member("eva", "e", email="eva@acme.test", title="Clerk", active=True, hired_on=date(2024, 3, 1))
    report = check_people(rows(Directory(UNITS, (member("ana"), eva))), NOTHING)
    assert report.findings == ()
    first, second = report.entries
    assert (first.number, first.name, first.department) == ("ANA", "Ana", "Sales")
    assert (first.manager, first.active) == ("", None)
    assert (second.email, second.position, second.department) == ("eva@acme.test", "Clerk", "East")
    assert (second.hired_on, second.active, second.manager) == (date(2024, 3, 1), True, "ANA")


def test_heads_stand_in_for_managers_that_are_not_named() -> None:
    people = (member("ana"), member("bob"), member("eva", "e"), member("fay", "e"), member("gus", "e", leader="bob"))
    above = managers(Directory(UNITS, (*people, member("hal", "t"), member("ida", "t", leader="gone"))))
    assert above == {"ana": "", "bob": "ana", "eva": "ana", "fay": "eva", "gus": "bob", "hal": "", "ida": ""}


def test_a_head_who_has_left_or_reports_downwards_is_passed_over() -> None:
    left = Directory(UNITS, (member("ana"), member("eva", "e", active=False), member("fay", "e")))
    assert managers(left)["fay"] == "ana"
    downwards = Directory(UNITS, (member("ana", leader="bob"), member("bob"), member("own", leader="own")))
    assert managers(downwards) == {"ana": "bob", "bob": "", "own": "ana"}


def test_without_any_manager_nothing_is_said_of_managers() -> None:
    report = check_people(rows(Directory((Unit("t", "T", "0"),), (member("hal", "t"),))), NOTHING)
    assert report.entries[0].manager is None


def test_departments_of_one_name_are_told_apart() -> None:
    twice = (*UNITS, Unit("x", "sales", "t"), Unit("y", "Loop", "y"), Unit("z", "Loop", "nowhere"))
    assert titles(twice) == {
        "s": "Sales",
        "e": "East",
        "t": "Technology",
        "x": "Technology / sales",
        "y": "Loop",
        "z": "Loop",
    }


def test_what_is_missing_is_found_in_the_line_of_that_person() -> None:
    table = rows(Directory(UNITS, (member("ana"), Member("n", "", "", "nowhere", active=True))))
    assert found(check_people(table, NOTHING)) == [(3, one, "error") for one in ("number", "name", "department")]
    assert table.names == {2: "Ana"}


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("pqrstu") | st.just("")), min_size=6, max_size=6),
    st.lists(st.tuples(st.sampled_from("abcd0"), st.sampled_from("pqrstu") | st.just("")), min_size=4, max_size=4),
)
def test_heads_never_make_a_circle(people: list[tuple[str, str]], units: list[tuple[str, str]]) -> None:
    members = tuple(member(who, unit, leader) for who, (unit, leader) in zip("pqrstu", people, strict=True))
    below = tuple(Unit(name, name, parent, head) for name, (parent, head) in zip("abcd", units, strict=True))
    own = {one.id: one.leader if one.leader != one.id else "" for one in members}
    assert looped(managers(Directory(below, members))) == looped(own)
