"""The fake DingTalk held to what the vendor's own Stream client does with it, and our client to the same script."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.capability import Answer, Message
from bot.cards import Button, Card, text
from bot.events import Changed, Click, FromPerson, Said
from bot.platforms.dingtalk import crypt
from tests.fakes import dingtalk_seals as seals
from tests.fakes.dingtalk import DingTalkFake
from tests.fakes.dingtalk_store import CORP
from tests.platforms.dingtalk.stage import ANA, playing

Json = dict[str, Any]
ROOT = Path(__file__).parents[3]
GOAL = Card("Goal 7", (text("Ship it"),), (Button("Approve", "goal.approve", 7, 3),), summary="A goal")


@pytest.fixture
async def fake() -> AsyncIterator[DingTalkFake]:
    """A fake that the vendor's client, in a process of its own, is connected to."""
    async with DingTalkFake() as made:
        made.add_user(ANA.user, name="Ana Lima", email="ana@acme.test", language="en_US")
        yield made


@pytest.fixture
async def heard(fake: DingTalkFake) -> AsyncIterator[Callable[[], Awaitable[Json]]]:
    """What their handlers are given, one after another."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.platforms.dingtalk.sdk", fake.client_id, fake.client_secret]
    pipe = asyncio.subprocess.PIPE
    world = os.environ | {"DINGTALK_OPENAPI_ENDPOINT": fake.base}
    running = await asyncio.create_subprocess_exec(
        *command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, cwd=ROOT, env=world
    )
    await fake.gateway.connected(seconds=60)

    async def next_one() -> Json:
        assert running.stdout is not None
        line: Json = json.loads(await asyncio.wait_for(running.stdout.readline(), 20))
        return line

    yield next_one
    running.kill()
    await running.communicate()


async def script(fake: DingTalkFake) -> None:
    """What every client must do: take a message, an event and a press, answer pings, and come back when told to go."""
    assert (await fake.say(ANA.user, "hello")).status == 200
    event = await fake.send_event("user_modify_org", {"timeStamp": "1", "userId": [ANA.user]})
    assert event.status == 200
    assert not fake.due, "nothing is to come again"
    assert await fake.gateway.ping()
    assert (await fake.say(ANA.user, "card")).status == 200
    for _ in range(2000):
        if fake.store.cards:
            break
        await asyncio.sleep(0.01)
    post, look = next(pair for pair in fake.view(ANA.user) if pair[0].card)
    assert [one.label for one in look.buttons] == ["Approve"]
    clicked = await fake.tap(ANA.user, post, "Approve")
    assert not clicked.failed
    assert clicked.changed
    assert "understood" in fake.view(ANA.user)[-1][1].text
    opened = fake.gateway.opened
    await fake.gateway.disconnect()
    await fake.gateway.connected(times=opened + 1, seconds=20)
    assert fake.flags == []


async def test_their_client_goes_through_the_script(fake: DingTalkFake, heard: Callable[[], Awaitable[Json]]) -> None:
    await script(fake)
    assert await heard() == {"kind": "message", "said": "hello", "staff": ANA.user, "type": "1"}
    event = await heard()
    assert (event["type"], event["corp"], event["data"]["userId"]) == ("user_modify_org", CORP, [ANA.user])
    assert (await heard())["said"] == "card"
    press = await heard()
    assert press["content"]["cardPrivateData"]["params"]["action"] == "t:1"
    assert [look.text for post, look in fake.view(ANA.user) if not post.card] == ["understood"]
    wanted = {(one["type"], one["topic"]) for one in fake.gateway.asked[0]["subscriptions"]}
    assert wanted == {
        ("EVENT", "*"),
        ("CALLBACK", "/v1.0/im/bot/messages/get"),
        ("CALLBACK", "/v1.0/card/instances/callback"),
    }


async def test_our_client_goes_through_the_same_script() -> None:
    async with playing("stream") as stage:

        async def answer(event: FromPerson | Changed) -> Answer:
            if isinstance(event, Said) and event.text == "card":
                await stage.platform.deliver(ANA, Message(GOAL, "en", key="k1"))
            return Answer(toast="understood" if isinstance(event, Click) else "")

        stage.app.does = answer
        await script(stage.fake)
        said, changed, also, click = stage.app.events
        assert isinstance(changed, Changed)
        assert isinstance(said, Said)
        assert isinstance(also, Said)
        assert isinstance(click, Click)
        assert (said.text, said.who, click.action, click.subject, click.version) == ("hello", ANA, "goal.approve", 7, 3)


def test_signatures_and_encryption_by_the_documents() -> None:
    """The vectors of the documents, by the fake and by us."""
    sign = "DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA="
    assert seals.signed("this is a secret", "1577262236757") == sign
    key, owner = "1234567890123456789012345678901234567890123", "dingsnotzck6pm5veliw"
    secret = "YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA=="
    signature = seals.event_signed("123456", "1614767836", "A7Co0cJLMzIDtMMI", secret)
    assert signature == "9a95a004dd16f5c307e849b994173f76aa26e5eb"
    assert seals.decrypted(key, secret) == ("success", owner)
    again = seals.encrypted(key, owner, "绩效", salt=bytes(16))
    assert seals.decrypted(key, again) == ("绩效", owner)
    assert crypt.decrypt(crypt.key_of(key), again) == ("绩效".encode(), owner)
    assert seals.decrypted(key, crypt.encrypt(crypt.key_of(key), b"success", owner)) == ("success", owner)
    assert seals.card_signed("secret", "1614767836000") == crypt.card_signature("secret", "1614767836000")
