"""What people do becomes events: lines, mentions, the menu, entering, files, presses, forms; and who is not heard."""

import json
from dataclasses import replace

import pytest

from bot.capability import Answer, Message, Profile
from bot.cards import Button, Card, Choice, text
from bot.events import Attached, Click, Command, Opened, Said
from tests.fakes.feishu_store import BOT, BOT_NAME, Json
from tests.platforms.feishu.stage import ANA, BOB, CARD, GROUP, Stage

PRESS = "card.action.trigger"


async def test_a_line_in_private(stage: Stage) -> None:
    await stage.fake.say(ANA.user, "　绩效　目标 ")
    said = stage.app.last(Said)
    assert (said.who, said.text, said.mentions) == (ANA, "绩效　目标", {})
    assert (said.where.channel, said.where.private, said.where.inline) == (
        stage.fake.people[ANA.user].chat,
        True,
        False,
    )
    assert said.key == stage.fake.store.posts[-1].id


async def test_one_message_has_one_key_however_often_it_comes(stage: Stage) -> None:
    await stage.fake.say(ANA.user, "perf", again=3)
    keys = {event.key for event in stage.app.events}
    assert (len(stage.app.events), len(keys)) == (4, 1)


async def test_in_a_group_only_who_names_the_bot_is_heard(stage: Stage) -> None:
    stage.fake.scopes.add("im:message.group_msg")
    await stage.fake.say(ANA.user, "perf goals", chat=GROUP, bot=False)
    await stage.fake.say(ANA.user, "@Bob Reed perf", chat=GROUP, bot=False, mentions={"Bob Reed": BOB.user})
    assert stage.app.events == []
    await stage.fake.say(ANA.user, "perf goals @Bob Reed", chat=GROUP, mentions={"Bob Reed": BOB.user})
    said = stage.app.last(Said)
    assert (said.text, said.where.private, said.where.channel) == ("perf goals @Bob_Reed", False, GROUP)
    assert said.mentions == {"@Bob_Reed": BOB.user}


async def test_two_people_of_one_name_are_told_apart(stage: Stage) -> None:
    event, _ = stage.fake.spoken(ANA.user, "x")
    names = [(1, "Bob", BOB.user), (2, "Bob", ANA.user), (3, "", BOB.user)]
    event["message"]["content"] = json.dumps({"text": "perf compare @_user_1 @_user_2 @_user_3 @_all @_user_9"})
    event["message"]["mentions"] = [{"key": f"@_user_{n}", "id": {"open_id": u}, "name": name} for n, name, u in names]
    await stage.fake.send_event("im.message.receive_v1", event)
    said = stage.app.last(Said)
    assert said.text == f"perf compare @Bob @{ANA.user} @{BOB.user}"
    assert said.mentions == {"@Bob": BOB.user, f"@{ANA.user}": ANA.user, f"@{BOB.user}": BOB.user}


@pytest.mark.parametrize("sender", [{"sender_type": "bot"}, {"sender_type": "app"}, {"tenant_key": "another"}])
async def test_bots_and_people_of_other_companies_are_not_heard(stage: Stage, sender: Json) -> None:
    event, _ = stage.fake.spoken(ANA.user, "perf")
    event["sender"] |= sender
    assert (await stage.fake.send_event("im.message.receive_v1", event)).status == 200
    assert stage.app.events == []


async def test_rich_text_is_read_as_its_lines(stage: Stage) -> None:
    event, _ = stage.fake.spoken(ANA.user, "x")
    lines = [
        [{"tag": "at", "user_id": "@_user_1"}, {"tag": "text", "text": " perf "}],
        [{"tag": "a", "text": "goals", "href": "https://x.test"}, {"tag": "img", "image_key": "img_1"}, 5],
    ]
    event["message"] |= {"message_type": "post", "content": json.dumps({"title": "Hello", "content": lines})}
    event["message"]["mentions"] = [{"key": "@_user_1", "id": {"open_id": BOT}, "name": BOT_NAME}]
    await stage.fake.send_event("im.message.receive_v1", event)
    attached = stage.app.last(Attached)
    assert attached.text == "Hello\n perf \ngoals"
    assert [file.name for file in attached.files] == ["image"]


@pytest.mark.parametrize("content", ["", "[]", "{", "5", '{"text":5}'])
async def test_strange_contents_are_empty_or_refused(webhook: Stage, content: str) -> None:
    event, _ = webhook.fake.spoken(ANA.user, "x")
    event["message"]["content"] = content
    status = (await webhook.fake.send_event("im.message.receive_v1", event)).status
    assert status in (200, 400)
    assert [event.text for event in webhook.app.events if isinstance(event, Said)] == ([""] if status == 200 else [])


@pytest.mark.parametrize(
    ("pressed", "words"),
    [("perf", ""), ("perf.goals", "goals"), ("perf.help.rules", "help rules"), ("my_tasks", "tasks")],
)
async def test_the_menu_is_a_command(stage: Stage, pressed: str, words: str) -> None:
    await stage.fake.menu(ANA.user, pressed)
    command = stage.app.last(Command)
    assert (command.who, command.text, command.where.private, command.where.channel) == (ANA, words, True, "")
    await stage.fake.menu(ANA.user, pressed)
    assert len({event.key for event in stage.app.events}) == 1
    stage.clock.forward(seconds=2)
    await stage.fake.menu(ANA.user, pressed)
    assert len({event.key for event in stage.app.events}) == 2


async def test_a_menu_of_somebody_else_is_left(stage: Stage) -> None:
    assert (await stage.fake.menu(ANA.user, "rm -rf")).status == 200
    assert stage.app.events == []


async def test_who_enters_for_the_first_time_is_greeted_once(stage: Stage) -> None:
    await stage.fake.enter(ANA.user)
    opened = stage.app.last(Opened)
    assert (opened.who, opened.surface, opened.where.private) == (ANA, "conversation", True)
    await stage.platform.deliver(ANA, Message(CARD))
    await stage.fake.enter(ANA.user)
    assert len(stage.app.events) == 1


async def test_a_press_carries_action_subject_and_version(stage: Stage) -> None:
    ref = await stage.platform.deliver(ANA, Message(CARD, key="k"))
    stage.app.answer = Answer(toast="Approved")
    clicked = await stage.fake.click(ANA.user, ref.message, "Approve")
    click = stage.app.last(Click)
    assert (click.action, click.subject, click.version, click.value) == ("goal.approve", 7, 3, "")
    assert (click.where.message, click.where.channel, click.where.private) == (ref.message, ref.channel, True)
    assert (clicked.toast, clicked.kind) == ("Approved", "info")
    stage.app.answer = Answer(errors={"": "No"})
    assert (await stage.fake.click(ANA.user, ref.message, "Approve")).kind == "error"


async def test_a_choice_carries_its_value(stage: Stage) -> None:
    options = tuple((f"v:{n}", f"Choice {n}") for n in range(9))
    ref = await stage.platform.deliver(ANA, Message(Card("C", (), (Choice("Pick", "goal.pick", options, 7, 3),))))
    await stage.fake.click(ANA.user, ref.message, "Choice 4")
    assert stage.app.last(Click).value == "v:4"


@pytest.mark.parametrize(
    "value",
    [
        "text",
        5,
        {},
        {"a": "goal.approve"},
        {"a": "goal.approve", "v": 5},
        {"a": "goal.approve", "v": "7"},
        {"a": "rm -rf /", "v": "7:3"},
        {"a": "goal.approve", "v": "7:3", "role": "hr"},
        {"a": "goal.approve", "v": "９:３"},
        {"a": "goal.approve", "v": "9" * 40 + ":1"},
    ],
)
async def test_T29_forged_button_values_do_nothing(stage: Stage, value: object) -> None:
    await stage.platform.deliver(ANA, Message(CARD))
    clicked = await stage.fake.call_back(ANA.user, stage.mine()[0], {"value": value, "tag": "button"})
    assert (clicked.code, clicked.kind, stage.app.events) == (0, "error", [])


async def test_profiles_have_the_company_s_address_and_the_client_s_language(stage: Stage) -> None:
    assert await stage.platform.profile(ANA) == Profile("Ana Lima", "ana@acme.test", vouched=True)
    await stage.fake.say(ANA.user, "perf")
    known = await stage.platform.profile(ANA)
    assert known is not None
    assert known.locale == "en_US"
    stage.fake.scopes.discard("contact:user.email:readonly")
    hidden = await stage.platform.profile(ANA)
    assert hidden is not None
    assert (hidden.email, hidden.vouched) == ("", False)
    assert await stage.platform.profile(replace(ANA, user="ou_nobody")) is None


async def test_nothing_is_pressed_where_nothing_was_drawn(stage: Stage) -> None:
    link = Card("L", (text("x"),), (Button("Press", "goal.approve", 7, 3),))
    await stage.platform.deliver(ANA, Message(link))
    clicked = await stage.fake.call_back(ANA.user, stage.mine()[0], {"tag": "input", "input_value": "x"})
    assert (clicked.code, stage.app.events) == (0, [])


async def test_an_own_fault_is_told_and_not_hidden(stage: Stage) -> None:
    ref = await stage.platform.deliver(ANA, Message(CARD, locale="en"))
    stage.app.fails = RuntimeError("x")
    clicked = await stage.fake.click(ANA.user, ref.message, "Approve")
    assert (clicked.code, clicked.kind, clicked.toast) == (0, "error", "This did not work. Please try again.")


async def test_who_only_the_developers_id_tells_is_asked_for_once(stage: Stage) -> None:
    """An account's own id was seen empty in events; somebody who is nobody here is not taken for anybody."""
    read = "GET /contact/v3/users/{id}"
    for union in ("on_ana", "on_ana", "on_nobody"):
        event, _ = stage.fake.spoken(ANA.user, "perf")
        event["sender"]["sender_id"] = {"union_id": union, "open_id": ""}
        status = (await stage.fake.send_event("im.message.receive_v1", event)).status
        assert status == 200 or union == "on_nobody"
    assert [event.who for event in stage.app.events] == [ANA, ANA]
    assert len(stage.fake.called(read)) == 2
    ref = await stage.platform.deliver(ANA, Message(CARD))
    posted, value = stage.mine()[0], {"a": "goal.approve", "v": "7:3"}
    assert ref.message == posted.id
    for union, kind in (("on_bob", ""), ("on_nobody", "error")):
        operator = {"union_id": union, "tenant_key": ANA.tenant}
        action = {"value": value, "tag": "button"}
        clicked = await stage.fake.call_back(ANA.user, posted, action, operator=operator)
        assert (clicked.code, clicked.kind) == (0, kind)
    assert [event.who for event in stage.app.events[2:]] == [BOB]
