"""The calls of a month: counted by all replicas together, told of at 80 %, kept for what is urgent at the end."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from bot.capability import Gone, Later, Message
from bot.db import Database
from bot.platforms.dingtalk.quota import CALLS, PUSHES, Quota, counted_as
from bot.tally import Tally
from models.deployment import count_of
from tests.fakes.dingtalk import Fault
from tests.platforms.dingtalk.stage import ANA, BOB, CARD, Clock, playing

PATIENT = Message(CARD, key="k1", patient=True)
URGENT = replace(PATIENT, patient=False)


async def test_replicas_count_together_and_a_restart_remembers(database_url: str) -> None:
    database = Database(database_url)
    clock = Clock()
    try:
        one, two = (Quota(10, 10, clock, Tally(database)) for _ in range(2))
        await one.start()
        for _ in range(3):
            one.count(CALLS)
        await one.stop()
        await two.start()
        two.count(CALLS)
        assert (two.used(CALLS), two.used(PUSHES)) == (4, 0)
        await two.stop()
        assert database.now(lambda db: count_of(db, counted_as(CALLS, clock()))) == 4
        clock.forward(days=40)
        assert two.used(CALLS) == 0
    finally:
        database.close()


def test_months_are_those_of_china() -> None:
    assert counted_as(CALLS, datetime(2026, 3, 31, 17, tzinfo=UTC)) == "dingtalk calls 2026-04"


def test_a_warning_at_eighty_percent_comes_once() -> None:
    quota = Quota(10, 0, Clock())
    with capture_logs() as logs:
        for _ in range(9):
            quota.count(CALLS)
            quota.count(PUSHES)
    assert [(line["kind"], line["used"], line["of"]) for line in logs] == [("calls", 8, 10)]


def test_at_the_limit_only_what_nobody_waits_for_is_held() -> None:
    clock = Clock()
    quota = Quota(2, 0, clock)
    quota.count(CALLS)
    quota.admit(PATIENT)
    quota.count(CALLS)
    quota.admit(URGENT)
    with pytest.raises(Later) as later:
        quota.admit(PATIENT)
    assert not later.value.everywhere
    assert later.value.seconds == 6 * 3600
    clock.forward(days=29, hours=4)
    with pytest.raises(Later, match="wait 10800 s"):
        quota.admit(PATIENT)
    clock.forward(days=2)
    quota.admit(PATIENT)


async def test_dingtalk_itself_says_that_nothing_is_left() -> None:
    async with playing("stream", quota=(0, 0)) as stage:
        stage.fake.fail(
            "POST /v1.0/card/instances/createAndDeliver",
            Fault(status=403, code="Forbidden.AccessDenied.ApiCountLimitForOrg"),
        )
        for _ in range(2):
            with pytest.raises(Later) as later:
                await stage.platform.deliver(ANA, URGENT)
            assert 3500 < later.value.seconds <= 3600
        assert len(stage.fake.called("POST /v1.0/card/instances/createAndDeliver")) == 1
        stage.clock.forward(hours=2)
        await stage.platform.deliver(ANA, URGENT)
        assert "Ship it" in stage.newest.whole


async def test_only_messages_and_cards_are_counted() -> None:
    async with playing("stream") as stage:
        quota = stage.platform._quota
        await stage.platform.profile(ANA)
        assert quota.used(CALLS) == 0
        await stage.platform.deliver(ANA, URGENT)
        with pytest.raises(Gone):
            await stage.platform.deliver(replace(BOB, user="nobody"), URGENT)
        assert quota.used(CALLS) == 3
        await stage.fake.say(ANA.user, "perf")
        assert quota.used(PUSHES) == 1
