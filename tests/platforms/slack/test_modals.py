"""Cards in modals: opened by the shortcut, pressed, laid over by forms, refreshed, and what Slack may refuse of it."""

import json
from dataclasses import replace

import pytest

from bot.capability import Answer, Message
from bot.cards import Bold, Button, Card, Chart, Choice, Table, text
from bot.events import Click, Command, FromPerson, Submitted, Where
from bot.platforms.slack.carried import Carried, carried, carrying
from bot.platforms.slack.modals import card_in
from bot.plots import Bar, Bars
from tests.drivers import Seen
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack import Fault
from tests.fakes.slack_rules import check_view
from tests.fakes.slack_screen import Pressable, pressables, text_of
from tests.fakes.slack_store import View
from tests.platforms.slack.stage import CARD, SHEET, Stage
from tests.platforms.slack.test_requests import pressed

TASKS = Card(
    "My tasks",
    (text(Bold("Two things wait for you")), Table(("What", "When"), (("Plan of Bob", "today"), ("Score", "")))),
    (Button("Approve", "goal.approve", 7, 3), Choice("Page", "todo.page", (("0", "Page 1"), ("1", "Page 2")))),
)
FILLED = {"Title": "Ship", "Weight": "12", "Kind": "Habit"}


async def opened(stage: Stage) -> Seen:
    """The list in a modal; from now on whatever asks for it finds less of it each time."""
    waits = iter(range(9, 0, -1))

    async def answers(event: FromPerson) -> Answer:
        if isinstance(event, Command):
            return Answer(card=Message(replace(TASKS, body=(text(f"{next(waits)} wait"), *TASKS.body[1:]))))
        return stage.app.answer

    stage.app.does = answers
    await stage.driver.shortcut("U0001")
    return seen(stage)


def seen(stage: Stage) -> Seen:
    """What stands in the modal on top."""
    found = stage.driver.messages("U0001")[-1]
    assert found.id.startswith("modal:")
    return found


async def test_the_shortcut_opens_a_card_whose_press_refreshes_it(stage: Stage) -> None:
    card = await opened(stage)
    assert stage.app.commanded().where == Where(inline=True, message="new")
    assert card.text.splitlines()[:4] == ["My tasks", "9 wait", "Plan of Bob: When today", "Score"]
    assert card.buttons == ("Approve", "Page 1", "Page 2")
    stage.app.answer = Answer(toast="Approved.")
    outcome = await stage.driver.press("U0001", card, "Approve")
    click, again = stage.app.events[-2:]
    assert isinstance(click, Click)
    assert isinstance(again, Command)
    where = Where(inline=True, message=card.id.removeprefix("modal:"))
    assert (click.where, again.where, again.text) == (where, where, "tasks")
    assert again.key != click.key
    assert (outcome.status, outcome.toast) == (200, "")
    assert seen(stage).text.splitlines()[:3] == ["My tasks", "Approved.", "8 wait"]
    assert "hash" in stage.driver.fake.called("views.update")[-1]
    assert (stage.driver.fake.called("chat.postMessage"), stage.refused) == ([], [])


async def test_a_form_lies_over_the_card_and_leaves_it_refreshed(stage: Stage) -> None:
    card = await opened(stage)
    stage.app.answer = Answer(sheet=SHEET)
    await stage.driver.press("U0001", card, "Page 2")
    assert stage.driver.fake.called("views.push")
    stage.app.answer = Answer(errors={"weight": "Too much."})
    assert (await stage.driver.submit("U0001", FILLED)).errors == {"Weight": "Too much."}
    stage.app.answer = Answer(sheet=replace(SHEET, action="goal.more", title="More"))
    await stage.driver.submit("U0001", {"Weight": "1"})
    stage.app.answer = Answer(toast="Saved.")
    assert (await stage.driver.submit("U0001", FILLED)).toast == ""
    (filled,) = [event for event in stage.app.events if isinstance(event, Submitted) and event.action == "goal.more"]
    assert filled.where == Where(inline=True, message=card.id.removeprefix("modal:"))
    assert seen(stage).text.splitlines()[:3] == ["My tasks", "Saved.", "8 wait"]
    assert "hash" in stage.driver.fake.called("views.update")[-1]
    assert (stage.driver.form("U0001"), stage.driver.fake.store.deepest, stage.refused) == (None, 2, [])


async def test_a_card_leads_to_another_card_and_two_presses_at_once_too(http: Stage) -> None:
    card = await opened(http)
    http.app.answer = Answer(card=Message(CARD))
    store = http.driver.fake.store
    (view,) = store.views["U0001"]
    for payload in [payloads.press_view(store, "U0001", view, first(view)) for _ in range(2)]:
        await http.driver.deliver("interactive", payload)
        assert seen(http).text.splitlines()[:2] == ["Goal 7", "Ship it"]
    await http.driver.press("U0001", seen(http), "Back to the list")
    assert (http.app.commanded().text, http.app.commanded().where.message) == ("tasks", view.id)
    assert seen(http).buttons == card.buttons
    assert card.id == seen(http).id


def first(view: View) -> Pressable:
    """The first button of a view."""
    return next(pressables(view.body["blocks"]))


async def test_what_changed_meanwhile_is_asked_for_once_more(http: Stage) -> None:
    card = await opened(http)
    (view,) = http.driver.fake.store.views["U0001"]
    answers = http.app.does
    assert answers is not None

    async def overtaken(event: FromPerson) -> Answer:
        view.hash = "another"
        return await answers(event)

    http.app.does, http.app.answer = overtaken, Answer(toast="Approved.")
    await http.driver.press("U0001", card, "Approve")
    assert seen(http).text.splitlines()[:3] == ["My tasks", "Approved.", "7 wait"]
    assert ["hash" in call for call in http.driver.fake.called("views.update")] == [True, False]


async def test_who_closed_the_modal_hears_it_in_the_conversation(http: Stage) -> None:
    card = await opened(http)
    answers = http.app.does
    assert answers is not None

    async def closing(event: FromPerson) -> Answer:
        http.driver.fake.store.views["U0001"].clear()
        return await answers(event)

    http.app.does, http.app.answer = closing, Answer(toast="Approved.")
    assert (await http.driver.press("U0001", card, "Approve")).toast == "Approved."
    assert {post.channel for post in http.driver.fake.store.posts} == {"D0001"}


async def test_where_the_list_cannot_be_asked_for_a_way_back_is_left(http: Stage) -> None:
    card = await opened(http)
    answers = http.app.does

    async def away(_event: FromPerson) -> Answer:
        return Answer(toast="I cannot save anything right now.", unkept=True)

    http.app.does = away
    assert (await http.driver.press("U0001", card, "Approve")).status == 503
    assert seen(http).text.splitlines() == ["Pandian", "I cannot save anything right now.", "Back to the list"]
    http.app.does = answers
    await http.driver.press("U0001", seen(http), "Back to the list")
    assert seen(http).buttons == card.buttons


async def test_three_deep_the_form_takes_the_place_of_the_card(http: Stage) -> None:
    card = await opened(http)
    store = http.driver.fake.store
    (view,) = store.views["U0001"]
    below = [store.show("U0001", view.body), store.show("U0001", view.body)]
    view.root, view.previous = below[0].id, below[1].id
    store.views["U0001"] = [*below, view]
    http.app.answer = Answer(sheet=SHEET)
    await http.driver.press("U0001", card, "Approve")
    assert (http.driver.fake.called("views.push"), len(store.views["U0001"])) == ([], 3)
    http.app.answer = Answer(toast="Saved.")
    await http.driver.submit("U0001", FILLED)
    assert seen(http).id == card.id
    assert seen(http).text.splitlines()[:3] == ["My tasks", "Saved.", "8 wait"]


@pytest.mark.parametrize("error", ["expired_trigger_id", "exchanged_trigger_id", "push_limit_reached"])
async def test_a_form_that_cannot_lie_over_the_card_takes_its_place(http: Stage, error: str) -> None:
    card = await opened(http)
    http.app.answer = Answer(sheet=SHEET)
    http.driver.fake.fail("views.push", Fault(error=error))
    assert (await http.driver.press("U0001", card, "Approve")).toast == ""
    assert http.driver.form("U0001") is not None
    http.app.answer = Answer(toast="Saved.")
    await http.driver.submit("U0001", FILLED)
    assert seen(http).text.splitlines()[:2] == ["My tasks", "Saved."]


@pytest.mark.parametrize(
    ("method", "error", "said"),
    [
        ("views.open", "view_too_large", "Slack did not show this. Please try again in a few minutes."),
        ("views.open", "expired_trigger_id", "This took too long to open. Please try again."),
        ("views.update", "view_too_large", "Approved."),
        ("views.update", "not_found", "Approved."),
    ],
)
async def test_what_slack_refuses_ends_in_a_sentence(http: Stage, method: str, error: str, said: str) -> None:
    if method == "views.open":
        http.driver.fake.fail(method, Fault(error=error))
        http.app.answer = Answer(card=Message(TASKS))
        outcome = await http.driver.shortcut("U0001")
    else:
        card = await opened(http)
        http.driver.fake.fail(method, Fault(error=error))
        http.app.answer = Answer(toast="Approved.")
        outcome = await http.driver.press("U0001", card, "Approve")
    assert (outcome.status, outcome.toast) == (200, said)


async def test_views_of_another_kind_and_forged_presses_are_answered(http: Stage) -> None:
    card = await opened(http)
    store = http.driver.fake.store
    (view,) = store.views["U0001"]
    count = len(http.app.events)
    forged = payloads.press_view(store, "U0001", view, first(view))
    forged["actions"][0]["value"] = "7:x"
    status, _ = await http.driver.deliver("interactive", forged)
    assert (status, len(store.views["U0001"])) == (200, 2), "a sentence lies over the card"
    other = payloads.press_view(store, "U0001", view, first(view))
    other["view"]["type"] = "workflow_step"
    assert (await http.driver.deliver("interactive", other))[0] == 200
    closed = payloads.closed(store, view, cleared=True)
    assert (await http.driver.deliver("interactive", closed))[0] == 200
    nameless = pressed(http, "goal.approve", "7:3") | {"container": {"type": "view", "view_id": "V1"}, "view": {}}
    assert (await http.driver.deliver("interactive", nameless))[0] == 400
    assert (len(http.app.events), card.buttons[0]) == (count, "Approve")


def test_a_card_in_a_modal_keeps_to_slacks_limits_and_carries_nothing_private() -> None:
    chart = Chart("Progress", "1 of 2", Bars((Bar("Ana", 50.0, "50 %"),)))
    many = tuple(text(f"{number} " + "x" * 2_900) for number in range(120))
    long = replace(TASKS, title="A title that is longer than 24", body=(chart, *many))
    for card in (TASKS, long, Card("", (text("One"),))):
        view = card_in(card, Carried("tasks"), "Approved.")
        check_view(view)
        assert json.loads(view["private_metadata"]) == {"q": "tasks"}
        assert view["blocks"][0]["elements"][0]["elements"][0]["text"] == "Approved."
    junk = [None, "", "[", "[]", '{"q":1}', '{"q":"a","h":[]}', "[" * 2_900, '{"q":"' + "x" * 3_000 + '"}']
    assert {carried({"private_metadata": one}) for one in junk} == {Carried()}
    assert carrying('{"s":1}', Carried("x" * 2_990, "h", "k")) == '{"s":1}', "what has no room is left out"
    assert any("Ana: 50 %" in line for line in text_of(card_in(long, Carried())["blocks"]).splitlines())
