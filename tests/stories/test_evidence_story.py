"""Evidence: a file that is sent is kept for an item or dropped; who scores opens it, accepts it or sends it back."""

import io
import zipfile
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from bot.events import Tick
from models.audit import Audit
from models.checkin import latest_values
from models.cycle import Cycle
from models.deposit import Deposit, Piece
from models.evidence import Evidence
from models.item import Item
from models.releasing import publish
from models.wish import Offer, Wish
from tests.fakes import slack_payloads as payloads
from tests.stories.conftest import _play
from tests.stories.scoring import REVENUE, TEAMWORK, in_stage
from tests.world import World

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 9000  # three pieces
CSV = b"month,contracts\nOct,31\n"
BINARY = "application/octet-stream"
COUNT = "Customer visits with minutes"


@pytest.fixture(
    params=["console", "console-postgresql", "slack", "slack-socket", "feishu", "feishu-socket", "dingtalk"]
)
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async for world in _play(str(request.param), request, tmp_path):
        yield world


@pytest.fixture(params=["console", "slack"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async for world in _play(str(request.param), request, tmp_path):
        yield world


async def test_a_file_is_offered_kept_opened_and_accepted(stage: World) -> None:
    """Ana sends a report; Dana, who scores her, opens it, sends it back once and accepts it."""
    await in_stage(stage, "scoring", "ana")
    ana, dana = stage["ana"], stage["dana"]
    await ana.sends("report.pdf", PDF)
    ana.sees("Keep “report.pdf” as evidence?", "Nothing is stored before you choose")
    assert await stage.run(_held) == (0, 0)
    await ana.clicks(REVENUE)
    ana.sees("Evidence of", REVENUE, "report.pdf · given")
    assert await stage.run(_held) == (1, 3)
    assert await stage.run(lambda db: db.exec(select(Offer.what)).all()) == [None]
    await dana.says("perf score @ana")
    dana.sees("Evidence: 1 – report.pdf")
    await dana.clicks("report.pdf")
    await dana.clicks("Open")
    assert await stage.driver.files(dana.user) == [("report.pdf", PDF)]
    assert await stage.run(_readers) == [dana.id]
    piece = dana.card("Handed in by", "State")
    await dana.clicks("Send back…", on=piece)
    await dana.fills({"What is missing?": "The November figures"})
    ana.sees("Dana", "sent it back", "The November figures")
    await dana.clicks("Accept", on=dana.card("sent it back"))
    ana.sees("accepted by Dana")


async def test_counted_items_count_what_is_accepted(place: World) -> None:
    """Two pieces are given by the form, one of them a file; what is accepted is the item's value, with its origin."""
    await in_stage(place, "scoring", "ana")
    await place.run(_count_something)
    ana, dana = place["ana"], place["dana"]
    await ana.says("perf evidence")
    ana.sees("Nothing is given yet", "up to 20 MB")
    await ana.clicks("Add evidence…")
    await ana.fills({"Evidence of": COUNT, "Link or words": "Minutes: https://wiki.example.com/minutes"})
    ana.sees("This one counts accepted evidence: 0 of 4")
    await ana.clicks("Add evidence…")
    held = await place.driver.hold(ana.user, "visits.csv", CSV)  # type: ignore[attr-defined]
    await ana.fills({"Evidence of": COUNT, "File": [held]})
    await ana.says("perf evidence")
    ana.sees("visits.csv · given", "Minutes: · given")
    for name in ("visits.csv", "Minutes:"):
        await dana.says("perf evidence @ana")
        await dana.clicks(name)
        await dana.clicks("Accept", on=dana.card("Handed in by", "State", name))
    assert await place.run(_value) == (Decimal(2), "evidence", dana.id)
    await dana.says("perf score @ana")
    dana.sees("2 times, target 4 times" if "2 times" in dana.text else "2, target 4")
    await ana.says("perf checkin")
    await ana.fills(
        {"Indicator": next(one for one in ana.form.options["Indicator"] if COUNT in one), "Value reached so far": "9"}
    )
    ana.refuses("Value reached so far", "counts accepted evidence")
    await ana.says("perf evidence")
    await ana.clicks("visits.csv")
    await ana.clicks("Remove")
    assert await place.run(_value) == (Decimal(1), "evidence", ana.id)
    assert await place.run(_held) == (1, 1)
    await place.bot.dispatch.tick(Tick("housekeeping", place.clock() + timedelta(hours=2)))
    assert await place.run(_held) == (0, 0)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("page.html", b"<!doctype html><script>1</script>", ("“page.html” is none of the types", "Nothing was stored")),
        ("page.txt", b"<!doctype html><script>1</script>", ("“page.txt” is none of the types",)),
        ("setup.pdf", b"MZ\x90\x00" + b"\x00" * 99, ("“setup.pdf” is none of the types",)),
        ("macro.docx", b"", ("holds macros or programs",)),
    ],
)
async def test_T48_what_is_not_kept_is_said_why(
    console: World, name: str, content: bytes, said: tuple[str, ...]
) -> None:
    await in_stage(console, "tracking", "ana")
    ana = console["ana"]
    await ana.sends(name, content or _macro())
    if "Nothing was stored" not in said:
        await ana.clicks(REVENUE)
    ana.sees(*said)
    assert await console.run(_held) == (0, 0)
    await ana.sends("report.pdf", PDF)
    await ana.clicks("No, drop it")
    ana.sees("Dropped. Nothing was stored.")
    await ana.sends("other.pdf", PDF)
    await console.bot.dispatch.tick(Tick("housekeeping", console.clock() + timedelta(days=1)))
    await ana.clicks(REVENUE)
    ana.sees("offered too long ago")
    assert set(await console.run(lambda db: db.exec(select(Offer.what)).all())) == {None}
    assert await console.run(lambda db: len(db.exec(select(Evidence).where(Evidence.state == "given")).all())) == 0


async def test_who_scored_closes_it(console: World) -> None:
    """Once the scores are handed in nothing is given, taken away or accepted; a dispute takes new evidence."""
    await in_stage(console, "scoring", "ana", own={"ana": "A"})
    ana, dana = console["ana"], console["dana"]
    await ana.sends("report.pdf", PDF)
    await ana.clicks(TEAMWORK)
    await dana.says("perf score @ana")
    await dana.clicks("Rate…")
    await dana.fills({TEAMWORK: "A"})
    await dana.clicks("Hand in")
    await ana.sends("late.csv", CSV)
    ana.sees("The scores of this plan are handed in")
    await ana.says("perf evidence")
    await ana.clicks("report.pdf")
    assert "Remove" not in ana.messages[-1].buttons
    await dana.says("perf evidence @ana")
    await dana.clicks("report.pdf")
    assert "Accept" not in dana.messages[-1].buttons


async def test_a_dispute_takes_new_evidence(console: World) -> None:
    """Of what it is about, and nothing else; who rules finds it on the case."""
    cycle = await in_stage(console, "review", "ana", levels={"ana": "B"}, own={"ana": "A"})
    await console.run(lambda db: publish(db, db.get_one(Cycle, cycle), console.clock.now, [console["ana"].id]))
    ana, dana = console["ana"], console["dana"]
    await ana.sends("report.pdf", PDF)
    ana.sees("The scores of this plan are handed in")
    await ana.says("perf dispute")
    await ana.clicks("Dispute my result of Q4 2026…")
    await ana.fills({"What is wrong?": f"{TEAMWORK} · 85.00", "Why is it wrong?": "Look at the minutes"})
    await ana.sends("report.pdf", PDF)
    assert REVENUE not in ana.messages[-1].buttons
    await ana.clicks(TEAMWORK)
    await dana.says("perf dispute")
    await dana.clicks("Open the most urgent one")
    dana.sees("Evidence: 1 – report.pdf")
    await dana.clicks("report.pdf")
    await dana.clicks("Open")
    assert await console.driver.files(dana.user) == [("report.pdf", PDF)]


async def test_T18_nobody_else_opens_it(console: World) -> None:
    """A colleague gets neither the list, nor the piece, nor the file; a link is good for its reader alone."""
    await in_stage(console, "scoring", "ana")
    ana, bo = console["ana"], console["bo"]
    await ana.sends("report.pdf", PDF)
    await ana.clicks(REVENUE)
    await bo.says("perf evidence @ana")
    bo.sees("I can't find that, or it is not for you.")
    await ana.clicks("report.pdf")
    piece = ana.messages[-1]
    await bo.clicks("Open", on=piece)
    assert await console.driver.files(bo.user) == []
    await ana.clicks("Open", on=piece)
    assert await console.driver.files(ana.user) == [("report.pdf", PDF)]
    assert await console.run(_readers) == [], "one's own is not written down"


async def test_T26_a_link_to_a_file_is_for_its_reader_and_for_a_while(console: World) -> None:
    """With another name in it, a changed signature, or after a quarter of an hour, there is nothing behind it."""
    await in_stage(console, "tracking", "ana")
    ana = console["ana"]
    await ana.sends("报告 1.pdf", PDF)
    await ana.clicks(REVENUE)
    await ana.clicks("报告 1.pdf")
    await ana.clicks("Open")
    ((_name, url),) = console.driver.links(ana.user)  # type: ignore[attr-defined]
    status, headers = await _got(url)
    assert (status, headers["X-Content-Type-Options"], headers["Content-Type"]) == (200, "nosniff", BINARY)
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''%E6%8A%A5%E5%91%8A%201.pdf"
    mac = parse_qs(urlsplit(url).query)["mac"][0]
    for other in (url.replace(ana.user, console["bo"].user), url.replace(mac, "0" * 64), url.split("?")[0]):
        assert (await _got(other))[0] == 404
    console.driver.console._clock = lambda: datetime.now(UTC) + timedelta(minutes=16)  # type: ignore[attr-defined]
    assert (await _got(url))[0] == 404


async def test_a_message_is_kept_by_its_shortcut(slack: tuple[World, Any]) -> None:
    """On Slack: the text, the files and the address of a message, chosen in a modal; in a channel files are refused."""
    world, driver = slack
    await in_stage(world, "tracking", "ana")
    ana = world["ana"]
    await driver.keep(
        ana.user, "C0001", "Thanks for the quick help!", [("photo.png", b"\x89PNG\r\n\x1a\n" + b"0" * 99)]
    )
    await ana.fills({"Evidence of": TEAMWORK})
    await world.settle()
    ana.sees("Evidence of", "photo.png · given")
    driver.add_channel("C0001", ana.user)
    shown = payloads.mentioned(ana.user, "C0001", "look")
    shown["event"]["files"] = [payloads.shared(driver.fake.store, driver.fake.base, "photo.csv", CSV)]
    await driver.deliver("events_api", shown)
    await world.settle()
    ana.sees("Please send files to me alone, not in a group.")
    assert driver.channel("C0001") == []
    await ana.clicks("photo.png")
    ana.sees("Thanks for the quick help!", "https://acme.slack.com/archives/C0001/p")
    await ana.clicks("Open")
    assert [name for name, _content in await driver.files(ana.user)] == ["photo.png"]


async def test_what_cannot_be_fetched_is_tried_again_and_then_said(console: World) -> None:
    """The file was forgotten before it was fetched; nothing is left of it but the sentence."""
    await in_stage(console, "tracking", "ana")
    ana = console["ana"]
    await ana.sends("report.pdf", PDF)
    console.driver.console._files._kept.clear()  # type: ignore[attr-defined] # as a console that was started anew
    await ana.clicks(REVENUE)
    ana.sees("“report.pdf” could not be fetched", "send it to me once more")
    assert await console.run(lambda db: db.exec(select(Wish)).all()) == []
    await console.bot.dispatch.tick(Tick("housekeeping", console.clock() + timedelta(days=8)))
    assert await console.run(lambda db: db.exec(select(Evidence)).all()) == []


async def _got(url: str) -> tuple[int, Mapping[str, str]]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        await response.read()
        return response.status, response.headers


def _held(db: Session) -> tuple[int, int]:
    """How many contents are stored, and in how many pieces."""
    counted = [
        db.connection().execute(sa.select(sa.func.count()).select_from(one)).scalar_one() for one in (Deposit, Piece)
    ]
    return counted[0], counted[1]


def _readers(db: Session) -> list[int | None]:
    return list(db.exec(select(Audit.actor_id).where(Audit.action == "evidence.read")))


def _count_something(db: Session) -> None:
    item = db.exec(select(Item).where(Item.name == REVENUE)).one()
    item.name, item.kind, item.rule, item.unit, item.target = COUNT, "count", "count", "times", Decimal(4)
    db.add(item)


def _value(db: Session) -> tuple[Decimal, str, int | None]:
    item = db.exec(select(Item).where(Item.name == COUNT)).one()
    newest = latest_values(db, [item.plan_id])[item.plan_id, item.lineage]
    return newest.value, newest.source, newest.by_id


def _macro() -> bytes:
    """A document with macros under an innocent name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/vbaProject.bin", b"x")
    return made.getvalue()
