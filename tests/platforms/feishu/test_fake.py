"""The fake Feishu, held to its own reference: every check, in the order of the real server."""

import io
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import FormData, web

from tests.fakes.feishu import FeishuFake
from tests.fakes.feishu_store import DAY, Json
from tests.platforms.feishu.test_contract import CARD
from tests.platforms.feishu.test_fake_rules import FORM, card
from tests.world import PIXEL

SEND, TYPE = "/im/v1/messages", "?receive_id_type=open_id"


class Hand:
    """A clock in seconds that is moved by hand."""

    now = 1_772_442_000.0

    def __call__(self) -> float:
        return self.now


class Door:
    """A bot that answers with what the test puts there; `bodies` are what came."""

    def __init__(self) -> None:
        self.answers: list[web.Response] = []
        self.bodies: list[Json] = []

    async def serve(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.json())
        return self.answers.pop(0) if self.answers else web.json_response({})


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
async def fake(clock: Hand) -> AsyncIterator[FeishuFake]:
    made = FeishuFake(clock, encrypt_key="")
    await made.start()
    made.add_user("ou_ana", name="Ana Lima", email="ana@acme.test")
    made.add_user("ou_bob", name="Bob Reed", locale="en_us")
    made.add_group("oc_team", "ou_ana", "ou_bob")
    yield made
    await made.stop()


@pytest.fixture
async def door(fake: FeishuFake) -> AsyncIterator[Door]:
    bot, app = Door(), web.Application()
    app.router.add_post("/feishu", bot.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    fake.events_url = fake.cards_url = f"http://{host}:{port}/feishu"
    yield bot
    await runner.cleanup()


async def call(fake: FeishuFake, method: str, path: str, body: Any = None, token: str | None = None) -> Json:
    """The answer, with its HTTP status and what is left of a limit under "status" and "reset"."""
    assert fake.http is not None
    headers = {"Authorization": f"Bearer {fake.store.token()[0] if token is None else token}"} if token != "" else {}
    how = {"data": body} if isinstance(body, FormData) else {"json": body}
    async with fake.http.request(method, f"{fake.base}/open-apis{path}", headers=headers, **how) as answer:
        value: Json = await answer.json()
        return value | {"status": answer.status, "reset": answer.headers.get("x-ogw-ratelimit-reset", "")}


async def send(fake: FeishuFake, content: Json = CARD, to: str = "ou_ana", **more: Any) -> Json:
    """A card for somebody."""
    body = {"receive_id": to, "msg_type": "interactive", "content": json.dumps(content)}
    return await call(fake, "POST", SEND + TYPE, body | more)


async def sent(fake: FeishuFake, content: Json = CARD) -> str:
    """The id of a new card for Ana."""
    answer = await send(fake, content)
    assert answer["code"] == 0, answer
    return str(answer["data"]["message_id"])


async def test_tokens_are_the_same_until_half_an_hour_is_left(fake: FeishuFake, clock: Hand) -> None:
    first, life = fake.store.token()
    assert life == 7200
    clock.now += 5399
    assert fake.store.token()[0] == first
    clock.now += 2
    second = fake.store.token()[0]
    assert second != first
    assert (await call(fake, "GET", "/bot/v3/info", token=first))["bot"]["open_id"] == "ou_bot"
    clock.now += 1800
    assert (await call(fake, "GET", "/bot/v3/info", token=first))["code"] == 99991663
    assert (await call(fake, "GET", "/bot/v3/info", token=""))["code"] == 99991661
    assert (await call(fake, "GET", "/bot/v3/info", token="x"))["code"] == 99991671
    assert (await call(fake, "GET", "/nowhere/v1"))["code"] == 99991201


async def test_limits_by_route_by_receiver_and_by_message(fake: FeishuFake, clock: Hand) -> None:
    for _ in range(50):
        assert (await call(fake, "GET", "/bot/v3/info"))["code"] == 0
    limited = await call(fake, "GET", "/bot/v3/info")
    assert (limited["status"], limited["code"], limited["reset"]) == (429, 99991400, "2")
    message = await sent(fake)
    assert [(await send(fake))["code"] for _ in range(5)] == [0, 0, 0, 0, 230020]
    changed = {"content": json.dumps(CARD)}
    codes = [(await call(fake, "PATCH", f"{SEND}/{message}", changed))["code"] for _ in range(6)]
    assert codes == [0, 0, 0, 0, 0, 230020]
    clock.now += 1.01
    assert (await send(fake))["code"] == 0


async def test_what_is_sent_is_checked_in_order(fake: FeishuFake, clock: Hand) -> None:
    fake.messages.limited = False
    assert (await call(fake, "POST", SEND, {}))["code"] == 99992402
    assert (await send(fake, to="oc_ana"))["code"] == 230034
    assert (await send(fake, to="ou_nobody"))["code"] == 230013
    assert (await send(fake, content=CARD, msg_type="card"))["code"] == 230001
    body = {"receive_id": "ou_ana", "msg_type": "interactive", "content": CARD}
    assert (await call(fake, "POST", SEND + TYPE, body))["code"] == 230001
    assert (await send(fake, uuid="x" * 51))["code"] == 230001
    assert (await send(fake, card({"tag": "markdown", "content": "绩" * 6000})))["code"] == 230025
    rejected = await send(fake, card({"tag": "note", "elements": []}))
    assert (rejected["code"], "ErrCode: 200861" in rejected["msg"]) == (230099, True)
    fake.store.people["ou_bob"].resigned = True
    assert (await send(fake, to="ou_bob"))["code"] == 230029
    first = (await send(fake, uuid="same"))["data"]["message_id"]
    assert (await send(fake, uuid="same"))["data"]["message_id"] == first
    clock.now += 3601
    assert (await send(fake, uuid="same"))["data"]["message_id"] != first
    fake.scopes.discard("im:message:send_as_bot")
    assert (await send(fake))["code"] == 230027


async def test_updates_are_for_own_shared_young_cards(fake: FeishuFake, clock: Hand) -> None:
    message, changed = await sent(fake), {"content": json.dumps(CARD)}
    single = card(config={})
    assert (await call(fake, "PATCH", f"{SEND}/{message}", {"content": json.dumps(single)}))["code"] == 230001
    fake._post(message).served = 1
    assert "11310" in (await call(fake, "PATCH", f"{SEND}/{message}", changed))["msg"]
    fake._post(message).served = 0
    assert (await call(fake, "PATCH", f"{SEND}/{message}", changed))["code"] == 0
    clock.now += 14 * DAY + 1
    assert (await call(fake, "PATCH", f"{SEND}/{message}", changed))["code"] == 230031
    assert (await call(fake, "DELETE", f"{SEND}/{message}"))["code"] == 0
    assert (await call(fake, "PATCH", f"{SEND}/{message}", changed))["code"] == 230011


async def test_updates_by_token_come_after_the_answer_and_twice(fake: FeishuFake, clock: Hand, door: Door) -> None:
    message = await sent(fake)
    update, closed = "/interactive/v1/card/update", card({"tag": "markdown", "content": "done"})
    assert (await call(fake, "POST", update, {"token": "c-no", "card": closed}))["code"] == 300020
    token = (await fake.click("ou_ana", message, "Approve")).token
    assert (await call(fake, "POST", update, {"token": token, "card": json.dumps(closed)}))["code"] == 230099
    codes = [(await call(fake, "POST", update, {"token": token, "card": closed}))["code"] for _ in range(3)]
    assert codes == [0, 0, 300040]
    assert fake.render(message) == "done"
    token = (await fake.click("ou_ana", message, "Approve", look=CARD)).token
    fake.store.presses[token].answered = False
    assert (await call(fake, "POST", update, {"token": token, "card": CARD}))["code"] == 0
    assert (fake.messages.lost, fake.render(message)) == ([message], "done")
    clock.now += 1801
    assert (await call(fake, "POST", update, {"token": token, "card": CARD}))["code"] == 300030


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda: web.Response(text="no json"), 200672),
        (lambda: web.json_response({}, status=500), 200671),
        (lambda: web.json_response({"message": "x"}), 200672),
        (lambda: web.json_response({"toast": {"type": "loud", "content": "x"}}), 200672),
        (lambda: web.json_response({"card": {"type": "raw", "data": card({"tag": "note"})}}), 200673),
        (lambda: web.json_response({"card": {"type": "raw", "data": {"elements": []}}}), 200830),
        (lambda: web.json_response({"card": {"type": "raw", "data": card()}}), 0),
    ],
)
async def test_answers_to_presses(fake: FeishuFake, door: Door, answer: Callable[[], web.Response], code: int) -> None:
    message = await sent(fake)
    door.answers.append(answer())
    clicked = await fake.click("ou_ana", message, "Approve")
    assert (clicked.code, clicked.changed) == (code, code == 0)
    assert len(door.bodies[-1]["header"]["create_time"]) == 16
    assert door.bodies[-1]["event"]["action"]["value"] == {"a": "goal.approve"}


async def test_clients_stop_empty_required_fields(fake: FeishuFake, door: Door) -> None:
    message = await sent(fake, card(FORM))
    assert list((await fake.click("ou_ana", message, "x")).stopped) == ["x"]
    assert door.bodies == []
    await fake.click("ou_ana", message, "x", fill={"x": "typed"})
    assert door.bodies[-1]["event"]["action"]["form_value"] == {"i": "typed"}
    with pytest.raises(AssertionError, match="nothing says"):
        await fake.click("ou_ana", message, "another")


async def test_events_come_again_and_as_duplicates(fake: FeishuFake, clock: Hand, door: Door) -> None:
    door.answers += [web.Response(status=500)] * 2
    await fake.say("ou_ana", "perf")
    for wait, many in ((15, 1), (300, 1), (3600, 0)):
        clock.now += wait
        assert len(await fake.retry()) == many
    first, *rest = door.bodies
    assert [one["header"]["event_id"] for one in rest] == [first["header"]["event_id"]] * 2
    await fake.say("ou_ana", "twice", again=1)
    one, two = door.bodies[-2:]
    assert one["event"]["message"]["message_id"] == two["event"]["message"]["message_id"]
    assert one["header"]["event_id"] != two["header"]["event_id"]


async def test_groups_are_heard_when_the_bot_is_mentioned(fake: FeishuFake, door: Door) -> None:
    assert (await fake.say("ou_ana", "idle talk", chat="oc_team", bot=False)).status == 0
    await fake.say("ou_ana", "goals @Bob Reed", chat="oc_team", mentions={"Bob Reed": "ou_bob"})
    message = door.bodies[-1]["event"]["message"]
    assert (message["chat_type"], json.loads(message["content"])["text"]) == ("group", "@_user_1 goals @_user_2")
    assert [one["id"]["open_id"] for one in message["mentions"]] == ["ou_bot", "ou_bob"]


async def test_uploads_are_looked_at(fake: FeishuFake) -> None:
    async def upload(content: bytes, kind: str = "message") -> int:
        form = FormData({"image_type": kind})
        form.add_field("image", io.BytesIO(content), filename="a.png")
        return int((await call(fake, "POST", "/im/v1/images", form))["code"])

    contents = (PIXEL, b"", b"<svg/>", b"\x89PNG\r\n\x1a\n" + bytes(10 * 1024 * 1024))
    assert [await upload(one) for one in contents] == [0, 234010, 234011, 234006]


async def test_cards_for_one_pair_of_eyes_and_for_many(fake: FeishuFake) -> None:
    single = card({"tag": "markdown", "content": "for Ana"})
    body = {"chat_id": "oc_team", "open_id": "ou_ana", "msg_type": "interactive", "card": single}
    assert (await call(fake, "POST", "/ephemeral/v1/send", body))["code"] == 0
    assert (await call(fake, "POST", "/ephemeral/v1/send", body | {"card": CARD}))["code"] == 230001
    fake.store.people["ou_ana"].online = False
    assert (await call(fake, "POST", "/ephemeral/v1/send", body))["code"] == 230013
    many = {"open_ids": ["ou_ana", "ou_no"], "msg_type": "interactive", "card": single}
    batch = await call(fake, "POST", "/message/v4/batch_send/", many)
    assert batch["data"]["invalid_open_ids"] == ["ou_no"]
    wrong = await call(fake, "POST", "/message/v4/batch_send/", many | {"card": json.dumps(single)})
    assert (wrong["status"], wrong["code"]) == (200, 230001)
    message = batch["data"]["message_id"]
    assert (await call(fake, "PATCH", f"{SEND}/{message}", {"content": json.dumps(CARD)}))["code"] == 230001


async def test_people_are_shown_as_far_as_the_scopes_reach(fake: FeishuFake) -> None:
    user = (await call(fake, "GET", "/contact/v3/users/ou_ana"))["data"]["user"]
    assert (user["name"], user["enterprise_email"], user["user_id"]) == ("Ana Lima", "ana@acme.test", "uana")
    fake.scopes.discard("contact:user.email:readonly")
    assert "email" not in (await call(fake, "GET", "/contact/v3/users/ou_ana"))["data"]["user"]
    page = (await call(fake, "GET", "/contact/v3/users/find_by_department?department_id=0&page_size=1"))["data"]
    assert (len(page["items"]), page["has_more"], page["page_token"]) == (1, True, "p1")
    fake.scopes.clear()
    assert (await call(fake, "GET", "/contact/v3/users/ou_ana"))["code"] == 99991672
