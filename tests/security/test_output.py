"""Hostile names and texts on the whole road, in and out, on the console and on Slack."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlmodel import Session, select

from bot.cards import Chart
from bot.charts.draw import draw
from bot.ops import configure_logs
from bot.plots import Bar, Bars
from bot.vault import Vault
from models.audit import Audit
from models.goal import Goal
from models.indicator import Indicator, Template
from models.person import Person
from models.plan import Plan
from tests.drivers.slack import SlackDriver
from tests.drivers.web import WebDriver
from tests.security import company
from tests.security.stage import click, filled, plan_of, play, submitted, who
from tests.security.walker import HOSTILE, alive, alive_in_console, marks, texts
from tests.world import START, World


def hostile(db: Session, vault: Vault, now: datetime) -> None:
    """A company in which every name and text is an attack, and Ana's plan waits for HR."""
    company.fill(db, vault, now)
    for number, person in enumerate(db.exec(select(Person))):
        person.name = f"{person.handle.title()} {HOSTILE[number % len(HOSTILE)]}"
    for number, row in enumerate([*db.exec(select(Indicator)), *db.exec(select(Goal)), *db.exec(select(Template))]):
        row.names = {"en": f"{number} {HOSTILE[number % len(HOSTILE)]}"}
    plan = company.bring(db, "compliance", START)
    for number, item in enumerate(plan.items(db)):
        item.name, item.formula = f"{number} {HOSTILE[number]}", HOSTILE[number + 3]
        item.source, item.levels = HOSTILE[number + 6], HOSTILE[-number - 1]


async def _walk(world: World) -> None:
    """Everybody opens everything, and the plan goes all the way with a hostile reason at each turn."""
    for number, handle in enumerate(("helen", "dana", "ana", "boss")):
        await world[handle].says("perf")
        await world[handle].says(f"perf goals @{HOSTILE[number]}")
        await world[handle].says(HOSTILE[number + 4])
    await world["helen"].says("perf goals @ana")
    await world["helen"].clicks("Return…")
    await world["helen"].fills({"What should change?": " ".join(HOSTILE)[:990]})
    plan = await plan_of(world, "ana")
    for handle, verb in (("dana", "submit"), ("eva", "approve"), ("helen", "pass"), ("ana", "confirm")):
        await world.bot.dispatch(click(who(world, handle), f"plan.{verb}", plan.id, plan.version))
        plan = await plan_of(world, "ana")
    assert plan.state == "active"
    lineage = await world.run(lambda db: plan.agreed_items(db)[0].lineage)
    given = {"item": str(lineage), "value": "40", "note": HOSTILE[0], "blocker": " ".join(HOSTILE)[:990]}
    await world.bot.dispatch(submitted(who(world, "ana"), "plan.checkin", plan.id, plan.version, **given))
    for handle, line in (("ana", "perf progress"), ("dana", "perf team"), ("dana", "perf progress team")):
        await world[handle].says(line)
    await world["ana"].says("perf goals")
    await world["helen"].says("perf library")
    await world["helen"].says("perf cycle")
    await world.settle()


async def test_T43_T47_T48_nothing_that_people_write_comes_alive_on_slack(tmp_path: Path) -> None:
    async with play(tmp_path, "slack", fill=hostile) as worlds:
        driver = worlds["slack"].driver
        assert isinstance(driver, SlackDriver)
        await _walk(worlds["slack"])
        await worlds["slack"]["ana"].says("/perf goals")
        await driver.open_home(worlds["slack"]["ana"].user)
        await worlds["slack"].settle()
        assert driver.fake.called("views.publish")
        calls = [(method, _decoded(given)) for method, given in driver.fake.calls]
        found = {method: alive(given) for method, given in calls if alive(given)}
        assert not found, json.dumps(found, indent=1)[:2000]
        said = [text for method, given in calls for text in texts(given)]
        assert sum("evil" in text for text in said) > 50, "the hostile texts really went out"
        assert not driver.fake.refused


async def test_T43_T47_T48_nothing_that_people_write_comes_alive_in_the_console(tmp_path: Path) -> None:
    async with play(tmp_path, "web", fill=hostile) as worlds:
        driver = worlds["web"].driver
        assert isinstance(driver, WebDriver)
        await _walk(worlds["web"])
        cards = [card for _seen, card in driver._drawn]
        assert not [where for card in cards for where in alive_in_console(card)]
        assert sum("evil" in text for card in cards for text in texts(card)) > 50


async def test_T50_invisible_and_lookalike_characters_do_not_get_in(tmp_path: Path) -> None:
    """What people type is stored without direction marks and zero-width signs; numbers are plain digits only."""
    async with play(tmp_path, "web", fill=filled(("ana", "compliance"))) as worlds:
        web = worlds["web"]
        plan = await plan_of(web, "ana")
        reason = "a\u202eb\u200bc\x1b[31md\r\ne\u2066f"
        await web.bot.dispatch(submitted(who(web, "helen"), "plan.return", plan.id, plan.version, reason=reason))
        stored = (await plan_of(web, "ana")).reason
        assert stored == "abc[31md  ef"
        assert not marks(stored)
        for number in ("NaN", "Infinity", "1e5", "1_0", "٣٠", "১০", "⁵", "0x10", "--1"):
            now = await plan_of(web, "ana")
            given = {"indicator": "4", "weight": number, "target": number}
            answer = await web.bot.dispatch(submitted(who(web, "dana"), "plan.add", plan.id, now.version, **given))
            assert answer.errors["weight"] == "Please enter a number, such as 12.5.", number
        wide = {"indicator": "4", "weight": "１０", "target": "９０"}
        now = await plan_of(web, "ana")
        await web.bot.dispatch(submitted(who(web, "dana"), "plan.add", plan.id, now.version, **wide))
        item = await web.run(lambda db: plan_items(db)[-1])
        assert (item.weight, item.target) == (Decimal(10), Decimal(90))


def plan_items(db: Session) -> Any:
    """The items of Ana's working revision."""
    return db.exec(select(Plan).where(Plan.person_id == company.by_handle(db, "ana").id)).one().items(db)


async def test_T50_a_lookalike_name_is_not_the_person(tmp_path: Path) -> None:
    """A Cyrillic "а", a zero-width space or full-width letters never lead to somebody else's plan."""
    async with play(tmp_path, "web", fill=filled(("ana", "active"))) as worlds:
        web = worlds["web"]
        for typed in ("@аna", "@an\u0430", "@a%", "@_na", "@\\"):
            await web["dana"].says(f"perf goals {typed}")
            assert "I don't know anybody" in web["dana"].text.split("---")[-1] + web["dana"].messages[-1].text
        await web["dana"].says("perf goals @a\u200bna")
        web["dana"].sees("Ana · Q4 2026", "Revenue")


@pytest.mark.parametrize("name", HOSTILE)
def test_T46_a_hostile_name_is_drawn_as_it_is_written(name: str) -> None:
    bars = Bars((Bar(name, 0.4, "40%", 0.5), Bar(name * 20, None, name)))
    picture = draw(Chart(name, name, bars))
    assert picture.startswith(b"\x89PNG")


@pytest.fixture
def log() -> Iterator[StringIO]:
    """The real log pipe, into a string."""
    root, kept = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    configure_logs(human=False)
    heard = StringIO()
    root.handlers[0].stream = heard  # type: ignore[attr-defined]
    yield heard
    root.handlers, root.level = handlers, level
    structlog.configure(**kept)


async def test_T49_T56_logs_are_one_json_line_each_and_say_nothing_of_people(tmp_path: Path, log: StringIO) -> None:
    async with play(tmp_path, "slack", fill=hostile) as worlds:
        slack = worlds["slack"]
        await _walk(slack)
        structlog.get_logger().warning("probe", value=" ".join(HOSTILE))
        logging.getLogger("a.library").warning("value %s", " ".join(HOSTILE))
    lines = log.getvalue().splitlines()
    probes = [line for line in lines if "probe" in line or "a.library" in line or '"value ' in line]
    assert len(probes) == 2
    for line in lines:
        json.loads(line)
        assert line.isascii(), "escape codes and direction marks are escaped"
    others = [line for line in lines if line not in probes]
    assert not [line for line in others if "evil" in line or "Ana" in line]


async def test_T49_the_audit_trail_keeps_one_line_an_entry(tmp_path: Path) -> None:
    async with play(tmp_path, "web", fill=hostile) as worlds:
        await _walk(worlds["web"])
        bodies = await worlds["web"].run(lambda db: [entry.body for entry in db.exec(select(Audit))])
        assert bodies
        assert not [body for body in bodies if "\n" in body or "\x1b" in body]
        assert not [body for body in bodies if "evil" in body], "reasons and names stay out of the trail"


def _decoded(given: dict[str, Any]) -> dict[str, Any]:
    """Arguments that the client sends as JSON text, as values."""
    read = {}
    for name, value in given.items():
        structured = isinstance(value, str) and name in ("blocks", "view", "metadata")
        read[name] = json.loads(value) if structured else value
    return read
