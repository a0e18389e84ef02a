"""The fake Feishu and our crypto, held to what the vendor's own SDK sends, expects and decrypts."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.platforms.feishu import crypt
from tests.fakes.feishu import FeishuFake
from tests.fakes.feishu_push import encrypted, signed
from tests.fakes.feishu_socket import Refusal
from tests.world import PIXEL

Json = dict[str, Any]
Sdk = Callable[..., Awaitable[Json]]
ROOT = Path(__file__).parents[3]
CARD: Json = {
    "schema": "2.0",
    "config": {"update_multi": True},
    "header": {"title": {"tag": "plain_text", "content": "Goal 7"}, "template": "blue"},
    "body": {
        "elements": [
            {
                "tag": "markdown",
                "content": "**Ship** it",
                "i18n_content": {"zh_cn": "**交付**", "en_us": "**Ship** it"},
            },
            {
                "tag": "button",
                "text": {"tag": "plain_text", "content": "Approve"},
                "behaviors": [{"type": "callback", "value": {"a": "goal.approve"}}],
            },
        ]
    },
}


class Process:
    """The SDK's process: a line in, a line out."""

    def __init__(self) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "tests.platforms.feishu.sdk"]
        self.running = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True, bufsize=1
        )

    def ask(self, asked: Json) -> Json:
        """One request."""
        assert self.running.stdin is not None
        assert self.running.stdout is not None
        self.running.stdin.write(json.dumps(asked) + "\n")
        line = self.running.stdout.readline()
        assert line, "the SDK's process ended"
        answer: Json = json.loads(line)
        assert "failed" not in answer, answer
        return answer

    def stop(self) -> None:
        """Ends it."""
        self.running.kill()
        self.running.communicate()


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    """One for all tests: importing the SDK is what takes the time."""
    started = Process()
    yield started
    started.stop()


@pytest.fixture
async def fake() -> AsyncIterator[FeishuFake]:
    made = FeishuFake()
    await made.start()
    made.add_user("ou_ana", name="Ana Lima", email="ana@acme.test", locale="en_us")
    yield made
    await made.stop()


@pytest.fixture
def sdk(fake: FeishuFake, process: Process) -> Sdk:
    at = {"base": fake.base, "app_id": fake.app_id, "secret": fake.secret}

    async def ask(do: str, **asked: Any) -> Json:
        return await asyncio.wait_for(asyncio.to_thread(process.ask, at | asked | {"do": do}), 60)

    return ask


async def sent(sdk: Sdk, card: Json = CARD, **more: Any) -> Json:
    """A card for Ana."""
    return await sdk("send", to="ou_ana", kind="interactive", content=json.dumps(card), **more)


async def collected(sdk: Sdk, many: int) -> list[Json]:
    """What their handlers got, waiting for so many."""
    found: list[Json] = []
    for _ in range(100):
        found += (await sdk("collect"))["heard"]
        if len(found) >= many:
            break
        await asyncio.sleep(0.05)
    return found


async def test_their_client_sends_answers_updates_uploads_and_reads(fake: FeishuFake, sdk: Sdk) -> None:
    first = await sent(sdk, uuid="u1")
    assert (first["code"], first["data"]["chat_id"]) == (0, fake.people["ou_ana"].chat)
    again = await sent(sdk, uuid="u1")
    assert again["data"]["message_id"] == first["data"]["message_id"]
    assert len(fake.store.posts) == 1
    message = first["data"]["message_id"]
    changed = CARD | {"header": {"title": {"tag": "plain_text", "content": "Goal 7, approved"}}}
    assert (await sdk("patch", message=message, content=json.dumps(changed)))["code"] == 0
    assert fake.render(message, "en_us").splitlines() == ["Goal 7, approved", "Ship it", "Approve"]
    assert fake.render(message, "zh_cn").splitlines()[1] == "交付"
    assert fake.render(message, "ja_jp").splitlines()[1] == "Ship it"
    assert (await sdk("reply", message=message, content=json.dumps({"text": "hello"})))["code"] == 0
    assert (await sdk("image", hex=PIXEL.hex()))["data"]["image_key"] in fake.store.images
    person = (await sdk("user", user="ou_ana"))["data"]["user"]
    assert (person["name"], person["enterprise_email"]) == ("Ana Lima", "ana@acme.test")
    assert len(fake.called("POST /auth")) == 1


async def test_their_client_reads_every_refusal(fake: FeishuFake, sdk: Sdk) -> None:
    unknown = CARD | {"footer": {}}
    refused = await sent(sdk, unknown)
    assert refused["code"] == 230099
    assert "ErrCode: 200621" in refused["msg"]
    assert (await sdk("send", to="ou_ana", kind="text", content="no json"))["code"] == 230001
    assert (await sdk("send", to="oc_x", kind="text", content='{"text": "x"}'))["code"] == 230034
    assert (await sdk("send", to="ou_nobody", kind="text", content='{"text": "x"}'))["code"] == 230013
    assert (await sdk("user", user="ou_nobody"))["code"] == 99992351
    fake.expire_tokens()
    assert (await sent(sdk))["code"] == 99991663  # their cache does not notice by itself


async def test_their_dispatcher_takes_what_we_push(fake: FeishuFake, sdk: Sdk) -> None:
    keys = {"key": fake.encrypt_key, "token": fake.verification_token}
    event, _ = fake.spoken("ou_ana", "perf goals @Ana Lima", mentions={"Ana Lima": "ou_ana"})
    user = {"operator": {"operator_id": fake.ids("ou_ana")}, "event_key": "perf", "timestamp": 1}
    for kind, inner in (("im.message.receive_v1", event), ("application.bot.menu_v6", user)):
        body, headers = fake.sealed(fake.envelope(kind, inner))
        answer = await sdk("dispatch", body=body.decode(), headers=headers, **keys)
        assert answer["status"] == 200, answer
        headers["X-Lark-Signature"] = "0" * 64
        assert (await sdk("dispatch", body=body.decode(), headers=headers, **keys))["status"] == 500
    first, second = await collected(sdk, 2)
    assert first["event"]["message"]["mentions"][0]["name"] == "Ana Lima"
    assert second["event"]["event_key"] == "perf"


async def test_their_dispatcher_answers_our_challenge(fake: FeishuFake, sdk: Sdk) -> None:
    asked = {"challenge": "word", "token": fake.verification_token, "type": "url_verification"}
    body = json.dumps({"encrypt": encrypted(fake.encrypt_key, json.dumps(asked).encode())})
    keys = {"key": fake.encrypt_key, "token": fake.verification_token}
    answer = await sdk("dispatch", body=body, headers={}, **keys)
    assert json.loads(answer["content"]) == {"challenge": "word"}


async def test_their_long_connection_gets_events_and_answers_presses(fake: FeishuFake, sdk: Sdk) -> None:
    fake.by_socket = True
    await sdk("listen")
    assert (await fake.say("ou_ana", "whole")).status == 200
    fake.parts = 3
    assert (await fake.say("ou_ana", "in three parts")).status == 200
    said = [json.loads(one["event"]["message"]["content"])["text"] for one in await collected(sdk, 2)]
    assert said == ["whole", "in three parts"]
    message = (await sent(sdk))["data"]["message_id"]
    assert (await fake.click("ou_ana", message, "Approve")).toast == "understood"
    assert (await collected(sdk, 1))[0]["event"]["action"]["value"] == {"a": "goal.approve"}
    payload = json.dumps(fake.envelope("card.action.trigger", {})).encode()
    assert await fake.links.send(payload, "card", seconds=0.3) == (0, None)  # their client never answers these
    assert (await fake.send_event("im.chat.updated_v1", {})).status == 500  # they know no handler for it
    assert [due.tries for due in fake.due] == [1]
    assert "ping" in fake.links.links[0].heard
    await fake.links.disconnect()
    await fake.links.connected(times=2)
    assert (await fake.say("ou_ana", "again")).status == 200


@pytest.mark.parametrize(
    ("code", "refusal", "expected"),
    [
        (1, None, "ServerException"),
        (1000040343, None, "ServerException"),
        (403, None, "ClientException"),
        (0, Refusal(514, "too many", 1000040350), "ClientException"),
        (0, Refusal(403), "ClientException"),
        (0, Refusal(514, "auth", 1), "ServerException"),
    ],
)
async def test_their_long_connection_reads_every_refusal(
    fake: FeishuFake, sdk: Sdk, code: int, refusal: Refusal | None, expected: str
) -> None:
    if code:
        fake.links.codes.append((code, 200))
    if refusal:
        fake.links.refusals.append(refusal)
    assert (await sdk("handshake"))["error"] == expected


async def test_what_is_encrypted_is_read_by_them_and_by_us(sdk: Sdk) -> None:
    vectors = {
        "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=": "hello world",
        "AAECAwQFBgcICQoLDA0ODz3bUAc0NIPz52aE4Kwp//s=": '{"a":1}',
        encrypted("test key", "绩效".encode()): "绩效",
    }
    for data, plain in vectors.items():
        assert (await sdk("decrypt", key="test key", data=data))["plain"] == plain
        assert crypt.decrypt("test key", data).decode() == plain
    assert encrypted("test key", b'{"a":1}', bytes(range(16))) == list(vectors)[1]
    signature = "11c70fce4e70936b890e725f2006c2f59d5d982ae3c7d95849194d32711bcd3f"
    assert signed("test key", "1609073151", "nonce1", b'{"encrypt":"x"}') == signature
