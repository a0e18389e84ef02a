"""What the fake DingTalk pushes: once or again, through a ticket that opens one connection, and with what in it."""

import pytest
from aiohttp import WSServerHandshakeError

from tests.fakes.dingtalk import DingTalkFake
from tests.fakes.dingtalk_store import Json
from tests.platforms.dingtalk.conftest import Hand


async def test_events_come_again_and_messages_never(fake: DingTalkFake, clock: Hand) -> None:
    assert (await fake.say("0147ana", "hi")).status == 0, "nobody is connected"
    assert not (await fake.send_event("user_add_org", {"userId": ["0147ana"]})).taken
    for wait, left in ((10, 1), (60, 1), (600, 0)):
        clock.now += wait
        assert len(await fake.retry()) == 1
        assert len(fake.due) == left
    assert [kind for kind, _ in fake.pushes] == ["message"]


async def test_a_ticket_opens_one_connection_for_ninety_seconds(fake: DingTalkFake, clock: Hand) -> None:
    http = fake.http
    assert http is not None
    asked = {"clientId": fake.client_id, "clientSecret": fake.client_secret, "ua": "test"}
    topics = [{"type": "EVENT", "topic": "*"}, {"type": "CALLBACK", "topic": "/v1.0/im/bot/messages/get"}]
    url, accept = f"{fake.base}/v1.0/gateway/connections/open", {"Accept": "application/json"}

    async def opened(body: Json) -> Json:
        async with http.post(url, json=body, headers=accept) as answer:
            given: Json = await answer.json()
            return given

    async with http.post(url, json=asked | {"subscriptions": topics}) as answer:
        assert answer.content_type == "text/xml"
    assert (await opened(asked | {"clientSecret": "no", "subscriptions": topics}))["code"] == "invalidClientIdOrSecret"
    for wrong in ([], [{"type": "EVENT", "topic": "user_add_org"}], [{"type": "CALLBACK", "topic": "/v1.0/no"}]):
        assert (await opened(asked | {"subscriptions": wrong}))["code"] == "invalidParameter.subscriptions"
    first, second = [await opened(asked | {"subscriptions": topics}) for _ in range(2)]
    at = f"{first['endpoint']}?ticket="
    async with http.ws_connect(at + first["ticket"]):
        await fake.gateway.connected()
        with pytest.raises(WSServerHandshakeError):
            await http.ws_connect(at + first["ticket"])
        assert await fake.gateway.push("CALLBACK", "/v1.0/card/instances/callback", {}, 0.1) is None, "nobody wants it"
    clock.now += 91
    with pytest.raises(WSServerHandshakeError):
        await http.ws_connect(at + second["ticket"])


async def test_what_arrives_of_a_line_in_a_group_and_when_the_quota_is_used_up(fake: DingTalkFake) -> None:
    await fake.say("0147ana", "goals @Bob Reed", group="cidTeam==", mentions={"Bob Reed": "0147bob"})
    said = fake.pushes[-1][1]
    assert (said["conversationType"], said["text"]["content"]) == ("2", " goals @Bob Reed")
    assert [one.get("staffId", "") for one in said["atUsers"]] == ["", "0147bob"]
    fake.names_stripped = fake.over_quota = True
    fake.store.people["0147ana"].hidden = True
    await fake.say("0147ana", "goals @Bob Reed", group="cidTeam==", mentions={"Bob Reed": "0147bob"})
    said = fake.pushes[-1][1]
    assert ("text" in said, said["errorCode"], "senderStaffId" in said) == (False, 20001, False)
