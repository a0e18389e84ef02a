"""Patterns of cycles and their dry run: whole periods, stages in order, messages on days on which people work."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.patterns import LEAST, PATTERNS, STAGES, coming, following, months_on, moved_on, proposed
from models.rules.rehearsal import AFTER, BEFORE, OPENING, Crowd, Errand, monday, rehearse, weeks
from models.rules.workdays import calendar

KINDS = st.sampled_from(sorted(PATTERNS))
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "period"),
    [
        ("year", (date(2027, 1, 1), date(2027, 12, 31))),
        ("quarter", (date(2027, 1, 1), date(2027, 3, 31))),
        ("month", (date(2026, 12, 1), date(2026, 12, 31))),
        ("probation", (date(2026, 12, 1), date(2027, 2, 28))),
    ],
)
def test_the_next_whole_period(kind: str, period: tuple[date, date]) -> None:
    assert coming(kind, date(2026, 11, 23)) == period


@given(KINDS, DAYS)
def test_periods_follow_without_a_gap(kind: str, today: date) -> None:
    first = coming(kind, today)
    second = following(*first)
    assert first[0] > today
    assert second[0] == first[1] + DAY
    assert months_on(first[0], PATTERNS[kind].months) == second[0]
    assert months_on(second[0], PATTERNS[kind].months) == second[1] + DAY


@given(KINDS, DAYS, st.integers(-400, 400), st.integers(0, 400))
def test_stages_are_in_order_and_leave_time_for_plans(kind: str, today: date, ago: int, length: int) -> None:
    starts_on = today + ago * DAY
    days = proposed(kind, starts_on, starts_on + length * DAY, today)
    assert list(days) == [name for name in STAGES if name in days]
    assert list(days.values()) == sorted(set(days.values()))
    assert days["setting"] >= today + LEAST * DAY
    assert set(days) == {"setting", "tracking", *PATTERNS[kind].after}


@given(KINDS, DAYS)
def test_moving_on_keeps_the_distances(kind: str, today: date) -> None:
    period = coming(kind, today)
    days = proposed(kind, *period, today)
    later = following(*period)
    moved = moved_on(days, period, later, today)
    assert moved["setting"] - later[0] == days["setting"] - period[0]
    assert all(moved[name] - later[1] == days[name] - period[1] for name in days if name != "setting")


def test_the_last_day_of_a_short_month() -> None:
    assert months_on(date(2026, 8, 31), -6) == date(2026, 2, 28)
    assert months_on(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert following(date(2026, 3, 5), date(2026, 3, 14)) == (date(2026, 3, 15), date(2026, 3, 24))


def test_a_weekend_and_a_holiday_move_messages() -> None:
    """Friday night in Shanghai: told on Monday there, on the same Friday in Berlin; 1 to 7 October is a holiday."""
    friday = datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)
    crowds = (Crowd("Asia/Shanghai", "CN", 180), Crowd("Europe/Berlin", "DE", 20))
    found = rehearse([Errand("scoring", "scorecard.submit", friday, None, crowds)], {})
    assert [(one.day, one.people, one.moved) for one in found] == [
        (date(2026, 11, 20), 20, 0),
        (date(2026, 11, 23), 180, 180),
    ]
    assert found[1].meant == date(2026, 11, 20)
    due = datetime(2026, 10, 6, 15, 59, 59, tzinfo=UTC)
    found = rehearse([Errand("setting", "plan.submit", due - 20 * DAY, due, crowds[:1], told=False)], {})
    before = [one for one in found if one.message == BEFORE]
    assert {one.day for one in before} == {date(2026, 9, 29), date(2026, 9, 30)}, "all others fall into the holiday"
    assert all(one.day > date(2026, 10, 7) for one in found if one.message == AFTER)


ZONES = st.sampled_from([("Asia/Shanghai", "CN"), ("Europe/Berlin", "DE"), ("America/New_York", "US"), ("UTC", "")])
INSTANTS = st.integers(0, 700 * 24 * 60).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n))


@given(st.lists(st.tuples(ZONES, st.integers(1, 500)), min_size=1, max_size=3), INSTANTS, st.integers(0, 60))
def test_nothing_goes_out_on_a_day_off_and_nobody_is_forgotten(
    parts: list[tuple[tuple[str, str], int]], opens: datetime, length: int
) -> None:
    crowds = [Crowd(zone, country, people) for (zone, country), people in parts]
    found = rehearse([Errand("scoring", "scorecard.submit", opens, opens + length * DAY, crowds)], {})
    assert sum(one.people for one in found if one.message == OPENING) == sum(one.people for one in crowds)
    assert all(any(calendar(one.zone, one.country).working(sent.day) for one in crowds) for sent in found)
    assert all(one.moved <= one.people for one in found)
    assert weeks(found) == sorted({monday(one.day) for one in found})
