"""When somebody is reminded: working days, hours, nights on which clocks change, and the same answer for everybody."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.rules.nudging import (
    CATCH_UP,
    NEVER,
    OWN_WAY,
    SILENT,
    STANDARD,
    Policy,
    buckets,
    may_snooze,
    moments,
    policy,
    snoozed,
    urgent,
    urgent_since,
    urgent_until,
)
from models.rules.workdays import CLOSES, OPENS, Calendar, calendar, country_of, next_working_moment

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Apia", "Asia/Shanghai")
DAY = timedelta(days=1)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = st.integers(0, 365 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
PLACES = st.sampled_from(ZONES).map(calendar)
POLICIES = st.sampled_from([STANDARD, Policy((14, 2), 0, False, 2), Policy((), 24, True, 0), Policy((7, 3, 1), 8)])


def newest(one: Policy, here: Calendar, due: datetime, now: datetime) -> datetime:
    """By the list of all reminders of one deadline."""
    come = [at for at in moments(one, here, due) if at <= now]
    oldest = here.local(now).date() - CATCH_UP * DAY
    return max(come) if come and here.local(max(come)).date() > oldest else NEVER


def told(found: tuple[object, ...], due: datetime) -> datetime:
    """By the buckets that the database compares with."""
    return next((one.moment for one in found if due <= one.until), NEVER)  # type: ignore[attr-defined]


@settings(max_examples=50, deadline=None)
@given(POLICIES, PLACES, MINUTES, st.integers(-30 * 1440, 30 * 1440))
def test_the_database_is_told_the_same_as_the_list_says(
    one: Policy, here: Calendar, now: datetime, minutes: int
) -> None:
    due = now + timedelta(minutes=minutes)
    assert told(buckets(one, here, now), due) == newest(one, here, due, now)


@settings(max_examples=150, deadline=None)
@given(POLICIES, PLACES, MINUTES)
def test_every_moment_lies_in_working_hours_and_no_day_has_two(one: Policy, here: Calendar, due: datetime) -> None:
    found = moments(one, here, due)
    days = [here.local(at).date() for at in found]
    assert found == sorted(found)
    assert len(days) == len(set(days))
    assert all(here.open(at) for at in found)
    late = [at for at in found if at >= due]
    assert len(late) == one.after
    hours = urgent(one, here, due)
    assert hours is None or (here.open(hours) and hours <= due - timedelta(hours=one.hours))


@settings(max_examples=150, deadline=None)
@given(PLACES, MINUTES, st.integers(1, 4 * 1440))
def test_hours_before_are_told_when_they_come(here: Calendar, now: datetime, minutes: int) -> None:
    now = here.moment(now)
    due = now + timedelta(minutes=minutes)
    at = urgent(STANDARD, here, due)
    assert at is not None
    assert (due <= urgent_until(STANDARD, here, now)) == (at <= now)
    assert at > now or at >= urgent_since(here, now)


@settings(max_examples=100, deadline=None)
@given(PLACES, MINUTES)
def test_the_next_moment_is_the_first_one_in_working_hours(here: Calendar, now: datetime) -> None:
    found = here.moment(now)
    assert found >= now
    assert here.open(found)
    assert next_working_moment(now, here.zone) == found
    between = [now + (found - now) * part / 24 for part in range(24)]
    assert found == now or not any(here.open(at) for at in between)


@pytest.mark.parametrize(
    ("zone", "night"),
    [
        ("Europe/Berlin", date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 10, 25)),
        ("America/New_York", date(2026, 3, 8)),
        ("America/New_York", date(2026, 11, 1)),
        ("Pacific/Apia", date(2011, 12, 30)),
    ],
)
def test_nights_on_which_clocks_change_fire_once(zone: str, night: date) -> None:
    here = calendar(zone)
    due = here.at(night + 3 * DAY, time(18))
    found = moments(STANDARD, here, due)
    assert len({here.local(at).date() for at in found}) == len(found)
    assert {here.local(at).time() for at in found} == {OPENS}
    ticks = [here.at(night, time(0)) + n * timedelta(minutes=10) for n in range(26 * 6)]
    assert len({told(buckets(STANDARD, here, at), due) for at in ticks} - {NEVER}) <= 2


def test_china_works_on_swapped_days_and_rests_on_the_others() -> None:
    here = calendar("Asia/Shanghai")
    assert country_of("Asia/Shanghai") == "CN"
    assert [here.working(date(2026, 2, day)) for day in (14, 15, 16, 20, 23, 24, 28)] == [
        True,
        *[False] * 4,
        True,
        True,
    ]
    assert here.moment(here.at(date(2026, 2, 14), time(20))) == here.at(date(2026, 2, 24))


def test_parts_of_countries_and_countries_nobody_knows() -> None:
    assert not calendar("Europe/Berlin", "DE-BY").working(date(2026, 1, 6))
    assert calendar("Europe/Berlin", "DE").working(date(2026, 1, 6))
    assert calendar("Europe/Berlin", "DE-XX").working(date(2026, 1, 6))
    assert calendar("UTC").working(date(2026, 12, 25))
    assert calendar("UTC", "ZZ").working(date(2026, 12, 25))
    assert country_of("Asia/Calcutta") == "IN"
    assert country_of("UTC") == ""


def test_schedules_of_kinds_and_cycles() -> None:
    assert policy({}, "plan.submit") == STANDARD
    assert policy({"hours": 2}, "plan.submit") == Policy(hours=2)
    assert policy({"hours": 2, "kinds": {"plan.submit": {"after": 1}}}, "plan.submit") == Policy(hours=2, after=1)
    assert policy({"lead": 5}, "dispute.rule") == SILENT
    assert policy({"lead": 5}, "peer.answer") == OWN_WAY["peer.answer"]
    assert Policy.read(STANDARD.kept()) == STANDARD


def test_putting_off_ends_where_others_hear_of_it() -> None:
    here, due = calendar("UTC"), datetime(2026, 11, 24, 12, tzinfo=UTC)
    now = due - timedelta(hours=2)
    assert snoozed("day", here, now) == now + DAY
    assert snoozed("morning", here, now) == datetime(2026, 11, 25, 10, tzinfo=UTC)
    assert may_snooze(STANDARD, due, 0, due + DAY)
    assert not may_snooze(STANDARD, due, 0, due + DAY + timedelta(minutes=1))
    assert not may_snooze(STANDARD, due, 2, now)
    assert may_snooze(Policy(lead=0, hr=0), due, 1, due + 30 * DAY)


def test_a_thousand_people_have_a_year_of_reminders_in_their_hours() -> None:
    rng = Random(7)
    for _ in range(1000):
        here = calendar(rng.choice(ZONES))
        for at in moments(STANDARD, here, BEGIN + DAY * rng.uniform(0, 365)):
            local = here.local(at)
            assert OPENS <= local.time() < CLOSES
            assert here.working(local.date())
