"""The fake Slack, held to what the vendor's own clients send and expect."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.socket_mode.aiohttp import SocketModeClient as AiohttpClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.socket_mode.websockets import SocketModeClient as WebsocketsClient
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.fakes.slack import APP_TOKEN, TOKEN, FakeSlack, Fault
from tests.fakes.slack_store import TEAM

MODAL: dict[str, Any] = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Form"},
    "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "Hello"}}],
}


class Hand:
    """A clock in seconds that is moved by hand."""

    now = 1_772_442_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def clock() -> Hand:
    return Hand()


@pytest.fixture
async def fake(clock: Hand) -> AsyncIterator[FakeSlack]:
    made = FakeSlack(clock)
    await made.start()
    made.store.add_user("U0001", name="Ana Lima", email="ana@acme.test", locale="zh-CN")
    yield made
    await made.stop()


@pytest.fixture
def client(fake: FakeSlack) -> AsyncWebClient:
    return AsyncWebClient(token=TOKEN, base_url=fake.api_url)


async def refused(work: Any) -> str:
    """The error name of a refused call."""
    with pytest.raises(SlackApiError) as error:
        await work
    return str(error.value.response["error"])


async def test_who_is_asking(fake: FakeSlack, client: AsyncWebClient) -> None:
    assert (await client.auth_test())["team_id"] == TEAM
    assert await refused(AsyncWebClient(token="xoxb-other", base_url=fake.api_url).auth_test()) == "invalid_auth"
    assert await refused(AsyncWebClient(base_url=fake.api_url).auth_test()) == "not_authed"
    assert await refused(client.api_call("no.method")) == "unknown_method"


async def test_messages(fake: FakeSlack, client: AsyncWebClient) -> None:
    sent = await client.chat_postMessage(channel="U0001", text="hi", metadata={"event_type": "x", "event_payload": {}})
    assert sent["channel"] == "D0001"
    await client.chat_update(channel="D0001", ts=sent["ts"], text="ho")
    history = await client.conversations_history(channel="D0001", include_all_metadata=True)
    assert history["messages"][0]["text"] == "ho"
    assert (await client.chat_postEphemeral(channel="D0001", user="U0001", text="psst"))["message_ts"]
    await client.chat_delete(channel="D0001", ts=sent["ts"])
    assert await refused(client.chat_update(channel="D0001", ts=sent["ts"], text="x")) == "message_not_found"
    assert await refused(client.chat_postMessage(channel="C404", text="x")) == "channel_not_found"
    assert (
        await refused(client.chat_postMessage(channel="U0001", text="x", blocks=[{"type": "no"}])) == "invalid_blocks"
    )
    fake.store.archived.add("D0001")
    assert await refused(client.chat_postMessage(channel="D0001", text="x")) == "is_archived"


async def test_people(client: AsyncWebClient) -> None:
    plain = await client.users_info(user="U0001")
    assert "locale" not in plain["user"]
    user = (await client.users_info(user="U0001", include_locale=True))["user"]
    assert (user["locale"], user["is_email_confirmed"]) == ("zh-CN", True)
    assert await refused(client.users_info(user="U404")) == "user_not_found"
    assert (await client.conversations_open(users="U0001"))["channel"]["id"] == "D0001"


async def test_modals(fake: FakeSlack, client: AsyncWebClient, clock: Hand) -> None:
    trigger = fake.store.trigger("U0001")
    view = (await client.views_open(trigger_id=trigger, view=MODAL))["view"]
    assert await refused(client.views_open(trigger_id=trigger, view=MODAL)) == "exchanged_trigger_id"
    old = fake.store.trigger("U0001")
    clock.now += 4
    assert await refused(client.views_open(trigger_id=old, view=MODAL)) == "expired_trigger_id"
    assert await refused(client.views_update(view_id=view["id"], view=MODAL, hash="other")) == "hash_conflict"
    await client.views_update(view_id=view["id"], view=MODAL, hash=view["hash"])
    assert await refused(client.views_push(trigger_id=fake.store.trigger("U0001"), view=MODAL)) == "invalid_trigger_id"
    over, root = view["id"], view["id"]
    for _ in range(2):
        named = MODAL | {"external_id": f"over {over}"}
        pushed = (await client.views_push(trigger_id=fake.store.trigger("U0001", over), view=named))["view"]
        assert (pushed["root_view_id"], pushed["previous_view_id"]) == (root, over)
        over = pushed["id"]
    again = fake.store.trigger("U0001", over)
    assert await refused(client.views_push(trigger_id=again, view=MODAL)) == "push_limit_reached"
    assert (await client.views_update(external_id=named["external_id"], view=MODAL))["view"]["id"] == over
    assert await refused(client.views_update(external_id="other", view=MODAL)) == "not_found"
    heavy = MODAL | {"private_metadata": "x" * 3001}
    assert await refused(client.views_open(trigger_id=fake.store.trigger("U0001"), view=heavy)) == "invalid_arguments"
    home = {"type": "home", "blocks": []}
    assert (await client.views_publish(user_id="U0001", view=home))["view"]["id"].startswith("V")
    fake.store.home_tab = False
    assert await refused(client.views_publish(user_id="U0001", view=home)) == "not_enabled"


async def test_files_in_three_steps(fake: FakeSlack, client: AsyncWebClient) -> None:
    await client.files_upload_v2(content=b"\x89PNG", filename="a.png", title="a", alt_txt="A chart")
    (file,) = fake.store.files.values()
    assert (file["content"], file["done"], file["alt"]) == (b"\x89PNG", True, "A chart")
    picture = {"type": "image", "slack_file": {"id": file["id"]}, "alt_text": "A chart"}
    assert (await client.chat_postMessage(channel="U0001", text="x", blocks=[picture]))["ok"]
    unknown = picture | {"slack_file": {"id": "F404"}}
    assert await refused(client.chat_postMessage(channel="U0001", text="x", blocks=[unknown])) == "invalid_blocks"
    assert fake.called("upload") == [{"size": 4, "authorized": False}]


async def test_rate_limit_then_success(fake: FakeSlack, client: AsyncWebClient) -> None:
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    fake.fail("auth.test", Fault(429, retry_after=0))
    assert (await client.auth_test())["ok"]
    assert len(fake.called("auth.test")) == 2


async def test_response_url_five_times_and_thirty_minutes(fake: FakeSlack, clock: Hand) -> None:
    url = AsyncWebhookClient(f"{fake.base}/hooks/{fake.store.answer_url('U0001', 'D0001')}")
    answers = [(await url.send(text="hi")).status_code for _ in range(6)]
    assert answers == [200] * 5 + [404]
    late = AsyncWebhookClient(f"{fake.base}/hooks/{fake.store.answer_url('U0001', 'D0001')}")
    clock.now += 1801
    assert (await late.send(text="hi")).status_code == 404


@pytest.mark.parametrize("make", [AiohttpClient, WebsocketsClient])
async def test_socket_mode(fake: FakeSlack, make: Any) -> None:
    web = AsyncWebClient(base_url=fake.api_url)
    socket = make(app_token=APP_TOKEN, web_client=web, ping_interval=0.3)
    seen: list[SocketModeRequest] = []

    async def listener(client: Any, request: SocketModeRequest) -> None:
        seen.append(request)
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, {"text": "hi"}))

    socket.socket_mode_request_listeners.append(listener)
    await socket.connect()
    try:
        payload = {"command": "/perf"}
        assert await fake.envelope("slash_commands", payload, retry_attempt=1, retry_reason="timeout") == {"text": "hi"}
        assert (seen[0].type, seen[0].payload, seen[0].retry_attempt) == ("slash_commands", payload, 1)
        await asyncio.sleep(1.0)  # pings are answered: the connection stays
        assert fake.connections == 1
        await fake.disconnect()
        await fake.connected(2)
        await asyncio.sleep(0.1)
        assert await fake.envelope("slash_commands", payload) == {"text": "hi"}
    finally:
        await socket.close()
        running = (socket.message_processor, socket.message_receiver, socket.current_session_monitor)
        await asyncio.gather(*[task for task in running if task], return_exceptions=True)
