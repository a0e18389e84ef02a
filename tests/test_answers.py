"""Answers as people type them: numbers, dates, and a sentence of its own for every refusal."""

from datetime import date
from decimal import Decimal

import pytest

from bot.forms import UNREADABLE, Invalid
from tests.test_forms import FULL, GoalForm, refused, told


@pytest.mark.parametrize("said", ["0", "4", "-1", "", "nothing", "9" * 5000, "²²"])
def test_what_is_no_option_is_refused(said: str) -> None:
    with pytest.raises(Invalid):
        told(["x", None, "20", None, None, None, said])


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("20", "20"),
        ("２０．５", "20.5"),
        ("+20", "20"),
        (" 20 ", "20"),
        ("20.", "20"),
        ("2\u200b0", "20"),
        ("020", "20"),
    ],
)
def test_numbers_as_people_type_them(said: str, value: str) -> None:
    assert GoalForm.read({**FULL, "weight": said}).weight == Decimal(value)
    GoalForm.check("weight", said)


@pytest.mark.parametrize(
    "said",
    [
        "NaN",
        "nan",
        "Infinity",
        "-inf",
        "1e2",
        "1E999",
        "1e999999999",
        "0x20",
        "2_0",
        "١٢",
        "二十",
        "1,2,3",
        "--2",
        "٢0",
        ".",
    ],
)
def test_what_is_no_plain_number_is_refused(said: str) -> None:
    for name in ("weight", "bonus", "days"):
        sentence = refused({**FULL, name: said})[name]
        assert sentence.startswith("Please enter a")
        with pytest.raises(Invalid):
            GoalForm.check(name, said)


@pytest.mark.parametrize(
    "said", ["2026-12-31", "2026/12/31", "2026.12.31", "２０２６－１２－３１", "20261231", "2026年12月31日"]
)
def test_dates_as_people_type_them(said: str) -> None:
    assert GoalForm.read({**FULL, "due": said}).due == date(2026, 12, 31)


@pytest.mark.parametrize(
    "said", ["86400", "0", "1e9", "2026-02-30", "31.12.2026", "tomorrow", "2026-12-31T10:00", "2026"]
)
def test_what_is_no_date_is_refused_and_never_read_as_seconds(said: str) -> None:
    assert refused({**FULL, "due": said})["due"].startswith("Please enter a date")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "\u200b\u3000"),
        ("name", "x" * 41),
        ("why", "x" * 1001),
        ("weight", ""),
        ("weight", " "),
        ("weight", "x"),
        ("weight", "4"),
        ("weight", "101"),
        ("weight", "20.55"),
        ("weight", "9" * 400),
        ("bonus", "0"),
        ("bonus", "10"),
        ("days", "1.5"),
        ("days", "9" * 5000),
        ("due", "x"),
        ("kind", "other"),
        ("owner", "x"),
        ("tags", ("a", "b", "c")),
    ],
)
def test_every_refusal_has_a_sentence_of_its_own_early_and_late(name: str, answer: str | tuple[str, ...]) -> None:
    late = refused({**FULL, name: answer})
    assert set(late) == {name}
    assert late[name] != UNREADABLE
    with pytest.raises(Invalid) as early:
        GoalForm.check(name, answer)
    assert early.value.errors == late
