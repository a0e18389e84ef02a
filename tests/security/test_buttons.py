"""Buttons and forms, attacked: forged, outdated, doubled, forwarded, pressed by several at once."""

import asyncio
import json
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from bot.vault import Vault
from models.approval import Approval
from models.audit import Audit
from models.item import Item, text_of
from models.person import Person
from models.plan import Plan
from tests.drivers import Seen
from tests.drivers.slack import SlackDriver
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_screen import pressables
from tests.security import company
from tests.security.stage import Door, click, count, filled, plan_of, play, submitted, who
from tests.world import START, World

NOT_FOUND = "I can't find that, or it is not for you."
ROUNDS, HANDS = 200 if os.environ.get("SOAK") else 20, 8
HUGE = "9" * 4999
FAULT = "wrong on our side"


def _door(world: World) -> Door:
    return Door(world.driver)  # type: ignore[arg-type]


RUBBISH = ["", "0", "-1", HUGE, "１２", "1e9", "⁹⁹", "1;drop", "NaN", "\x00", "1:2:3", "²"]


async def test_T29_any_forged_value_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    """Each button and list that takes a value gets rubbish: a sentence comes back, never a fault."""
    async with play(tmp_path, "web", fill=filled(("ana", "draft"))) as worlds:
        web = worlds["web"]
        plan, dana = await plan_of(web, "ana"), who(web, "dana")
        before = await count(web, Audit)
        for value in RUBBISH:
            for action in ("plan.template", "plan.change", "plan.remove", "team.plan", "indicator.pick", "help.run"):
                answer = await web.bot.dispatch(click(dana, action, plan.id, plan.version, value))
                assert answer.toast == NOT_FOUND, (action, value)
            for word in (value, f"personal {value}"):
                for action in ("library.page", "library.level", "profile.lang"):
                    answer = await web.bot.dispatch(click(dana, action, 0, 0, word))
                    assert FAULT not in answer.toast, (action, value)
            answer = await web.bot.dispatch(click(who(web, "helen"), "indicator.link", 1, 0, value))
            assert answer.toast == NOT_FOUND, value
            form = submitted(dana, "plan.add", plan.id, plan.version, indicator=value, weight="10")
            assert (await web.bot.dispatch(form)).errors, value
        assert await count(web, Audit) == before
        for value in RUBBISH:
            now = await plan_of(web, "ana")
            form = submitted(dana, "plan.add", plan.id, now.version, indicator="4", weight="10", goal=value)
            assert FAULT not in str(await web.bot.dispatch(form)), value
        await web.settle()
        assert FAULT not in web["dana"].text


async def test_T29_any_forged_number_is_refused(tmp_path: Path) -> None:
    """Every button and form gets numbers of no row, of somebody else's row, and larger than any database counts."""
    async with play(tmp_path, "web", fill=filled(("ana", "draft"), ("bo", "active"))) as worlds:
        web = worlds["web"]
        before = await count(web, Audit)
        for number in (0, 1, 999_999, 2**31, 2**53, 2**63 - 1):
            for action in _of_plans(web.bot.router.buttons):
                status, answer = await _door(web).press(web["willa"].user, action, number, number, str(number))
                assert (status, FAULT in answer["toast"]) == (200, False), (action, number)
            for action in _of_plans(web.bot.router.forms):
                assert (await web.bot.dispatch(submitted(who(web, "willa"), action, number, number))).errors
        assert await count(web, Audit) == before


def _of_plans(names: Iterable[str]) -> list[str]:
    return [name for name in names if not name.startswith(("cycle", "profile", "home", "help", "library"))]


@pytest.mark.parametrize("old", [True, False])
async def test_T29_T36_a_revision_handed_in_is_not_changed_by_a_forged_number(tmp_path: Path, old: bool) -> None:
    """The form of an item of an older revision, or of the plan in force, with the version of the working copy."""
    state = "draft" if old else "amending"
    async with play(tmp_path, "web", fill=_second_revision(state)) as worlds:
        web = worlds["web"]
        plan = await plan_of(web, "ana")
        assert (plan.state, plan.revision) == (state, 2)
        first = await web.run(lambda db: db.exec(select(Item).where(Item.plan_id == plan.id, Item.revision == 1)).all())
        given = {"target": "1", "weight": "40", "formula": "a / b", "source": "CRM", "goal": "1", "reason": "x"}
        form = submitted(who(web, "dana"), "item.save", first[0].id, plan.version, **given)
        refused = await web.bot.dispatch(form)
        after = await web.run(lambda db: db.exec(select(Item).where(Item.plan_id == plan.id, Item.revision == 1)).all())
        assert text_of(after) == text_of(first)
        assert refused.errors == {"": NOT_FOUND}


def _second_revision(state: str) -> Callable[[Session, Vault, Any], None]:
    def fill(db: Session, vault: Vault, now: Any) -> None:
        filled()(db, vault, now)
        plan = company.bring(db, "submitted" if state == "draft" else state, START)
        if state == "draft":
            company.act(db, plan, company.actor(db, "eva"), "return", START)
        db.flush()

    return fill


async def test_T29_a_forged_slack_value_is_only_a_number_that_is_asked_again(tmp_path: Path) -> None:
    """The value of Ana's own button is replaced by the number of Bo's plan: her rights decide, not the button."""
    async with play(tmp_path, "slack", fill=filled(("ana", "awaiting_confirmation"), ("bo", "draft"))) as worlds:
        slack = worlds["slack"]
        driver, ana = slack.driver, slack["ana"]
        assert isinstance(driver, SlackDriver)
        others = await plan_of(slack, "bo")
        await ana.says("perf goals")
        payload = _press(driver, ana.user, ana.card("Confirm"), "Confirm")
        payload["actions"][0]["value"] = f"{others.id}:{others.version}"
        await driver.deliver("interactive", payload)
        await slack.settle()
        assert (await plan_of(slack, "bo")).state == "draft"
        assert (await plan_of(slack, "ana")).state == "awaiting_confirmation"


def _press(driver: SlackDriver, user: str, message: Seen, label: str) -> dict[str, Any]:
    channel, _, ts = message.id.partition(":")
    posted = driver.fake.store.find(channel, ts)
    pressed = next(one for one in pressables(posted.now["blocks"]) if one.label == label)
    hooks = f"{driver.fake.base}/hooks"
    made = payloads.press_message(driver.fake.store, user, posted, posted.now, pressed, hooks)
    return json.loads(json.dumps(made))  # type: ignore[no-any-return]


@pytest.mark.parametrize("platform", ["web", "slack"])
async def test_T30_an_outdated_card_says_what_happened_and_is_redrawn(tmp_path: Path, platform: str) -> None:
    """Eva approves twice, from the card as she saw it first, also half a year later: one approval, a true sentence."""
    async with play(tmp_path, platform, fill=filled(("ana", "submitted"))) as worlds:
        world = worlds[platform]
        eva = world["eva"]
        await eva.says("perf goals @ana")
        old = eva.card("Approve")
        await eva.clicks("Approve", old)
        assert "Approved" in eva.last.toast
        for _again in range(2):
            await eva.clicks("Approve", old)
            assert eva.last.toast.startswith("Eva already approved this on"), eva.last
            world.clock.forward(timedelta(days=180))
        assert "Approve" not in eva.card("Eva already approved").buttons
        assert await count(world, Approval) == 1


async def test_T30_ones_own_press_again_on_an_outdated_card_does_nothing(tmp_path: Path) -> None:
    async with play(tmp_path, "web", fill=filled(("ana", "active"))) as worlds:
        web = worlds["web"]
        plan = await plan_of(web, "ana")
        ana = web["ana"]
        await ana.says("perf goals")
        old = ana.card("Propose a change")
        await ana.clicks("Propose a change", old)
        await ana.clicks("Propose a change", old)
        assert ana.last.toast.startswith("Ana started to change this plan")
        assert (await plan_of(web, "ana")).version == plan.version + 1


@pytest.mark.parametrize("platform", ["web", "slack"])
async def test_T31_eight_presses_at_once_have_one_winner_and_the_others_learn_who(
    tmp_path: Path, platform: str
) -> None:
    """Helen and Henry press "Pass" four times each at the same moment, for twenty plans one after another."""
    async with play(tmp_path, platform, fill=_twenty) as worlds:
        world, press = worlds[platform], PRESSES[platform]
        plans = await world.run(lambda db: db.exec(select(Plan).where(Plan.state == "compliance")).all())
        assert len(plans) == ROUNDS
        for plan in plans:
            told = await press(world, ("helen", "henry") * (HANDS // 2), plan)
            winner = [said for said in told if said.startswith("Passed.")]
            losers = [said for said in told if " already passed this on " in said]
            assert (len(winner), len(losers)) == (1, HANDS - 1), told
        made = await world.run(lambda db: db.exec(select(Approval).where(Approval.decision == "passed")).all())
        assert sorted(note.plan_id for note in made) == sorted(plan.id for plan in plans)


async def _console_presses(world: World, handles: Sequence[str], plan: Plan) -> list[str]:
    presses = (_door(world).press(world[handle].user, "plan.pass", plan.id, plan.version) for handle in handles)
    answers = await asyncio.gather(*presses)
    assert {status for status, _ in answers} == {200}
    return [str(answer["toast"]) for _, answer in answers]


async def _slack_presses(world: World, handles: Sequence[str], plan: Plan) -> list[str]:
    """Signed presses on a message of the person's own; what each is told comes by its response_url."""
    driver = world.driver
    assert isinstance(driver, SlackDriver)
    before = len(driver.fake.called("hook"))
    presses = (driver.deliver("interactive", _pass(driver, world[handle].user, plan)) for handle in handles)
    assert {status for status, _ in await asyncio.gather(*presses)} == {200}
    return [str(body["text"]) for body in driver.fake.called("hook")[before:]]


PRESSES = {"web": _console_presses, "slack": _slack_presses}


def _pass(driver: SlackDriver, user: str, plan: Plan) -> dict[str, Any]:
    store, label = driver.fake.store, {"type": "plain_text", "text": "Pass", "emoji": False}
    button = {"type": "button", "action_id": "plan.pass", "text": label, "value": f"{plan.id}:{plan.version}"}
    content = {"text": "x", "blocks": [{"type": "actions", "block_id": "b", "elements": [button]}], "metadata": {}}
    posted = store.post(store.dm(user), content)
    pressed = next(iter(pressables(content["blocks"])))  # type: ignore[arg-type]
    return payloads.press_message(store, user, posted, content, pressed, f"{driver.fake.base}/hooks")


def _twenty(db: Session, vault: Vault, now: Any) -> None:
    """Twenty more people of Dana's, whose plans all wait for HR."""
    company.fill_bare(db, vault, now)
    dana = company.by_handle(db, "dana")
    for number in range(ROUNDS):
        worker = Person(number=f"2{number:03d}", name=f"Worker {number}", handle=f"worker{number}")
        worker.manager_id, worker.locale = dana.id, "en"
        db.add(worker)
    db.flush()
    company.publish(db, now)
    for number in range(ROUNDS):
        company.bring(db, "compliance", now, owner=f"worker{number}")


async def test_T33_the_same_plan_from_two_platforms_at_once(tmp_path: Path) -> None:
    """Helen passes on Slack while Henry returns in the console: one of them wins, both cards show it."""
    async with play(tmp_path, "web", "slack", fill=filled(("ana", "compliance"))) as worlds:
        web, slack = worlds["web"], worlds["slack"]
        helen, henry = slack["helen"], web["henry"]
        await helen.says("perf goals @ana")
        await henry.says("perf goals @ana")
        await henry.clicks("Return…")
        passing = slack.driver.press(helen.user, helen.card("Pass"), "Pass")
        returning = web.driver.submit(henry.user, {"What should change?": "More ambition"})
        passed, returned = await asyncio.gather(passing, returning)
        await slack.settle()
        await web.settle()
        plan = await plan_of(web, "ana")
        if plan.state == "awaiting_confirmation":
            assert "Passed" in passed.toast
            assert "Helen already passed this on" in next(iter(returned.errors.values()))
        else:
            assert plan.state == "draft"
            assert "Henry already returned this on" in passed.toast
        shown = "Waiting for confirmation" if plan.state == "awaiting_confirmation" else "State: Draft"
        for human in (helen, henry):
            card = [message for message in human.messages if "Ana · Q4 2026" in message.text][-1]
            assert shown in card.text
            assert "Pass" not in card.buttons
        assert await count(web, Approval) == 2, "the approver's, and one of these two"


async def test_T34_a_form_again_is_one_effect_and_a_later_one_is_refused(tmp_path: Path) -> None:
    async with play(tmp_path, "slack", fill=filled(("ana", "compliance"))) as worlds:
        slack = worlds["slack"]
        driver, helen = slack.driver, slack["helen"]
        assert isinstance(driver, SlackDriver)
        await helen.says("perf goals @ana")
        await helen.clicks("Return…")
        view = driver.fake.store.views[helen.user][-1]
        block = next(block for block in view.body["blocks"] if block["type"] == "input")
        state = {block["block_id"]: {"a": {"type": "plain_text_input", "value": "More"}}}
        payload = payloads.submission(driver.fake.store, view, state)
        for _twice in range(2):
            assert (await driver.deliver("interactive", payload))[0] == 200
        assert (await plan_of(slack, "ana")).revision == 2
        view.hash += "+"
        status, answer = await driver.deliver("interactive", payloads.submission(driver.fake.store, view, state))
        assert status == 200
        assert "Helen already returned this on" in str(answer["errors"])
        for callback, expected in (("nobody.knows", 200), ("Not An Action", 400)):
            view.body["callback_id"] = callback
            view.hash += "+"
            unknown = payloads.submission(driver.fake.store, view, state)
            assert (await driver.deliver("interactive", unknown))[0] == expected
        assert (await plan_of(slack, "ana")).revision == 2


@pytest.mark.parametrize("platform", ["web", "slack"])
async def test_T35_a_forwarded_card_gives_the_rights_of_who_presses(tmp_path: Path, platform: str) -> None:
    """Bo presses Eva's "Approve", Henry presses Helen's "Pass": the one is refused, the other may."""
    async with play(tmp_path, platform, fill=filled(("ana", "submitted"), ("bo", "compliance"))) as worlds:
        world = worlds[platform]
        eva, helen = world["eva"], world["helen"]
        await eva.says("perf goals @ana")
        await helen.says("perf goals @bo")
        card, review = eva.card("Approve"), helen.card("Pass")
        await world["bo"].clicks("Approve", card)
        assert world["bo"].last.toast == NOT_FOUND
        assert (await plan_of(world, "ana")).state == "submitted"
        await world["henry"].clicks("Pass", review)
        assert world["henry"].last.toast.startswith("Passed.")
