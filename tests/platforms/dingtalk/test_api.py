"""Calls: one token for both APIs, what each refusal leads to, and nothing private in errors or logs."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from bot.calls import Unauthorised
from bot.capability import Gone, Later
from bot.platforms.dingtalk import codes
from bot.platforms.dingtalk.api import Api, judged, old_judged
from bot.platforms.dingtalk.quota import Quota
from tests.fakes.dingtalk import DingTalkFake, Fault
from tests.platforms.dingtalk.stage import ANA, NOW

GET, TOKEN = "/topapi/v2/user/get", "POST /v1.0/oauth2/accessToken"
SEND = "/v1.0/robot/oToMessages/batchSend"
DENIED = "Forbidden.AccessDenied."


@pytest.fixture
async def fake() -> AsyncIterator[DingTalkFake]:
    """A fake DingTalk alone."""
    async with DingTalkFake(NOW.timestamp, limited=False) as made:
        made.add_user(ANA.user, name="Ana")
        yield made


def client(fake: DingTalkFake, secret: str = "", patience: float = 2.0) -> Api:
    """Calls to it."""
    quota = Quota(0, 0, lambda: NOW)
    return Api(fake.client_id, secret or fake.client_secret, fake.base, fake.old_base, quota, patience)


@pytest.fixture
async def api(fake: DingTalkFake) -> AsyncIterator[Api]:
    """The same, open."""
    made = client(fake)
    made.open()
    yield made
    await made.close()


async def test_one_token_is_asked_for_by_however_many_need_it(fake: DingTalkFake, api: Api) -> None:
    await asyncio.gather(*(api.old(GET, {"userid": ANA.user}) for _ in range(30)))
    assert len(fake.called(TOKEN)) == 1
    fake.expire_tokens()
    await asyncio.gather(*(api.old(GET, {"userid": ANA.user}) for _ in range(20)))
    assert len(fake.called(TOKEN)) == 2


async def test_a_token_refused_twice_waits_for_who_mends_it(fake: DingTalkFake, api: Api) -> None:
    await api.token()
    fake.fail(f"POST {SEND}", Fault(code="InvalidAuthentication"), Fault(code="InvalidAuthentication"))
    with pytest.raises(Later) as later:
        await api.call("POST", SEND, {})
    assert later.value.entirely
    stranger = client(fake, "another-secret-0123456789")
    stranger.open()
    with pytest.raises(Later) as later, capture_logs() as logs:
        await stranger.token()
    assert later.value.entirely
    assert "another-secret" not in json.dumps(logs)
    await stranger.close()


@pytest.mark.parametrize(
    ("status", "code", "wanted"),
    [
        (403, DENIED + "QpsLimitForAppkeyAndApi", "wait 1 s"),
        (403, DENIED + "QpmLimitForAppkeyAndApi", "wait 60 s"),
        (403, DENIED + "ApiCountLimitForOrg", "wait 3600 s"),
        (403, DENIED + "IpNotInWhiteList", "wait 60 s"),
        (403, DENIED + "AccessTokenPermissionDenied", "no access: scope"),
        (400, "invalidParameter.robotCode.notExsit", "message refused: invalidparameter.robotcode.notexsit"),
        (400, "param.cardNotExist", "message refused: param.cardnotexist"),
        (400, "param.userIdNotExist", "account closed: param.useridnotexist"),
        (400, "Ana's salary", "message refused: 400"),
        (500, "system.busy", "status 500"),
        (504, "", "status 504"),
    ],
)
def test_each_code_of_the_new_api_has_its_reaction(status: int, code: str, wanted: str) -> None:
    with pytest.raises((Later, Gone, OSError)) as no:
        judged(status, json.dumps({"code": code, "message": "salary-canary"}).encode())
    assert str(no.value) in (wanted, wanted.replace("wait 1 s", "wait 2 s"))


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"errcode": 88, "sub_code": "90018"}, "wait 1 s"),
        ({"errcode": 88, "errmsg": "ding talk error[subcode=90020,submsg=x]"}, "wait 3600 s"),
        ({"errcode": 88, "sub_code": "60020"}, "wait 60 s"),
        ({"errcode": 88, "sub_code": "60011"}, "no access: 60011"),
        ({"errcode": 33012}, "account closed: 33012"),
        ({"errcode": "60121"}, "account closed: 60121"),
        ({"errcode": 15}, "code 15"),
        ({"errcode": 300001}, "message refused: 300001"),
        ({"errcode": 22}, "message refused: 22"),
        ({"status": 1111, "wait": 5, "punish": "deny"}, "wait 5 s"),
    ],
)
def test_each_code_of_the_old_api_has_its_reaction(said: dict[str, object], wanted: str) -> None:
    with pytest.raises((Later, Gone, OSError)) as no:
        old_judged(200, json.dumps(said).encode())
    assert str(no.value) in (wanted, wanted.replace("wait 1 s", "wait 2 s"))


def test_tokens_that_are_refused_are_known_in_both_apis() -> None:
    with pytest.raises(Unauthorised):
        judged(400, b'{"code":"InvalidAuthentication"}')
    for said in (b'{"errcode":88,"sub_code":"40014"}', b'{"errcode":40014}'):
        with pytest.raises(Unauthorised):
            old_judged(200, said)


def test_pages_in_place_of_json() -> None:
    with pytest.raises(Later, match="wait 300 s"):
        judged(403, b"<html>")
    with pytest.raises(OSError, match="status 502"):
        old_judged(502, b"<html>")


def test_a_missing_scope_is_named_in_the_log_and_nothing_else() -> None:
    body = {"code": DENIED + "AccessTokenPermissionDenied", "message": "canary"}
    with capture_logs() as logs, pytest.raises(codes.NoScope, match=r"Card\.Instance\.Write"):
        judged(403, json.dumps(body | {"accessdenieddetail": {"requiredScopes": ["Card.Instance.Write"]}}).encode())
    assert logs[0]["scopes"] == ["Card.Instance.Write"]
    assert "canary" not in json.dumps(logs)


async def test_too_slow_and_broken_are_network_errors(fake: DingTalkFake) -> None:
    api = client(fake, patience=0.2)
    api.open()
    await api.token()
    fake.fail(f"POST {GET}", Fault(hang=1.0), Fault(reset=True))
    for _ in range(2):
        with pytest.raises(OSError, match=r"Timeout|Disconnected|OSError"):
            await api.old(GET, {"userid": ANA.user})
    await api.close()


async def test_answers_go_to_dingtalk_alone(api: Api) -> None:
    for url in (
        "https://evil.test/robot/sendBySession?session=1",
        "http://127.0.0.1:1/oapi/robot",
        "file:///etc/passwd",
        "http://[/robot",
    ):
        with pytest.raises(codes.Ended, match="not DingTalk"):
            await api.respond(url, {})
