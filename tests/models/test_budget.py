"""Budgets: never above a window whatever comes, nearly all of it used by a broadcast, shared, and paused by anybody."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from bot.db import Database
from models import budget
from models.budget import PAGE, REDRAW, SECOND, SEND, Budget, Meter, Window, instant
from tests.models.rows import AT

NOW = instant(AT)
WINDOWS = st.builds(
    lambda calls, seconds, share: Window(calls, seconds, max(1, int((calls - 1) * share))),
    st.integers(2, 60),
    st.sampled_from([1, 5, 60]),
    st.floats(0, 0.9),
)
# How long after the one before, how many calls, whether it is a broadcast.
ASKED = st.lists(st.tuples(st.integers(0, 20 * SECOND), st.integers(1, 40), st.booleans()), max_size=30)


def busiest(came: Sequence[int], span: int) -> int:
    """The most in any half-open span of time."""
    came = sorted(came)
    return max((bisect_left(came, start + span) - bisect_left(came, start) for start in came), default=0)


def meter_of(*windows: Window) -> Meter:
    """The windows, unused."""
    return Meter([(round(one.seconds * 1000), one.step, one.room, 0) for one in windows])


@settings(deadline=None, max_examples=150)
@given(st.lists(WINDOWS, min_size=1, max_size=2), ASKED, st.integers(0, SECOND))
def test_no_window_is_ever_above_its_limit(
    windows: list[Window], asked: list[tuple[int, int, bool]], ahead: int
) -> None:
    meter, now, came = meter_of(*windows), NOW, list[int]()
    for wait, calls, bulk in asked:
        now += wait
        for _call in range(calls):
            at = meter.next(now, bulk=bulk)
            if at <= now + ahead:
                meter.spend(at)
                came.append(at)
    for one in windows:
        assert busiest(came, int(one.seconds * SECOND)) <= one.calls


@pytest.mark.parametrize(("calls", "seconds"), [(300, 60), (50, 1), (1000, 60), (50, 60)])
def test_a_broadcast_uses_the_limit_and_leaves_room_for_an_answer(calls: int, seconds: int) -> None:
    one = Window(calls, seconds, max(1, calls * 3 // 100))
    meter, came, now = meter_of(one), list[int](), NOW
    while now < NOW + 10 * seconds * SECOND:
        while (at := meter.next(now, bulk=True)) <= now + SECOND // 2:
            meter.spend(at)
            came.append(at)
        now += SECOND // 4
    whole = [at for at in came if at < NOW + 10 * seconds * SECOND]
    assert 0.95 * calls * 10 <= len(whole) <= calls * 10
    assert busiest(came, seconds * SECOND) <= calls
    if one.burst > 2:
        assert meter.next(now, bulk=False) < meter.next(now + SECOND, bulk=True)


def test_a_window_that_cannot_be_spread_is_refused() -> None:
    for calls, seconds, burst in ((5, 60, 5), (5, 60, 0), (5, 0, 1)):
        with pytest.raises(ValueError, match="window"):
            Window(calls, seconds, burst)


def spent(db: Session, calls: int, now: int, limited: int = 1) -> bool:
    """Whether so many messages fit at once."""
    return SEND in budget.spend(db, "slack", {SEND: calls}, {SEND: limited}, now)


def test_what_fits_is_spent_at_once_and_what_does_not_is_not(database: Database) -> None:
    database.now(lambda db: budget.declare(db, "slack", {SEND: [Window(10, 1, 4), Window(20, 60, 6)]}))
    assert database.now(lambda db: spent(db, 3, NOW, 2))
    before = database.now(lambda db: budget.meters(db, "slack")[SEND].windows)
    assert not database.now(lambda db: spent(db, 2, NOW, 2)), "it fits a minute, but not the second"
    assert database.now(lambda db: budget.meters(db, "slack")[SEND].windows) == before
    assert database.now(lambda db: spent(db, 1, NOW, 2))
    assert database.now(lambda db: budget.spend(db, "slack", {REDRAW: 99}, {SEND: 2}, NOW)) == {REDRAW}
    assert database.now(lambda db: budget.spend(db, "feishu", {SEND: 1}, {SEND: 1}, NOW)) == set(), "not declared yet"


def test_replicas_share_one_budget(database: Database) -> None:
    """Threads that spend in both ways at once, by a clock that all of them move."""
    one = Window(40, 1, 10)
    database.now(lambda db: budget.declare(db, "slack", {SEND: [one]}))

    def ahead(db: Session, now: int) -> list[int]:
        meters, came = budget.meters(db, "slack", lock=True), list[int]()
        while len(came) < 7 and (at := meters[SEND].next(now, bulk=True)) <= now + SECOND // 4:
            meters[SEND].spend(at)
            came.append(at)
        budget.keep(db, "slack", meters)
        return came

    def replica(number: int) -> list[int]:
        came: list[int] = []
        for turn in range(12):
            now = NOW + turn * SECOND // 5 + number
            came += database.now(lambda db, now=now: ahead(db, now))  # type: ignore[misc]
            if database.now(lambda db, now=now: spent(db, 2, now)):  # type: ignore[misc]
                came += [now, now]
        return came

    with ThreadPoolExecutor(3) as threads:
        came = [at for part in threads.map(replica, range(3)) for at in part]
    assert busiest(came, SECOND) <= one.calls
    assert len(came) > 0.7 * one.calls * 12 / 5


def test_a_declared_limit_changes_and_goes(database: Database) -> None:
    database.now(lambda db: budget.declare(db, "slack", {SEND: [Window(10, 60)], REDRAW: [Window(10, 60)]}))
    database.now(lambda db: spent(db, 1, NOW))
    database.now(lambda db: budget.declare(db, "slack", {SEND: [Window(20, 60)]}))
    rows = database.now(lambda db: db.exec(select(Budget).where(col(Budget.span) > 0)).all())
    assert [(row.method, row.step, row.taken > NOW) for row in rows] == [(SEND, Window(20, 60).step, True)]


def test_a_clock_that_is_set_back_does_not_stop_anything(database: Database) -> None:
    database.now(lambda db: budget.declare(db, "slack", {SEND: [Window(10, 60)]}))
    database.now(lambda db: spent(db, 1, NOW))
    database.now(lambda db: budget.pause(db, "slack", [REDRAW], NOW, NOW + 30 * SECOND))
    earlier = AT - timedelta(hours=1)
    database.now(lambda db: budget.redate(db, instant(earlier)))
    assert database.now(lambda db: spent(db, 1, instant(earlier)))
    (asked,) = database.now(lambda db: db.exec(select(Budget).where(col(Budget.paused) > 0)).all())
    assert (asked.method, asked.paused - instant(earlier)) == (REDRAW, 30 * SECOND)


def test_a_pause_is_never_cut_short(database: Database) -> None:
    for seconds in (30, 5):
        until = NOW + seconds * SECOND
        database.now(lambda db, until=until: budget.pause(db, "slack", [SEND], NOW, until))  # type: ignore[misc]
    rows = database.now(lambda db: db.exec(select(Budget)).all())
    assert Counter((row.method, row.paused - NOW if row.paused else 0) for row in rows) == {
        (SEND, 30 * SECOND): 1,
        (REDRAW, 0): 1,
        (PAGE, 0): 1,
    }
