"""The doors of the console: what they let in, what they refuse, and that nothing leaks when something breaks."""

import asyncio
import gzip
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web

from bot.capability import Gone, Message, TooLarge
from bot.cards import Card
from bot.events import Attached, Click, Said, Submitted, Where, Who, unpacked
from bot.platforms.web import Player, Web
from bot.platforms.web.guard import FILE_MOST, JSON_MOST
from bot.platforms.web.pictures import Pictures, Shelf
from tests.platforms.web.sample import Sample

Client = aiohttp.ClientSession
API = "/console/api"


def body(**given: object) -> dict[str, object]:
    return {"user": "ana", "key": str(uuid4()), **given}


PRESS = {"action": "plan.return", "subject": 7, "version": 1, "message": "m1"}


async def status(client: Client, door: str, **given: Any) -> int:
    async with client.post(f"{API}/{door}", **given) as response:
        text = await response.text()
        assert "Traceback" not in text
        return response.status


async def test_the_page_and_its_files_carry_the_strict_headers(client: Client) -> None:
    for path in ("/console/", "/console/static/main.js", "/console/api/people", "/console/static/missing.js"):
        async with client.get(path) as response:
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"
    async with client.get("/console", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (308, "/console/")


async def test_a_file_of_the_page_is_not_sent_twice(client: Client) -> None:
    async with client.get("/console/static/base.css") as response:
        tag = response.headers["ETag"]
    async with client.get("/console/static/base.css", headers={"If-None-Match": tag}) as response:
        assert response.status == 304


@pytest.mark.parametrize("name", ["..%2Fguard.py", "%2e%2e/guard.py", "index.html%00", "strings.py"])
async def test_only_the_pages_own_files_are_served(client: Client, name: str) -> None:
    async with client.get(f"/console/static/{name}") as response:
        assert response.status in (400, 404)


async def test_the_font_covers_chinese_and_japanese(client: Client) -> None:
    async with client.get("/console/font", headers={"Range": "bytes=0-3"}) as response:
        assert await response.read() == b"ttcf"


async def test_said_pressed_submitted_become_events_of_the_person_played(sample: Sample, client: Client) -> None:
    assert await status(client, "say", json=body(text="hello @Li-Lei @王芳 @boss")) == 200
    assert await status(client, "press", json=body(**PRESS)) == 200
    answers = {"name": "x", "sources": ["crm", "hand"]}
    asked = {"action": "goal.change", "subject": 7, "version": 1, "answers": answers}
    assert await status(client, "submit", json=body(**asked)) == 200
    said, click, submitted = sample.events
    assert isinstance(said, Said)
    assert said.mentions == {"@王芳": "王芳", "@boss": "boss"}
    assert isinstance(click, Click)
    assert (click.action, click.where) == ("plan.return", Where(channel="ana", private=True, message="m1"))
    assert isinstance(submitted, Submitted)
    assert submitted.answers["sources"] == ("crm", "hand")
    assert {event.who for event in sample.events} == {Who("web", "console", "ana")}


async def test_a_completed_mention_counts_only_if_it_is_written_and_known(sample: Sample, client: Client) -> None:
    mentions = {"@WangFang": "ana", "@Nobody": "nobody", "@Absent": "boss"}
    assert await status(client, "say", json=body(text="kudos @WangFang @Nobody", mentions=mentions)) == 200
    said = sample.events[0]
    assert isinstance(said, Said)
    assert said.mentions == {"@WangFang": "ana"}


async def test_T19_the_actor_cannot_be_named_in_the_payload(sample: Sample, client: Client) -> None:
    for extra in ({"on_behalf_of": "ceo"}, {"employee_id": 1}, {"who": {"user": "ceo"}}):
        assert await status(client, "press", json=body(**PRESS, **extra)) == 400
    assert sample.events == []


async def test_T35_a_card_pressed_by_somebody_else_is_their_own_press(sample: Sample, client: Client) -> None:
    ref = await sample.tell("boss", "plan")
    pressed = {**PRESS, "message": ref.message}
    assert await status(client, "press", json={**body(**pressed), "user": "ana"}) == 200
    assert sample.events[0].who.user == "ana"


async def test_the_same_key_is_one_event_and_no_key_is_none(sample: Sample, client: Client) -> None:
    twice = body(**PRESS)
    both = await asyncio.gather(*(status(client, "press", json=twice) for _ in range(2)))
    assert both == [200, 200]
    assert len(sample.events) == 1
    assert await status(client, "press", json={"user": "ana", **PRESS}) == 400
    assert await status(client, "press", json={**body(**PRESS), "key": ""}) == 400


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 60000,
        b'{"a":' * 12000,
        b'{"user": "ana", "key": "12345678", "text": NaN}',
        b'{"user": "ana", "key": "12345678", "text": "\\ud800"}',
        json.dumps({"user": "ana", "key": "k" * 12, "text": 7}).encode(),
        json.dumps({"user": "ana", "key": "k" * 12, "text": ""}).encode(),
        json.dumps({"user": "ana", "key": "k" * 12, "text": "x" * 5000}).encode(),
        json.dumps({"user": "ana", "key": "a\r\nb" * 4, "text": "x"}).encode(),
    ],
)
async def test_T51_malformed_bodies_are_400(sample: Sample, client: Client, raw: bytes) -> None:
    for door in ("say", "press", "submit"):
        assert await status(client, door, data=raw, headers={"Content-Type": "application/json"}) == 400
    assert sample.events == []


async def test_numbers_out_of_range_are_400(client: Client) -> None:
    for subject in (-1, 2**63, 10**400, 1.5, "7", True, None):
        assert await status(client, "press", json=body(**{**PRESS, "subject": subject})) == 400


async def test_T51_too_much_is_413_declared_or_not(sample: Sample, client: Client) -> None:
    sent = {"Content-Type": "application/json"}
    assert await status(client, "say", data=b" " * (JSON_MOST + 1), headers=sent) == 413

    async def chunks() -> Any:
        for _ in range(3):
            yield b" " * 40_000

    assert await status(client, "say", data=chunks(), headers=sent) == 413
    bomb = gzip.compress(b" " * 8_000_000)
    assert await status(client, "say", data=bomb, headers={**sent, "Content-Encoding": "gzip"}) == 413
    query = {"user": "ana", "key": str(uuid4()), "name": "big.bin"}
    assert await status(client, "files", params=query, data=io.BytesIO(b"x" * (FILE_MOST + 1))) == 413
    assert sample.events == []


async def test_a_form_post_from_another_page_is_refused(sample: Sample, client: Client) -> None:
    said = json.dumps(body(text="x"))
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert await status(client, "say", data=said, headers={"Content-Type": kind}) == 400
    async with aiohttp.ClientSession(sample.base) as bare:
        assert await status(bare, "say", json=body(text="x")) == 403
    for origin in ("null", "https://evil.example", f"http://localhost:{sample.port}", "http://127.0.0.1:1"):
        assert await status(client, "say", json=body(text="x"), headers={"Origin": origin}) == 403
    assert sample.events == []


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1", "127.0.0.1:1", "localhost", ""]
)
async def test_a_rebound_name_is_refused(sample: Sample, client: Client, host: str) -> None:
    async with client.get(f"{API}/people", headers={"Host": host}) as response:
        assert response.status in (400, 403)
        assert "people" not in await response.text()


async def test_localhost_is_this_machine_too(sample: Sample, client: Client) -> None:
    async with client.get(f"{API}/people", headers={"Host": f"localhost:{sample.port}"}) as response:
        assert response.status == 200


async def test_unknown_people_are_404_everywhere(sample: Sample, client: Client) -> None:
    for path in ("me", "messages"):
        for user in ("nobody", "", "../ana", "ana\x00", "x" * 3000):
            async with client.get(f"{API}/{path}", params={"user": user}) as response:
                assert response.status == 404
    for door, more in (("say", {"text": "x"}), ("press", PRESS)):
        assert await status(client, door, json={**body(**more), "user": "nobody"}) == 404
    with pytest.raises(aiohttp.WSServerHandshakeError, match="404"):
        await client.ws_connect("/console/live", params={"user": "nobody"})
    assert sample.events == []


async def test_what_breaks_inside_says_nothing_of_itself(client: Client) -> None:
    async with client.post(f"{API}/say", json=body(text="crash")) as response:
        answer = await response.json()
        assert response.status == 503
        assert set(answer) == {"error", "reference"}
        assert "4711" not in str(answer)


async def test_a_dropped_file_is_an_event_whose_bytes_can_be_fetched(sample: Sample, client: Client) -> None:
    query = {"user": "ana", "key": str(uuid4()), "name": "..\\../报告\x1b\u202e.pdf", "text": "for goal 1"}
    headers = {"Content-Type": "application/pdf"}
    assert await status(client, "files", params=query, data=b"%PDF-1", headers=headers) == 200
    event = sample.events[0]
    assert isinstance(event, Attached)
    file = event.files[0]
    assert (file.name, file.type, file.size, event.text) == ("报告.pdf", "application/pdf", 6, "for goal 1")
    assert await sample.console.fetch(file.url, 6) == b"%PDF-1"
    with pytest.raises(TooLarge):
        await sample.console.fetch(file.url, 5)
    with pytest.raises(Gone):
        await sample.console.fetch("console:guess/x", 9)
    assert await status(client, "files", params={**query, "key": str(uuid4())}, data=b"") == 400
    assert await status(client, "files", params={"user": "ana"}, data=b"x") == 400


async def test_a_file_held_for_a_form_tells_nobody(sample: Sample, client: Client) -> None:
    query = {"user": "ana", "key": str(uuid4()), "name": "a.csv", "hold": "true"}
    async with client.post(f"{API}/files", params=query, data=b"1,2") as response:
        held = await response.json()
    file = unpacked(held["answer"])
    assert await sample.console.fetch(file.url if file else "", 3) == b"1,2"
    assert sample.events == []


async def test_T26_a_picture_is_for_its_reader_and_for_a_while(sample: Sample, client: Client) -> None:
    await sample.tell("ana", "progress")
    async with client.get(f"{API}/messages", params={"user": "ana"}) as response:
        block = (await response.json())["messages"][0]["card"]["body"][0]
    assert "78%" in block["alt"]
    async with client.get(block["url"]) as response:
        assert (response.status, response.content_type) == (200, "image/png")
    path, query = block["url"].split("?")
    for forged in (
        path,
        f"{path}?{query.replace('user=ana', 'user=boss')}",
        f"{path}?{query[:-1]}",
        f"{path}?{query}é",
    ):
        async with client.get(forged) as response:
            assert response.status == 404
    async with client.get(block["url"].replace("until=1", "until=2")) as response:
        assert response.status == 404


def test_T26_a_picture_link_expires_and_forgets() -> None:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    pictures = Pictures(most=10)
    _, query = pictures.link("ana", b"12345678", now).split("?")
    name, until, mac = pictures.link("ana", b"12345678", now)[17:81], query.split("until=")[1][:10], query[-64:]
    assert pictures.open("ana", name, until, mac, now + timedelta(minutes=14)) == b"12345678"
    assert pictures.open("ana", name, until, mac, now + timedelta(minutes=16)) is None
    pictures.link("boss", b"abcdefgh", now)
    assert pictures.open("ana", name, until, mac, now) is None


def test_a_shelf_holds_no_more_than_it_may() -> None:
    shelf = Shelf(10)
    for name in "abc":
        shelf.put(name, b"12345")
    shelf.put("c", b"1")
    assert [shelf.get(name) for name in "abc"] == [None, b"12345", b"1"]


async def test_off_means_no_doors_at_all() -> None:
    async def people() -> list[Player]:
        return [Player("ana", "Ana", email="ana@example.com", vouched=True)]

    console = Web(mode="off", people=people, clock=lambda: datetime.now(UTC))
    assert list(console.routes()) == []
    assert not console.ready()
    with pytest.raises(Gone):
        await console.deliver(Who("web", "console", "ana"), Message(Card("x")))
    profile = await console.profile(Who("web", "console", "ana"))
    assert profile is not None
    assert (profile.name, profile.vouched) == ("Ana", True)
    assert await console.profile(Who("web", "console", "x")) is None


async def test_another_machine_is_refused_even_with_a_forged_host(sample: Sample) -> None:
    """The check is made on the connection's own addresses: here a Unix socket, which has none."""
    app = web.Application()
    app.add_routes(sample.console.routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    path = f"/tmp/console-{uuid4().hex}.sock"  # noqa: S108
    await web.UnixSite(runner, path).start()
    connector = aiohttp.UnixConnector(path)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.get("http://127.0.0.1/console/") as response,
    ):
        assert response.status == 403
    await runner.cleanup()
