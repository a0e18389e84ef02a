"""The examples of docs/rules.md about reminders are true: every day is read from the page and computed again."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from models.rules.nudging import MORNING, SNOOZES, STANDARD, moments, urgent
from models.rules.workdays import CLOSES, LAST_CALL, OPENS, calendar
from tests.models.test_rules_examples import Row, rows

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
EXAMPLES = rows("Reminders by example")


def test_there_is_an_example_of_every_kind_of_place() -> None:
    assert len({row["zone"] for row in EXAMPLES}) >= 5


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: row["zone"])
def test_the_days_of_a_deadline(row: Row) -> None:
    here = calendar(row["zone"])
    due = datetime.fromisoformat(row["deadline"]).replace(tzinfo=ZoneInfo(row["zone"])).astimezone(UTC)
    found = moments(STANDARD, here, due)
    said = {column: row[column].split(", ") for column in ("before and on the day", "after")}
    assert [f"{here.local(at):%m-%d}" for at in found if at < due] == said["before and on the day"]
    assert [f"{here.local(at):%m-%d}" for at in found if at >= due] == said["after"]
    hours = urgent(STANDARD, here, due)
    assert hours is not None
    assert f"{here.local(hours):%m-%d %H:%M}" == row["hours are left"]


def test_the_numbers_in_sentences() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split("\n## Reminders\n")[1].split("\n## ")[0].split())
    before = ", ".join(str(days) for days in STANDARD.before[:-1])
    assert f"{before} and {STANDARD.before[-1]} days before, and on the day" in text
    assert f"| {STANDARD.hours} hours before | to the minute" in text
    assert f"each working day, {STANDARD.after} times at most" in text
    assert f"| {STANDARD.lead} day after | the line manager" in text
    assert f"| {STANDARD.hr} days after | HR" in text
    assert (OPENS.hour, LAST_CALL.hour, CLOSES.hour, MORNING.hour, SNOOZES) == (9, 18, 19, 10, 2)
    assert "from 19:00 on" in text
