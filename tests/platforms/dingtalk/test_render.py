"""Cards at every level: within every limit, and no action is lost."""

import json
from typing import Any, get_args
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.capability import Message
from bot.cards import Button, Card, Chart, Choice, Facts, Note, Open, Style, Text, text
from bot.degrade import Press, fit
from bot.platforms.dingtalk import buttons, render, rules, shapes
from bot.platforms.dingtalk.render import Level
from bot.platforms.dingtalk.shapes import SEND, Pressed, Robot, Template
from bot.plots import Bar, Bars
from tests.fakes import dingtalk_rules
from tests.fakes.dingtalk_store import Store
from tests.platforms.dingtalk.test_markdown import NASTY
from tests.test_cards import cards
from tests.test_degrade import crowded, meanings

LEVELS: tuple[Level, ...] = get_args(Level)
calm = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
CHART = Chart("Progress", "March", Bars((Bar("Sales", 0.5, "50 %"),)))


def none(_chart: Chart) -> str:
    """No picture was uploaded."""
    return ""


def named(_chart: Chart) -> str:
    """Every picture was."""
    return "@lAL1"


def carried(drawn: Template) -> list[Pressed]:
    """What the buttons of a card carry."""
    row = [one for one in json.loads(drawn.params["sys_full_json_obj"])["msgButtons"] if "id" in one]
    pressed = [shapes.pressed({"actionIds": [one["id"]], "params": one.get("params", {})}) for one in row]
    assert [one["id"] for one in row] == [one.token for one in pressed]
    return pressed


def sent(robots: tuple[Robot, ...]) -> list[Pressed]:
    """What the links of messages make people say."""
    urls = [url for one in robots for name, url in one.param.items() if "URL" in name and url.startswith(SEND)]
    return [said for url in urls if (said := shapes.typed(unquote(url.removeprefix(SEND)))) is not None]


def meant(pressed: list[Pressed]) -> set[Press]:
    return {Press(one.action, one.subject, one.version, one.value) for one in pressed}


@calm
@given(cards | crowded, st.sampled_from(LEVELS), st.booleans())
def test_any_card_is_taken_and_keeps_its_actions(card: Card, level: Level, uploaded: bool) -> None:
    fitted, presses = fit(card, render.capabilities(level))
    message, picture = Message(fitted), named if uploaded else none
    store, robots = Store(), render.robots(message, level, picture)
    for robot in (*robots, *render.before(message, picture)):
        rules.check_robot(robot)
        kept = Robot(robot.key, {name: said.replace("@lAL1", "https://a.test/p") for name, said in robot.param.items()})
        dingtalk_rules.message(store, kept.key, render.param(kept))
        dingtalk_rules.webhook(store, render.webhook(kept))
    if level == "card":
        for drawn in (render.template(message, picture), render.redrawn(message, picture)):
            rules.check_template(drawn)
            assert meant(carried(drawn)) == set(meanings(fitted))
    if level != "text":
        assert meant(sent(robots)) == set(meanings(fitted))
    assert {*meanings(fitted), *presses} == set(meanings(card))


def test_a_short_card_is_one_card() -> None:
    card = Card(
        "Plan of Ana",
        (Facts((("State", "waits"), ("Weight", "12.5 %"))), text("2 goals"), Note("Until Friday")),
        (Button("Return", "plan.return", 7, 3), Button("Approve", "plan.approve", 7, 3, Style.PRIMARY)),
        summary="A plan waits for you",
    )
    assert render.before(Message(card), none) == ()
    drawn = render.template(Message(card), none)
    assert drawn.title == "A plan waits for you", "what is said before it is opened has no figures"
    assert drawn.params["title"] == "Plan of Ana"
    assert drawn.params["markdown"] == "**State**: waits  \n**Weight**: 12.5 %\n\n2 goals\n\n> Until Friday"
    assert drawn.params["tips"] == ""
    labels = [(one["text"], one["color"]) for one in json.loads(drawn.params["sys_full_json_obj"])["msgButtons"]]
    assert labels == [("Approve", "blue"), ("Return", "gray")], "the main one first"
    assert render.redrawn(Message(card), none).params == {
        name: said for name, said in drawn.params.items() if name != "tips"
    }, "what a press was told stays"


def test_what_a_card_cannot_hold_is_sent_before_it_and_not_twice() -> None:
    long = [text(f"{number}: {'绩效' * 60}") for number in range(8)]
    card = Card("Review", (Facts((("State", "waits"),)), *long, text("the end")), (Button("Go", "plan.see", 1),))
    message = Message(card)
    before, drawn = render.before(message, none), render.template(message, none)
    assert [one.key for one in before] == ["sampleMarkdown"]
    said = before[0].param["text"]
    assert said.startswith("#### Review\n\n**State**: waits")
    assert drawn.params["markdown"].endswith("the end")
    assert shapes.size(drawn.params["markdown"]) > 700, "the card is as full as it may be"
    whole = f"{said}\n\n{drawn.params['markdown']}"
    assert all(whole.count(f"{number}: 绩效") == 1 for number in range(8))
    again = render.redrawn(message, none).params["markdown"]
    assert again.startswith("**State**: waits")
    assert again.endswith("…")


def test_pictures_stand_in_a_message_and_their_figures_where_there_are_none() -> None:
    message = Message(Card("Chart", (CHART, text("below")), (Button("Go", "plan.see"),)))
    (before,) = render.before(message, named)
    assert "![Progress. March. Sales: 50 %](@lAL1)" in before.param["text"], "the figures for who cannot see it"
    assert render.template(message, named).params["markdown"] == "below"
    assert render.before(message, none) == ()
    assert "**Sales**: 50 %" in render.template(message, none).params["markdown"]
    plain = render.robots(Message(fit(message.card, render.capabilities("text"))[0]), "text", named)
    assert [one.key for one in plain] == ["sampleText", "sampleImageMsg", "sampleText"]
    assert plain[2].param["content"].endswith("1. Go")


def test_a_few_options_are_buttons_and_many_are_numbers() -> None:
    can = render.capabilities("card")
    few = Choice("Level", "form.answer", (("A", "A good"), ("B", "B fair")))
    many = Choice("Person", "form.answer", tuple((str(n), f"Person {n}") for n in range(9)))
    card, presses = fit(Card("Q", (text("Why"),), (few, many)), can)
    assert card.actions == (few,)
    assert [press.value for press in presses] == [str(n) for n in range(9)]
    drawn = render.template(Message(card), none)
    assert [one.value for one in carried(drawn)] == ["A", "B"]
    assert "**Level**" in drawn.params["markdown"]
    assert "\u200b9. Person 8" in drawn.params["markdown"]


def test_addresses_are_buttons_unless_they_are_long() -> None:
    near, far = Open("Docs", "https://a.test/docs"), Open("Far", f"https://a.test/{'x' * 300}")
    message = Message(Card("Links", (text("Look"),), (near, far)))
    row = json.loads(render.template(message, none).params["sys_full_json_obj"])["msgButtons"]
    assert row == [{"text": "Docs", "url": "https://a.test/docs", "color": "gray"}]
    assert "[Far](https://a.test/xx" in render.template(message, none).params["markdown"]
    (robot,) = render.robots(message, "action", none)
    assert robot.key == "sampleActionCard"
    assert unquote(robot.param["singleURL"]).endswith("&url=https://a.test/docs")


def test_a_confirmation_is_asked_before_anything_is_done() -> None:
    button = Button("Hand in", "team.hand_in", 4, 2, confirm="Hand in all 5 scores?")
    row = json.loads(buttons.row((button,)))["msgButtons"]
    pressed = shapes.pressed({"actionIds": ["x"], "params": row[0]["params"]})
    assert (pressed.sure, pressed.said) == (False, "Hand in all 5 scores?")
    asked = render.asking(pressed, "en")
    assert asked.body == (Text(("Hand in all 5 scores?",)),)
    assert asked.actions == (Button("Yes, go on", "team.hand_in", 4, 2, Style.DANGER),)
    ((label, url),) = buttons.links((button,))
    said = shapes.typed(unquote(url.removeprefix(SEND)))
    assert label == "Hand in"
    assert said == Pressed("team.hand_in", 4, 2, sure=False, label="Hand in")
    assert render.asking(said, "en").body == (Text(("Hand in: are you sure?",)),)
    assert render.asking(Pressed("team.hand_in", sure=False), "en").body == (Text(("Are you sure?",)),)


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("Approve #plan.approve:7:3", Pressed("plan.approve", 7, 3)),
        (" 批准 #plan.approve:7:3\n", Pressed("plan.approve", 7, 3)),
        ("B #form.answer:0:0:B: fair #2", Pressed("form.answer", 0, 0, "B: fair #2")),
        ("#plan.approve:7:3", Pressed("plan.approve", 7, 3)),
        ("Approve plan.approve:7:3", None),
        ("Approve #plan.approve:7", None),
        ("Approve #plan.approve:x:3", None),
        ("see issue #12", None),
        (f"a #plan.approve:{'9' * 30}:3", None),
    ],
)
def test_what_a_link_made_somebody_send(line: str, meant: Pressed | None) -> None:
    assert shapes.typed(line) == meant


@pytest.mark.parametrize(
    "private",
    [
        {},
        {"actionIds": "plan.approve:7:3", "params": None},
        {"actionIds": ["node_1"], "params": {"a": 7}},
        {"params": {"a": "plan.approve"}},
        {"params": {"a": "plan.approve:-1:3"}},
        {"params": {"a": "plan.approve:7:3:"}},
    ],
)
def test_a_button_we_never_drew_is_none(private: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="token"):
        shapes.pressed(private)


@pytest.mark.parametrize("field", ["a", "action", "id"])
def test_whichever_field_names_the_button(field: str) -> None:
    assert shapes.pressed({"actionIds": ["node_1"], "params": {field: "plan.approve:7:3"}}).subject == 7
    assert shapes.pressed({"actionIds": ["node_1", "plan.approve:7:3"]}).version == 3


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("level", LEVELS)
def test_T44_hostile_words_reach_no_link(nasty: str, level: Level) -> None:
    """Wherever they stand: the only addresses are the buttons' own."""
    card = Card(nasty, (Facts(((nasty, nasty),)), Note(nasty)), (Button(nasty, "plan.see", 1),), summary=nasty)
    robots = render.robots(Message(fit(card, render.capabilities(level))[0]), level, none)
    for one in robots:
        rules.check_robot(one)
        assert "](" not in one.param.get("text", "").replace("\\]", "")
    assert len(sent(robots)) == (level != "text")


def test_a_message_meant_for_cards_can_still_be_said_in_lines() -> None:
    """When a card is refused there is nothing to press: each button is a line to be sent back."""
    card = Card("Plan", (text("waits"),), (Button("Approve", "plan.approve", 7, 3), Open("Docs", "https://a.test")))
    (said,) = render.robots(Message(card), "text", none)
    assert said.param["content"] == "Plan\n\nwaits\nApprove #plan.approve:7:3\nDocs: https://a.test"
    assert shapes.typed(said.param["content"].splitlines()[3]) == Pressed("plan.approve", 7, 3)
    assert render.webhook(said) == {"msgtype": "text", "text": {"content": said.param["content"]}}


def test_what_is_redrawn_in_less_room_keeps_its_numbers() -> None:
    """Only a card that asks nothing any more is cut for good: another moves to a new message."""
    options = tuple((str(number), f"Indicator {number}") for number in range(12))
    card = Card("Plan", (text("state"), *[text("说明" * 60)] * 5), (Choice("Change", "plan.change", options, 7, 1),))
    message = Message(fit(card, render.capabilities("card"))[0])
    assert not render.in_place(message)
    lines = [line.strip() for line in render.redrawn(message, none).params["markdown"].splitlines() if line.strip()]
    assert lines[0] == "state"
    assert lines[-13:] == ["…", *(f"\u200b{number + 1}. Indicator {number}" for number in range(12))]
    assert render.in_place(Message(Card("Plan", (text("state"),))))
    assert render.moved("en") == {
        "markdown": "> This goes on in a newer message below.",
        "sys_full_json_obj": '{"msgButtons":[]}',
    }


def test_a_long_question_is_shortened_before_any_label_is() -> None:
    sure = Button("Hand in all of them", "team.hand_in", 4, 2, confirm="Really? " * 30)
    for many, most in ((1, 300), (5, 60)):
        row = json.loads(buttons.row((sure,) * many))["msgButtons"]
        assert {one["text"] for one in row} == {"Hand in all of them"}
        assert all(30 < len(one["params"]["ask"]) <= most for one in row)
