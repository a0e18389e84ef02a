"""Who may do what, attacked: other people's rows, other people's names, one's own case, and what answers give away."""

import ast
import statistics
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.app import Bot
from bot.cards import to_json
from models.base import Row, models_by_noun
from models.checkin import report
from models.identity import Identity
from models.person import Person
from models.plan import Plan
from tests.drivers.slack import SlackDriver
from tests.fakes import slack_payloads as payloads
from tests.security import company
from tests.security.stage import Door, click, filled, plan_of, play, said, submitted, who
from tests.world import START, World

ROOT = Path(__file__).parents[2]
NOT_FOUND = "I can't find that, or it is not for you."
OUTSIDERS = ("bo", "eva", "olga", "willa")
# Words that only stand in what belongs to Ana: who may read which of them is the table below (threat T22).
CANARIES = {
    "note": "canary-note",
    "blocker": "canary-blocker",
    "reason": "canary-reason",
    "item": "canary-item",
    "salary": "18500.00",
    "email": "ana@corp.example",
}
READS = {
    "ana": {"blocker", "reason", "item"},
    "dana": {"blocker", "reason", "item"},
    "hugo": {"blocker", "reason", "item"},
    "helen": {"blocker", "reason", "item"},
    "audrey": {"reason", "item"},
    "olga": set(),
    "bo": set(),
    "eva": set(),
    "willa": set(),
}


def _door(world: World) -> Door:
    return Door(world.driver)  # type: ignore[arg-type]


async def test_T18_T21_another_persons_rows_and_missing_ones_are_refused_alike(tmp_path: Path) -> None:
    """Every number of every press and form is tried for a row of Ana's and for one that does not exist."""
    async with play(tmp_path, "web", fill=filled(("ana", "active"), ("bo", "draft"))) as worlds:
        web = worlds["web"]
        door, plan = _door(web), await plan_of(web, "ana")
        for handle in OUTSIDERS:
            for action in ("plan.show", "plan.definitions", "plan.checkin", "plan.amend", "person.progress"):
                number = web["ana"].id if action.startswith("person") else plan.id
                theirs = await door.press(web[handle].user, action, number, plan.version)
                nobodys = await door.press(web[handle].user, action, 999_999, plan.version)
                assert theirs == nobodys, f"{handle} learns from {action} that there is something"
                assert theirs[1]["toast"] == NOT_FOUND
            picked = [await door.press(web[handle].user, "team.plan", 0, 0, str(n)) for n in (plan.id, 999_999)]
            assert picked[0] == picked[1]
        assert (await plan_of(web, "ana")).version == plan.version


async def test_T21_missing_and_forbidden_take_the_same_time(tmp_path: Path) -> None:
    """Within a fifth, by the median of interleaved presses (processor time; the best of three measurements)."""
    async with play(tmp_path, "web", fill=filled(("ana", "active"))) as worlds:
        web = worlds["web"]
        plan = await plan_of(web, "ana")
        ratios: list[float] = []
        while len(ratios) < 3 and not any(0.8 < ratio < 1.25 for ratio in ratios):
            spent: dict[int, list[float]] = {plan.id: [], 999_999: []}
            for _round in range(60):
                for number, times in spent.items():
                    began = time.process_time()
                    await web.bot.dispatch(click(who(web, "bo"), "plan.show", number, plan.version))
                    times.append(time.process_time() - began)
            forbidden, missing = (statistics.median(times) for times in spent.values())
            ratios.append(forbidden / missing)
        assert any(0.8 < ratio < 1.25 for ratio in ratios), ratios


async def test_T19_the_actor_is_the_envelopes_whatever_the_body_says(tmp_path: Path) -> None:
    async with play(tmp_path, "web", "slack", fill=filled(("ana", "active"))) as worlds:
        web, slack = worlds["web"], worlds["slack"]
        door, plan = _door(web), await plan_of(web, "ana")
        for extra in ({"on_behalf_of": web["ana"].user}, {"person_id": web["ana"].id}, {"actor": web["ana"].id}):
            status, _ = await door.press(web["bo"].user, "plan.amend", plan.id, plan.version, **extra)
            assert status == 400
        driver = slack.driver
        assert isinstance(driver, SlackDriver)
        answers = {"item": "1", "note": "x", "person_id": "5", "by_id": "5"}
        refused = await web.bot.dispatch(submitted(who(slack, "bo"), "plan.checkin", plan.id, plan.version, **answers))
        assert refused.errors == {"": NOT_FOUND}
        forged = payloads.typed(driver.fake.store, slack["bo"].user, "perf goals @ana")
        forged["event"]["on_behalf_of"] = forged["authed_users"] = slack["ana"].user
        await driver.deliver("events_api", forged)
        await slack.settle()
        assert "Revenue" not in slack["bo"].text


@pytest.mark.parametrize("owner", ["helen", "henry"])
async def test_T20_nobody_decides_on_their_own_case_or_words(tmp_path: Path, owner: str) -> None:
    """HR staff are employees too: neither the owner of a plan nor who wrote it passes or returns it."""
    async with play(tmp_path, "web", fill=_reviewed(owner)) as worlds:
        web = worlds["web"]
        plan, dispatch = await plan_of(web, owner), web.bot.dispatch
        assert plan.state == "compliance"
        for handle in {owner, await _handle(web, plan.author_id)}:
            for action in ("plan.pass", "plan.return", "plan.approve"):
                answer = await dispatch(click(who(web, handle), action, plan.id, plan.version))
                assert (answer.toast, answer.sheet) == (NOT_FOUND, None), f"{handle} may {action} {owner}'s plan"
            form = submitted(who(web, handle), "plan.return", plan.id, plan.version, reason="because")
            assert (await dispatch(form)).errors == {"": NOT_FOUND}
        waits = await _handle(web, plan.waits_for_id)
        passed = await dispatch(click(who(web, waits), "plan.pass", plan.id, plan.version))
        assert "Passed" in passed.toast, "and somebody else can go on"


def _reviewed(owner: str):  # type: ignore[no-untyped-def]
    def fill(db: Session, vault: object, now: object) -> None:
        filled()(db, vault, now)  # type: ignore[arg-type]
        person = company.by_handle(db, owner)
        plan = db.exec(select(Plan).where(Plan.person_id == person.id)).one()
        company.ready(db, plan)
        author = db.get_one(Person, person.manager_id)
        company.act(db, plan, company.actor(db, author.handle), "submit", START)
        while plan.state == "submitted":
            waited = db.get_one(Person, plan.waits_for_id)
            company.act(db, plan, company.actor(db, waited.handle), "approve", START)
        db.flush()

    return fill


async def _handle(world: World, person_id: int | None) -> str:
    return await world.run(lambda db: db.get_one(Person, person_id).handle)


async def test_T22_what_each_role_reads_of_a_plan_is_the_table(tmp_path: Path) -> None:
    """Every view is drawn for everybody; the canaries that show must be those of the table, to the word."""
    async with play(tmp_path, "web", fill=_planted) as worlds:
        web = worlds["web"]
        for handle, allowed in READS.items():
            drawn = await web.run(lambda db, handle=handle: _everything(db, web.bot, handle))  # type: ignore[misc]
            shown = {name for name, word in CANARIES.items() if word in drawn}
            assert shown == allowed, handle


def _planted(db: Session, vault: object, now: object) -> None:
    filled()(db, vault, now)  # type: ignore[arg-type]
    plan = db.exec(select(Plan).where(Plan.person_id == company.by_handle(db, "ana").id)).one()
    company.ready(db, plan)
    plan.items(db)[0].name = CANARIES["item"]
    company.act(db, plan, company.actor(db, "dana"), "submit", START)
    company.act(db, plan, company.actor(db, "eva"), "approve", START)
    company.act(db, plan, company.actor(db, "helen"), "pass", START)
    company.act(db, plan, company.actor(db, "ana"), "confirm", START)
    item = plan.agreed_items(db)[0]
    words = {"value": Decimal(40), "note": CANARIES["note"], "blocker": CANARIES["blocker"]}
    report(db, plan, item.lineage, company.actor(db, "ana"), START, **words)  # type: ignore[arg-type]
    company.act(db, plan, company.actor(db, "ana"), "amend", START)
    plan.propose(db, company.actor(db, "ana"), plan.version, START, CANARIES["reason"])


def _everything(db: Session, bot: Bot, handle: str) -> str:
    person = company.by_handle(db, handle)
    facts = {"level": "personal", "page": 0, "owed": 0, "typed": "x", "near": []}
    drawn = []
    for view in bot.router.views:
        for subject in range(1, 7):  # Ana, her plan, department and cycle, and a neighbour of each
            try:
                card = bot.easel.draw(db, person, view, subject, facts, START)
            except LookupError:
                continue
            drawn.append(str(to_json(card)) if card else "")
    return "\n".join(drawn)


PROTECTED = {"id", "state", "version", "revision", "effective", "person_id", "author_id", "waits_for_id", "by_id"}
PROTECTED |= {"approved_by", "owner_id", "plan_id", "cycle_id", "tenant", "tenant_id", "digest", "step", "at"}


async def test_T23_a_form_takes_its_own_fields_and_no_others(tmp_path: Path) -> None:
    async with play(tmp_path, "web", fill=filled(("ana", "draft"))) as worlds:
        web = worlds["web"]
        plan = await plan_of(web, "ana")
        for name, entry in web.bot.router.forms.items():
            assert not PROTECTED & set(entry.form.model_fields), name
        item = await web.run(lambda db: plan.items(db)[0].id)
        extra = {"state": "active", "version": "99", "person_id": "1", "plan_id": "7", "revision": "9", "lineage": "9"}
        weights = {"weight_1": "40", "weight_2": "30", "weight_3": "30"}
        one = {"target": "90", "weight": "40", "formula": "a / b", "source": "CRM", "goal": "1"}
        for action, subject, given in (("plan.weights", plan.id, weights), ("item.save", item, one)):
            now = await plan_of(web, "ana")
            await web.bot.dispatch(submitted(who(web, "dana"), action, subject, now.version, **given, **extra))
        after = await plan_of(web, "ana")
        assert (after.state, after.person_id, after.version) == ("draft", plan.person_id, plan.version + 2)
        assert await web.run(lambda db: [one.revision for one in after.items(db)]) == [1, 1, 1]


def test_T23_no_table_row_is_made_of_somebody_elses_dictionary() -> None:
    """`Model(**payload)` on a table is only written where the dictionary comes from a closed form or our own row."""
    tables = {model.__name__ for model in models_by_noun().values()}
    found = {place for folder in ("bot", "handlers") for place in _unpacked(ROOT / folder, tables)}
    assert found <= {"handlers/goals.py:Item", "handlers/items.py:Item"}, found


def _unpacked(folder: Path, tables: set[str]) -> Iterator[str]:
    for path in folder.rglob("*.py"):
        if {"sample", "samples"} & set(path.parts):  # data of ours, not what somebody sent
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            starred = isinstance(node, ast.Call) and any(keyword.arg is None for keyword in node.keywords)
            if starred and isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in tables:
                yield f"{path.relative_to(ROOT)}:{node.func.id}"


async def test_T24_a_question_in_a_channel_is_answered_in_private_with_the_askers_rights(tmp_path: Path) -> None:
    async with play(tmp_path, "slack", fill=filled(("ana", "active"))) as worlds:
        slack = worlds["slack"]
        driver, dana, bo = slack.driver, slack["dana"], slack["bo"]
        assert isinstance(driver, SlackDriver)
        driver.add_channel("CGENERAL", dana.user, bo.user)
        for human in (dana, bo):
            await human.says("goals @ana", channel="CGENERAL")
            await human.says("/perf progress @ana", channel="CGENERAL")
        everybody = "\n".join(message.text for message in driver.channel("CGENERAL"))
        assert "Ana" not in everybody
        assert "Revenue" not in everybody
        assert "Revenue" in dana.text
        assert "Revenue" not in bo.text


async def test_T25_lists_counts_and_suggestions_tell_nothing_about_others(tmp_path: Path) -> None:
    """Whatever Bo types or opens, nothing of Ana's plan is in it: no word, no count, no command of another role."""
    async with play(tmp_path, "web", fill=_planted) as worlds:
        web = worlds["web"]
        lines = ["perf", "perf help", "perf team", "perf progress team", "perf progress department", "perf cycl"]
        lines += ["perf progress company", "perf goals @an", "perf progress ana", "perf library", "perf goals canary"]
        for line in lines:
            await web.bot.dispatch(said(who(web, "bo"), line))
        await web.settle()
        seen = web["bo"].text
        assert not [word for word in CANARIES.values() if word in seen.replace("canary”", "")]
        assert "perf cycle" not in seen, "a command of HR is not suggested to others"
        assert "perf link" not in seen


def test_T18_every_table_says_whose_its_rows_are() -> None:
    """A row with a person behind it must answer `person_of`, or its rights would be asked of nobody."""
    for noun, model in models_by_noun().items():
        personal = {"person_id", "plan_id"} & set(model.model_fields)
        if personal == {"plan_id"} and noun != "frozen":
            answers = model.person_of is not Row.person_of
            asked = any(action.startswith(f"{noun}.") for action in _actions())
            assert answers or not asked, f"{noun} rows belong to a plan, but person_of does not say whose"
    assert Identity.noun


def _actions() -> set[str]:
    from bot.router import Router
    from handlers import ROUTERS

    router = Router.merged(ROUTERS)
    return {*router.buttons, *router.forms}
