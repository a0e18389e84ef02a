"""Who may do what: every command, button, form, view and route × everybody's relation, against a reviewed table."""

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from sqlmodel import Session, col, select

from bot.app import Bot, application
from bot.events import Click, Command, FromPerson, Submitted, Where, Who
from bot.forms import Invalid
from bot.strangers import Stranger
from models.access import NOT_FOUND, Actor, can, visible_to
from models.base import Refused, Stale
from models.cycle import Cycle
from models.goal import Goal
from models.identity import Identity, make_code
from models.indicator import Indicator
from models.person import Person, roles_of
from models.plan import Plan
from models.rights import MATRIX
from models.todo import Todo
from tests.drivers.slack import SlackDriver
from tests.drivers.web import WebDriver
from tests.models import asking_samples, evidence_samples, headway_samples, nudging_samples
from tests.models.access_samples import BUTTONS, COMMANDS, FORMS, STATES, VIEWS
from tests.models.sampled import Sample
from tests.prepared import sqlite_at
from tests.security import company, judged
from tests.security.announced import announced
from tests.security.stage import sharing
from tests.world import START, World, playing

GOLDEN = Path(__file__).parent / "access.golden.txt"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"
YES, NO = "✓", "–"
WAITED, UNLINKED, UNKNOWN = "willa", "U-unlinked", "U-unknown"
COLUMNS: Mapping[str, str] = {**company.RELATIONS, "waited for": WAITED, "unlinked": UNLINKED, "unknown": UNKNOWN}
# Whoever is waited for here is somebody who is nothing else to Ana.
OTHERS_DECIDE = ("submitted", "compliance", "proposed")

Try = Callable[[Session, str], bool]


@dataclass(frozen=True)
class Board:
    """Ana's plan in one state, and everything an entry can be about, by the word that samples use."""

    bot: Bot
    ids: Mapping[str, int]
    versions: Mapping[str, int]

    def allowed(self, db: Session, event: FromPerson) -> bool:
        """Whether the event passes every question of right; nothing of it stays."""
        undo = db.begin_nested()
        try:
            answer, _sent = self.bot.dispatch._work(db, event)
        except Refused as no:
            return no.message != NOT_FOUND
        except (Invalid, Stale):
            return True
        except Stranger:
            return False
        finally:
            undo.rollback()
            db.expire_all()
            db.info.clear()
        return "not active any more" not in answer.toast

    def drawn(self, db: Session, user: str, view: str, sample: Sample) -> bool:
        """Whether the view is drawn for the owner of an account."""
        found = db.exec(select(Person).join(Identity).where(Identity.user == user)).first()
        known = {name: str(self.ids.get(value, value)) for name, value in sample.answers.items()}
        facts = {name: int(value) if value.isdecimal() else value for name, value in known.items()}
        number = self.ids.get(sample.on, 0)
        return bool(found and self.bot.easel.draw(db, found, view, number, facts, START))


async def test_T18_everybody_may_do_what_was_reviewed(world: dict[str, World]) -> None:
    """What everybody may do is what was reviewed; a new entry without a row fails."""
    bot = world["web"].bot
    table = {"routes": await _routes(world)}
    for state in (*STATES, *judged.STATES):
        table[state] = await bot.db.run(lambda db, state=state: _undone(db, lambda: _rows(db, bot, state)))  # type: ignore[misc]
    text = _written(table)
    if UPDATE:
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), "review the change, then run with UPDATE_GOLDEN=1"


def test_T18_every_entry_has_a_sample(bot: Bot) -> None:
    """A new button, form or view that nobody reviewed fails here."""
    router = bot.router
    for named, samples in ((router.buttons, BUTTONS), (router.forms, FORMS), (router.views, VIEWS)):
        assert set(named) == set(samples), "every entry needs a sample, and every sample an entry"
    assert set(COMMANDS) <= set(router.commands)


def test_T18_every_right_is_asked_somewhere(bot: Bot) -> None:
    router = bot.router
    used = {entry.right for part in (router.commands, router.buttons, router.forms) for entry in part.values()}
    asked = {
        "department.chase",
        "company.chase",
        "department.progress",
        "company.progress",
        "company.overview",
        "department.read",
        "result.read",
    }
    assert set(MATRIX) - used - asked == {"person.see", "cycle.see"}, "rights that nothing asks for"


async def test_T25_the_list_of_people_agrees_with_the_question(world: dict[str, World]) -> None:
    """Whoever `visible_to` lists may be read one by one, and nobody else."""
    await world["web"].run(_agree)
    await world["web"].run(lambda db: setattr(company.by_handle(db, "dana"), "left_at", START))
    await world["web"].run(_agree)
    assert await world["web"].run(_took_over), "whoever is next takes over the people of a manager who left"


def _took_over(db: Session) -> bool:
    ana, eva = company.by_handle(db, "ana"), company.actor(db, "eva")
    return can(db, eva, "plan.submit", ana) and not can(db, company.actor(db, "boss"), "plan.submit", ana)


def _agree(db: Session) -> None:
    people = db.exec(select(Person)).all()
    for person in (one for one in people if one.left_at is None):
        actor = Actor(person.id, roles_of(db, person.id))
        listed = set(db.exec(select(Person.id).where(visible_to(db, actor))))
        assert listed == {other.id for other in people if can(db, actor, "plan.read", other)}, person.handle


# How the table is made


@pytest.fixture
async def world(tmp_path: Path):  # type: ignore[no-untyped-def]
    database = sqlite_at(tmp_path)
    async with sharing({"web": WebDriver(), "slack": SlackDriver()}, database, company.fill) as worlds:
        await worlds["web"].run(_without_account)
        yield worlds
    database.close()


@pytest.fixture
async def bot(tmp_path: Path):  # type: ignore[no-untyped-def]
    database = sqlite_at(tmp_path)
    async with playing(WebDriver(), database, fill=company.fill_bare) as world:
        yield world.bot
    database.close()


def _without_account(db: Session) -> None:
    """Everybody is known by their number in the console; nobody has the two strange accounts."""
    assert not db.exec(select(Identity).where(col(Identity.user).in_([UNLINKED, UNKNOWN]))).all()


def _undone(db: Session, work: Callable[[], dict[str, str]]) -> dict[str, str]:
    undo = db.begin_nested()
    try:
        return work()
    finally:
        undo.rollback()
        db.expire_all()
        db.info.clear()


def _rows(db: Session, bot: Bot, state: str) -> dict[str, str]:
    """Every row of one state: the entry's name → a mark for each column."""
    plan = (
        judged.bring(db, state, START, bot.easel.vault) if state in judged.STATES else company.bring(db, state, START)
    )
    if state in OTHERS_DECIDE:
        plan.advance(db, waits_for_id=company.by_handle(db, WAITED).id)
        db.flush()
    rows = {**judged.ids(db, plan), **announced(db, START), **evidence_samples.given(db, plan, state, bot.easel.vault)}
    if state == "active":
        rows = {**rows, **asking_samples.asked(db, START), **nudging_samples.reminded(db, START)}
    numbers = {**_ids(db, plan), **{name: row.id for name, row in rows.items()}}
    cycle = db.exec(select(Cycle)).one()
    board = Board(bot, numbers, {"plan": plan.version, "cycle": cycle.version, **judged.versions(rows)})
    users = {column: _user(db, handle) for column, handle in COLUMNS.items()}
    tries = _tries(board, state)
    return {name: " ".join(YES if attempt(db, user) else NO for user in users.values()) for name, attempt in tries}


def _user(db: Session, handle: str) -> str:
    return db.exec(select(Person.number).where(Person.handle == handle)).first() or handle


def _ids(db: Session, plan: Plan) -> dict[str, int]:
    person = db.get_one(Person, plan.person_id)
    todo = db.exec(select(Todo.id).where(Todo.subject_id == plan.id).order_by(col(Todo.id).desc())).first()
    items = plan.items(db)
    return {
        "plan": plan.id,
        "person": person.id,
        "department": person.department_id or 0,
        "cycle": db.exec(select(Cycle.id)).one(),
        "indicator": db.exec(select(Indicator.id)).first() or 0,
        "goal": db.exec(select(Goal.id)).first() or 0,
        "item": items[0].id if items else 0,
        "todo": todo or 0,
        "chase": headway_samples.chased(db, START),
        "link": make_code(db, person, company.by_handle(db, "helen").id, START)[0].id,
    }


def _tries(board: Board, state: str) -> list[tuple[str, Try]]:
    tries: list[tuple[str, Try]] = []
    if state == "active":
        for name in sorted(board.bot.router.commands):
            tries += [
                (f"command {name} {text}".strip(), _command(board, name, text)) for text in COMMANDS.get(name, ("",))
            ]
    for kind, samples, make in (("button", BUTTONS, _button), ("form", FORMS, _form), ("view", VIEWS, _view)):
        tries += [
            (f"{kind} {name}", make(board, name, sample))
            for name, sample in sorted(samples.items())
            if state in sample.states
        ]
    return tries


def _who(user: str) -> Who:
    return Who("web", "console", user)


def _command(board: Board, name: str, text: str) -> Try:
    line = f"{name} {text}".strip()
    return lambda db, user: board.allowed(db, Command(uuid4().hex, _who(user), Where(user), line))


def _button(board: Board, name: str, sample: Sample) -> Try:
    value = str(board.ids.get(sample.value, sample.value))
    subject = board.ids.get(sample.on, 0)
    version = board.versions.get(sample.on, 0)
    return lambda db, user: board.allowed(
        db, Click(uuid4().hex, _who(user), Where(user, message="m"), name, subject, version, value)
    )


def _form(board: Board, name: str, sample: Sample) -> Try:
    subject = board.ids.get(sample.on, 0)
    return lambda db, user: board.allowed(
        db,
        Submitted(
            uuid4().hex,
            _who(user),
            Where(user),
            name,
            subject,
            board.versions.get(sample.on, board.versions["plan"]),
            sample.answers,
        ),
    )


def _view(board: Board, name: str, sample: Sample) -> Try:
    return lambda db, user: board.drawn(db, user, name, sample)


async def _routes(worlds: dict[str, World]) -> dict[str, str]:
    """Every route, asked by somebody who is nobody: no signature, no origin, no account."""
    bot, driver = worlds["web"].bot, worlds["web"].driver
    assert isinstance(driver, WebDriver)
    found = {}
    async with aiohttp.ClientSession() as session:
        for route in application(bot).router.routes():
            if route.method == "HEAD":
                continue
            path = route.resource.canonical if route.resource else ""
            url = driver.base + path.replace("{name}", "nothing")
            async with session.request(route.method, url, allow_redirects=False) as response:
                found[f"{route.method} {path}"] = str(response.status)
                await asyncio.wait_for(response.read(), 5)
    return dict(sorted(found.items()))


def _written(table: Mapping[str, Mapping[str, str]]) -> str:
    lines = ["What everybody may do, by what they are to Ana (reviewed; see docs/security.md)", ""]
    width = max(len(name) for rows in table.values() for name in rows) + 2
    for part, rows in table.items():
        head = "unsigned" if part == "routes" else " ".join(COLUMNS)
        lines += [f"[{part}]".ljust(width) + head]
        marks = (_spread(row) if part != "routes" else row for row in rows.values())
        lines += [name.ljust(width) + row for name, row in zip(rows, marks, strict=True)]
        lines.append("")
    return "\n".join(line.rstrip() for line in lines)


def _spread(row: str) -> str:
    return " ".join(mark.ljust(len(column)) for mark, column in zip(row.split(" "), COLUMNS, strict=True))
