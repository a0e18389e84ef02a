"""Cards as card JSON 2.0: whatever they hold, Feishu accepts them and nothing in them comes alive (T44)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.capability import Message
from bot.cards import (
    Block,
    Bold,
    Button,
    Card,
    Chart,
    Choice,
    Divider,
    Facts,
    Link,
    Mention,
    Meter,
    Note,
    Open,
    Style,
    Table,
    Text,
    Tone,
)
from bot.degrade import fit
from bot.platforms.feishu import elements, render, rules
from bot.plots import Bar, Bars
from tests.fakes import feishu_rules

Json = Mapping[str, Any]
long = st.sampled_from(["x" * 3500, "长" * 3500, "👩‍🔬" * 80, "*" * 900, "\n" * 5, " ", "\x00", "\ud800", '"' * 700])
words = st.one_of(st.text(max_size=20), st.text(max_size=20), long)
names = st.from_regex(r"[a-z]{1,8}\.[a-z]{1,8}", fullmatch=True)
ids = st.integers(0, 2**40)
urls = st.text("abc/?&=<>|()[] ", max_size=30).map("https://a.test/".__add__) | st.just("https://a.test/" + "x" * 4000)
spans = words | words.map(Bold) | st.builds(Link, words, urls) | st.builds(Mention, ids, words)
pairs = st.lists(st.tuples(words, words), max_size=12).map(tuple)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Tables up to more than Feishu takes."""
    width, height = draw(st.integers(0, 24)), draw(st.integers(0, 130))
    cell = draw(words)
    return Table(tuple(f"h{n}" for n in range(width)), tuple((cell,) * width for _ in range(height)))


charts = st.builds(
    Chart, words, words, st.lists(st.builds(Bar, words, st.none(), words), max_size=5).map(tuple).map(Bars)
)
blocks = st.one_of(
    st.lists(spans, max_size=4).map(lambda parts: Text(tuple(parts))),
    pairs.map(Facts),
    st.builds(Meter, words, st.floats(0, 1), words),
    tables(),
    charts,
    words.map(Note),
    st.just(Divider()),
)
buttons = st.builds(Button, words, names, ids, ids, st.sampled_from(Style), words)
many = st.integers(0, 300).map(lambda count: tuple((f"v{n}", f"Option {n}") for n in range(count)))
options = st.lists(st.tuples(words, words), max_size=5).map(tuple) | many
choices = st.builds(Choice, words, names, options, ids, ids, st.booleans())
actions = st.one_of(buttons, st.builds(Open, words, urls), choices)
cards = st.builds(
    Card,
    words,
    st.lists(blocks, max_size=60).map(tuple),
    st.lists(actions, max_size=30).map(tuple),
    st.sampled_from(Tone),
    words,
)
# Without shrinking, which takes minutes for cards of this size.
calm = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.generate],
)


def drawn(card: Card, key: str = "img_v3_1", locale: str = "en") -> dict[str, Any]:
    """The card as it is sent; Feishu takes it."""
    made = render.card(Message(card, locale), lambda _chart: key)
    accepted(made)
    return made


def accepted(card: Json) -> None:
    """Feishu takes it: says our own check, and the fake's, which knows nothing of ours."""
    rules.check(card)
    feishu_rules.check(card)
    assert feishu_rules.size(dict(card)) <= feishu_rules.BYTES


def things(value: object) -> Iterator[Json]:
    """Every object in a card."""
    if isinstance(value, Mapping):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from things(part)


def tagged(card: Json, *tags: str) -> list[Json]:
    """Every object with one of the tags."""
    return [thing for thing in things(card) if thing.get("tag") in tags]


@calm
@given(cards, st.sampled_from(["img_v3_1", ""]))
def test_feishu_accepts_any_card(card: Card, key: str) -> None:
    made = drawn(card, key)
    assert len(elements.dumped(made).encode()) <= 30 * 1024


@calm
@given(cards)
def test_no_action_is_lost(card: Card) -> None:
    fitted, _ = fit(card, render.CAN)
    wanted = {one.action for one in fitted.actions if isinstance(one, Button | Choice) and usable(one)}
    calls = [
        b["value"]["a"]
        for one in tagged(drawn(fitted), "button", "select_static")
        for b in one["behaviors"]
        if "value" in b
    ]
    assert set(calls) == wanted


def usable(action: Button | Choice) -> bool:
    """A choice of nothing is none."""
    return isinstance(action, Button) or any(elements.whole(value) for value, _ in action.options)


NASTY = [
    "<at id=all></at> <at ids=ou_1,ou_2></at> <at email=a@b.test></at>",
    "[HR](http://evil.test) ![x](img_v3_1) <a href='https://evil.test'></a> <link url='https://evil.test'>x</link>",
    "<font color='red'>x</font> <text_tag color='red'>x</text_tag> <number_tag>1</number_tag> <hr> <br/>",
    "<person id='ou_1'></person> <local_datetime millisecond='1'></local_datetime> <raw>x</raw>",
    "**bold** *it* __b__ _i_ ~~no~~ `code` ```JSON\n{}\n```",
    "# head\n## more\n- list\n+ list\n1. one\n2) two\n> quote\n---\n===\n    code\n\tcode",
    "| a | b |\n| --- | --- |\n| 1 | 2 |",
    "{{var}} ${url} $urlVal :DONE: :THUMBSUP: \\* &#42; &lt;at&gt; &amp;",
    "https://evil.test http://evil.test www.evil.test <https://evil.test>",
]
LIVE = re.compile(r"[<>*_~`\[\]()\\!|{}$@]|(?<!&#58;)//(?=[a-z])|:[A-Za-z]+:|^ {4}|^\s*([-+=#]|\d+[.)])", re.MULTILINE)


@pytest.mark.parametrize("nasty", NASTY)
def test_T44_nothing_that_people_write_comes_alive(nasty: str) -> None:
    body: tuple[Block, ...] = (
        Text((nasty,)),
        Text((nasty, Bold(nasty), Mention(1, nasty), Link(nasty, "https://ours.test"), Bold("x"))),
        Facts(((nasty, nasty),)),
        Meter(nasty, 0.5, nasty),
        *[Table((nasty, "b"), ((nasty, nasty),))] * 4,
        Chart(nasty, nasty, Bars((Bar(nasty, 0.1, nasty),))),
        Note(nasty),
    )
    some = (
        Button(nasty, "a.b", confirm=nasty),
        Choice(nasty, "a.c", (("v", nasty),)),
        Choice(nasty, "a.d", (("v", nasty),), quick=True),
    )
    for key in ("img_v3_1", ""):
        harmless(drawn(Card(nasty, body, some, summary=nasty), key))


def harmless(card: Json) -> None:
    """Fails on anything alive in the markdown of a card that is not our own bold, link, colour or bar."""
    assert not tagged(card, "lark_md")
    assert {column["data_type"] for table in tagged(card, "table") for column in table["columns"]} <= {"text"}
    for one in tagged(card, "markdown"):
        marks = one["content"].replace("**", "B").replace("<font color='red'>", "F").replace("</font>", "F")
        ours = re.sub(r"\[([^][]*)\]\(https://ours\.test\)", r"L\1", marks)
        assert not LIVE.search(ours), ours


WHOLE = Card(
    "Progress",
    (
        Text(("Hello ", Bold("Ana"), ", see ", Link("the plan", "https://a.test"))),
        Text(("Only *words*",)),
        Facts((("State", "Draft"), ("Weight", "20%"))),
        Meter("Revenue", 0.42, "42%"),
        Table(("Who", "Score"), (("Bob", ""),)),
        Divider(),
        Note("Updated today"),
    ),
    (
        Button("Go", "a.b", 1, 2, Style.PRIMARY, "Sure?"),
        Choice("Other", "a.c", (("x", "X"), ("y:z", "Y")), 3, 4),
        Choice("Did it help?", "a.d", (("1", "Yes"), ("2:3", "No")), 5, 6, quick=True),
        Open("Page", "https://a.test"),
    ),
    Tone.WARN,
    "Your progress",
)


def test_how_a_card_reads() -> None:
    made = drawn(WHOLE)
    assert made["config"]["summary"] == {"content": "Your progress"}
    assert made["config"]["enable_forward"] is False
    assert made["config"]["update_multi"] is True
    assert made["header"]["template"] == "orange"
    assert [(tag["text"]["content"], tag["color"]) for tag in made["header"]["text_tag_list"]] == [("Draft", "orange")]
    assert [one["content"] for one in tagged(made["body"], "markdown")] == [
        "Hello **Ana**, see [the plan](https://a.test)",
        "**State**: Draft\n**Weight**: 20%",
        "**Revenue**: ████░░░░░░  42%",
    ]
    assert [one["text"]["content"] for one in tagged(made, "div")] == ["Only *words*", "Updated today", "Did it help?"]
    assert tagged(made, "table")[0]["rows"] == [{"c0": "Bob", "c1": ""}]


def test_what_can_be_pressed_on_a_card() -> None:
    made = drawn(WHOLE)
    pressed = [
        (one["element_id"], one["text"]["content"], one["behaviors"][0].get("value")) for one in tagged(made, "button")
    ]
    assert pressed == [
        ("a1", "Go", {"a": "a.b", "v": "1:2"}),
        ("a3", "Yes", {"a": "a.d", "v": "5:6:1"}),
        ("a4", "No", {"a": "a.d", "v": "5:6:2:3"}),
        ("a5", "Page", None),
    ]
    assert tagged(made, "button")[0]["confirm"]["text"]["content"] == "Sure?"
    (listed,) = tagged(made, "select_static")
    assert listed["behaviors"] == [{"type": "callback", "value": {"a": "a.c", "v": "3:4"}}]
    assert [(one["value"], one["text"]["content"]) for one in listed["options"]] == [("x", "X"), ("y:z", "Y")]


def test_a_picture_has_its_figures_as_text_and_without_one_they_stand_there() -> None:
    card = Card("C", (Chart("Sales", "this year", Bars((Bar("North", 0.5, "50%"),))),))
    (image,) = tagged(drawn(card), "img")
    assert image["img_key"] == "img_v3_1"
    assert image["alt"]["content"] == "Sales. this year. North: 50%"
    (said,) = tagged(drawn(card, ""), "markdown")
    assert said["content"] == "**Sales** · this year\n**North**: 50%"


def test_only_three_tables_are_drawn_as_tables() -> None:
    made = drawn(Card("T", tuple(Table(("a",), ((str(n),),)) for n in range(5))))
    assert len(tagged(made, "table")) == 3
    assert [one["text"]["content"] for one in tagged(made, "div")] == ["3", "4"]


@pytest.mark.parametrize("tone", Tone)
def test_every_tone_has_a_colour(tone: Tone) -> None:
    colours = {drawn(Card("t", tone=one))["header"]["template"] for one in Tone}
    assert len(colours) == len(Tone)
    assert "text_tag_list" not in drawn(Card("t", tone=tone))["header"]


def test_a_line_without_title_has_no_header() -> None:
    assert "header" not in drawn(Card("", (Text(("Saved.",)),), summary="Saved."))


@pytest.mark.parametrize("carried", [None, "x", {}, {"a": "x"}, {"a": 1, "v": ""}, {"a": "x", "v": "", "w": ""}, []])
def test_a_press_that_was_never_drawn_is_refused(carried: object) -> None:
    assert elements.pressed(elements.value("a.b", "1:2")) == ("a.b", "1:2")
    with pytest.raises(ValueError, match="value"):
        elements.pressed(carried)


def test_many_questions_and_quick_choices_fit_into_one_card() -> None:
    asked = tuple(Button("删" * 80, "a.b", n, confirm="确定吗" * 90) for n in range(10))
    quick = tuple(Choice(f"q{n}", f"a.q{n}", tuple((f"{k}", f"{k}") for k in range(6)), quick=True) for n in range(10))
    made = drawn(Card("t", (Text(("文" * 1900,)),) * 5, asked + quick))
    assert len(tagged(made, "button")) == 10 + 3 * 6
    assert len([one for one in tagged(made, "select_static") if one["options"]]) == 7
    assert len(tagged(made, "div")) > 3


def test_two_long_lists_share_what_there_is_and_a_short_one_keeps_all() -> None:
    lists = tuple(Choice("c", f"a.l{n}", tuple((f"{k}", f"Option {k}") for k in range(n))) for n in (5, 300, 300))
    counts = [len(one["options"]) for one in tagged(drawn(Card("t", actions=lists)), "select_static")]
    assert counts[0] == 5
    assert abs(counts[1] - counts[2]) <= 1
    assert sum(counts) > 120
