"""Before publication nobody but those who made a result learns anything of it: every command, button, form and view is
tried as its owner, a colleague, an executive and another manager (threats T22, T25)."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from bot.app import Bot
from bot.cards import Card, to_json
from bot.events import Click, Command, FromPerson, Submitted, Where, Who
from bot.forms import Invalid
from bot.vault import Vault
from handlers.cards.amounts import points
from models.base import Refused, Row, Stale
from models.checkin import Measurement
from models.cycle import Cycle
from models.department import Department
from models.person import Person, Role
from models.plan import Plan
from models.releasing import recompute
from models.result import Result, lines_of
from models.scorecard import MANAGER, card_of
from models.stages import advance
from models.todo import Todo
from tests.models.access_samples import ANY, BUTTONS, FORMS, VIEWS
from tests.security import company, judged
from tests.security.stage import filled, play
from tests.world import START, World

READERS = ("ana", "bo", "olga", "eva", "willa")
# Nobody else would say these words; the total of 87.35 is an "Umber".
LEVELS = [["Zenith", 110, 105], ["Quartz", 100, 95], ["Umber", 85, 80], ["Rust", 70, 60], ["Slate", 50, 0]]
VALUES = (Decimal("71.3"), Decimal("66.37"), Decimal("74.13"))
LINES = ("", "@ana", "ana", "Q4 2026", "@ana Q4 2026", "team", "department", "company", "me", "1")


def _reviewed(db: Session, vault: Vault, now: object) -> None:
    filled()(db, vault, START)
    cycle = db.exec(select(Cycle)).one()
    cycle.terms = {"levels": LEVELS}
    plan = judged.bring(db, "scoring", START, vault)
    for item, value in zip(plan.agreed_items(db), VALUES, strict=True):
        later = START + timedelta(hours=1)
        db.add(Measurement(plan_id=plan.id, lineage=item.lineage, value=value, at=later))
    db.flush()
    card = card_of(db, plan.id, MANAGER)
    assert card is not None
    card.submit(db, company.actor(db, "dana"), card.version, START, [])
    advance(db, cycle, company.actor(db, "helen"), cycle.version, START)
    recompute(db, cycle, START)


@pytest.fixture
async def world(tmp_path: Path):  # type: ignore[no-untyped-def]
    async with play(tmp_path, "web", fill=_reviewed) as worlds:
        yield worlds["web"]


def _secrets(db: Session) -> dict[str, str]:
    """What nobody may see, by what it is."""
    from bot.text import texts

    t = texts("en")
    result = db.exec(select(Result)).one()
    found = {"rating": result.rating}
    for name, value in (("total", result.total), *((line.name, line.points) for line in lines_of(db, result))):
        assert value is not None
        found[name] = points(t, value)
        found[f"{name}, short"] = t.number(value)
    found |= {f"part of {line.name}": points(t, line.contribution) for line in lines_of(db, result)}
    return found


def _rows(db: Session) -> dict[str, int]:
    """Every row that something can be about, by noun."""
    plan = db.exec(select(Plan).where(Plan.person_id == company.by_handle(db, "ana").id)).one()
    ana = db.get_one(Person, plan.person_id)
    known: dict[str, Row] = {**judged.ids(db, plan)}
    todo = db.exec(select(Todo.id).where(Todo.assignee_id == ana.id)).first()
    found = {noun: row.id for noun, row in known.items()}
    found |= {"plan": plan.id, "cycle": plan.cycle_id, "person": ana.id, "department": ana.department_id or 0}
    return {**found, "item": plan.agreed_items(db)[0].id, "todo": todo or 0, "other": company.by_handle(db, "bo").id}


def _events(bot: Bot, user: str, rows: dict[str, int], versions: dict[str, int]) -> Iterator[FromPerson]:
    """Everything somebody can type, press and send."""
    who, where = Who("web", "console", user), Where(user, message="m")
    for name in bot.router.commands:
        for line in LINES:
            yield Command(uuid4().hex, who, where, f"{name} {line}".strip())
    about = [str(rows[noun]) for noun in ("result", "line", "plan", "person")]
    values = ["", "0", "0 0", "self 0", "manager 0", *about]
    for name in bot.router.buttons:
        sample = BUTTONS.get(name, ANY)
        noun = sample.on or name.partition(".")[0]
        wanted = [str(rows.get(sample.value, sample.value)), *(values if sample.value or not sample.on else [])]
        for value in dict.fromkeys(wanted):
            for version in {0, versions.get(noun, 0)}:
                yield Click(uuid4().hex, who, where, name, rows.get(noun, 0), version, value)
    for name in bot.router.forms:
        sample = FORMS.get(name, ANY)
        noun = sample.on or name.partition(".")[0]
        version = versions.get(noun, 0)
        yield Submitted(uuid4().hex, who, where, name, rows.get(noun, 0), version, sample.answers)


def _answered(db: Session, bot: Bot, person: Person, event: FromPerson) -> str:
    """All that its sender reads in answer to an event; nothing of the event stays."""
    undo = db.begin_nested()
    try:
        answer, drawn = bot.dispatch._work(db, event)
        cards = [answer.card.card] if answer.card is not None else []
        cards += [one.card for one in drawn if one.card is not None and one.account.person_id == person.id]
        said = [answer.toast, str(answer.sheet), str(dict(answer.errors)), *map(_said, cards)]
    except Refused as no:
        said = [no.message, str(no.facts)]
    except Invalid as no:
        said = [str(no.errors)]
    except Stale as no:
        said = ["this result exists"] if no.noun in ("result", "line") else []
    finally:
        undo.rollback()
        db.expire_all()
        db.info.clear()
    return "\n".join(said)


def _said(card: Card) -> str:
    return str(to_json(card))


def _views(db: Session, bot: Bot, person: Person, rows: dict[str, int]) -> Iterator[tuple[str, str]]:
    for name in bot.router.views:
        sample = VIEWS.get(name, ANY)
        facts = {key: int(value) if value.isdecimal() else value for key, value in sample.answers.items()}
        for subject in {rows.get(sample.on, 0), rows.get(name.partition(".")[0], 0), 0}:
            try:
                card = bot.easel.draw(db, person, name, subject, facts, START)
            except LookupError:
                continue
            if card is not None:
                yield f"view {name} {subject}", _said(card)


def _walk(db: Session, bot: Bot, handle: str) -> list[str]:
    """Where a secret shows, in words."""
    person, secrets, rows = company.by_handle(db, handle), _secrets(db), _rows(db)
    plan = db.get_one(Plan, rows["plan"])
    versions = {**judged.versions(judged.ids(db, plan)), "plan": plan.version}
    versions["cycle"] = db.get_one(Cycle, rows["cycle"]).version
    secrets["existence"] = "this result exists"
    read = list(_views(db, bot, person, rows))
    for event in _events(bot, person.number, rows, versions):
        said = getattr(event, "text", "") or getattr(event, "action", "")
        read.append((f"{type(event).__name__} {said}", _answered(db, bot, person, event)))
    assert len(read) > 200
    return [f"{place}: {name}" for place, text in read for name, secret in secrets.items() if secret in text]


@pytest.mark.parametrize("handle", READERS)
async def test_T22_nothing_of_a_result_shows_before_publication(world: World, handle: str) -> None:
    assert await world.run(lambda db: _walk(db, world.bot, handle)) == []


@pytest.mark.parametrize("role", ["hr", "auditor", "executive", "head"])
async def test_T22_nothing_shows_to_an_owner_who_is_in_charge_of_all_others(world: World, role: str) -> None:
    """HR publishes, a head calibrates: their own result is part of no figure that they could subtract from."""
    found = await world.run(lambda db: _in_charge(db, world.bot, role))
    shown = [one for one in found if not one.endswith(": rating")]  # the scale itself is no secret
    assert [one for one in shown if ".release: " not in one] == [], "nothing but the press that publishes it shows it"


def _in_charge(db: Session, bot: Bot, role: str) -> list[str]:
    ana = company.by_handle(db, "ana")
    if role == "head":
        db.get_one(Department, ana.department_id).head_id = ana.id
    else:
        db.add(Role(person_id=ana.id, name=role))
    db.flush()
    return _walk(db, bot, "ana")


async def test_T22_the_walk_would_find_it(world: World) -> None:
    """Who scored sees all of it, so the same walk finds every secret."""
    found = await world.run(lambda db: _walk(db, world.bot, "dana"))
    secrets = await world.run(_secrets)
    assert {one.rpartition(": ")[2] for one in found} >= {name for name in secrets if "short" not in name}
    assert secrets["rating"] == "Umber"
