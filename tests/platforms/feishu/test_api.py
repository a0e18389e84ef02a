"""Calls: one token for all, what each code leads to, files, and nothing private in errors or logs."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from bot.capability import Expired, Gone, Later, Message
from bot.platforms.feishu import codes
from bot.platforms.feishu.api import Api
from tests.fakes.feishu import Fault, FeishuFake
from tests.platforms.feishu.stage import ANA, CARD, NOW, Stage

SEND = "POST /im/v1/messages"
BOT = "/bot/v3/info"


@pytest.fixture
async def fake() -> AsyncIterator[FeishuFake]:
    """A fake Feishu alone."""
    made = FeishuFake(NOW.timestamp, limited=False)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def api(fake: FeishuFake) -> AsyncIterator[Api]:
    """Calls to it."""
    made = Api(fake.app_id, fake.secret, fake.base, patience=2.0)
    made.open()
    yield made
    await made.close()


async def test_one_token_is_asked_for_by_however_many_need_it(fake: FeishuFake, api: Api) -> None:
    await asyncio.gather(*(api.call("GET", BOT) for _ in range(50)))
    assert len(fake.called("POST /auth")) == 1


async def test_a_token_that_is_refused_is_renewed_once_by_all(fake: FeishuFake, api: Api) -> None:
    await api.call("GET", BOT)
    fake.expire_tokens()
    await asyncio.gather(*(api.call("GET", BOT) for _ in range(20)))
    assert len(fake.called("POST /auth")) == 2


@pytest.mark.parametrize("code", sorted(codes.TOKEN))
async def test_every_token_code_renews_and_tries_once_more(fake: FeishuFake, api: Api, code: int) -> None:
    fake.fail("GET /bot/v3/info", Fault(code=code), Fault(code=code))
    with pytest.raises(Later) as later, capture_logs() as logs:
        await api.call("GET", BOT)
    assert later.value.entirely
    assert len(fake.called("POST /auth")) == 2
    assert "feishu refuses our token" in {line["event"] for line in logs}
    await api.call("GET", BOT)


async def test_a_token_that_was_not_given_is_asked_for_again(fake: FeishuFake, api: Api) -> None:
    fake.fail("POST /auth", Fault(status=500))
    with pytest.raises(OSError, match="status 500"):
        await api.token()
    assert await api.token() == await api.token()
    assert len(fake.called("POST /auth")) == 2


async def test_a_wrong_secret_waits_for_who_mends_it(fake: FeishuFake) -> None:
    api = Api(fake.app_id, "another-secret-0123456789", fake.base)
    api.open()
    with pytest.raises(Later) as later, capture_logs() as logs:
        await api.call("GET", BOT)
    assert later.value.entirely
    assert "another-secret" not in json.dumps(logs)
    await api.close()


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [
        (Fault(code=99991400, status=429, wait=7), "wait 7 s"),
        (Fault(code=99991400, status=400, wait=3), "wait 3 s"),
        (Fault(code=230020), "wait 2 s"),
        (Fault(code=11247), "wait 600 s"),
        (Fault(code=230049), "wait 1 s"),
        (Fault(code=230006), "wait 60 s"),
        (Fault(code=99991401, status=403), "wait 60 s"),
        (Fault(code=230099, msg="Failed, ext=ErrCode: 11310; ErrMsg: card action is lock; "), "wait 1 s"),
        (Fault(code=230013), "account closed: 230013"),
        (Fault(code=230029), "account closed: 230029"),
        (Fault(code=99992361), "account closed: 99992361"),
        (Fault(code=230027), "no access: 230027"),
        (Fault(code=99991672, msg="Access denied. scopes [im:message]"), "no access: 99991672"),
        (Fault(code=230002), "no access: 230002"),
        (Fault(code=230001), "message refused: 230001"),
        (Fault(status=404), "message refused: 404"),
        (Fault(status=500), "status 500"),
        (Fault(code=2200, status=200), "code 2200"),
        (Fault(code=1500, status=500), "code 1500"),
        (Fault(status=200), "status 200"),
        (Fault(reset=True), "ServerDisconnectedError"),
    ],
)
async def test_each_code_has_its_reaction(webhook: Stage, fault: Fault, wanted: str) -> None:
    webhook.fake.fail(SEND, fault)
    with pytest.raises((Later, Gone, OSError)) as no:
        await webhook.platform.deliver(ANA, Message(CARD, key="k1"))
    assert str(no.value) == wanted


@pytest.mark.parametrize("code", sorted(codes.EXPIRED))
def test_what_cannot_be_redrawn_may_be_sent_anew(code: int) -> None:
    assert isinstance(codes.reaction(code, "", 400, {}), Expired)


def test_a_missing_scope_is_named_in_the_log_and_nothing_else() -> None:
    said = "Access denied. One of the following scopes is required: [im:message:send_as_bot, im:message]. user Ana"
    with capture_logs() as logs:
        codes.reaction(99991672, said, 400, {})
    assert logs[0]["scopes"] == ["im:message", "im:message:send_as_bot"]
    assert "Ana" not in json.dumps(logs)


async def test_too_slow_is_a_network_error(fake: FeishuFake) -> None:
    api = Api(fake.app_id, fake.secret, fake.base, patience=0.2)
    api.open()
    await api.token()
    fake.fail("GET /bot/v3/info", Fault(hang=1.0))
    with pytest.raises(OSError, match="TimeoutError"):
        await api.call("GET", BOT)
    await api.close()
