"""Cards and forms as blocks: whatever they hold, Slack accepts them and nothing in them comes alive (T43)."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.capability import Capabilities
from bot.cards import (
    Action,
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
from bot.events import Where
from bot.forms import Field, Kind, Sheet
from bot.platforms.slack import Slack, limits, menus, render, views
from bot.platforms.slack import actions as drawing
from bot.platforms.slack.charts import native
from bot.plots import Bar, Bars, Column, Columns, Stack, Stacks
from bot.text import Moment
from tests.fakes.slack_rules import check_message, check_view
from tests.fakes.slack_screen import pressables, text_of

long = st.sampled_from(["x" * 3500, "长" * 3500, "👩‍🔬" * 80, "👩" * 1700, "\n" * 5, " "])
words = st.one_of(st.text(max_size=20), st.text(max_size=20), long)
names = st.from_regex(r"[a-z]{1,8}\.[a-z]{1,8}", fullmatch=True)
ids = st.integers(0, 2**40)
urls = st.text("abc/?&=<>|", max_size=30).map("https://a.test/".__add__) | st.just("https://a.test/" + "x" * 4000)
moments = st.datetimes(timezones=st.just(UTC)).map(lambda at: Moment("some day", at))
spans = words | moments | words.map(Bold) | st.builds(Link, words, urls) | st.builds(Mention, ids, words)
pairs = st.lists(st.tuples(words, words | moments), max_size=12).map(tuple)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Tables up to more than Slack takes."""
    width, height = draw(st.integers(1, 24)), draw(st.integers(0, 130))
    cell = draw(words)
    return Table(tuple(f"h{n}" for n in range(width)), tuple((cell,) * width for _ in range(height)))


bars = st.builds(Bar, words, st.none() | st.floats(0, 1), words)
names_of_bars = st.lists(st.from_regex(r"[a-z]{1,12}", fullmatch=True), max_size=8, unique=True)
columns = names_of_bars.map(lambda names: Columns(tuple(Column(name, 2.5, "2.5") for name in names), "expected", 10.0))
parts = st.lists(st.floats(0, 0.2), min_size=1, max_size=5).map(tuple)
stacks = parts.map(lambda given: Stacks((Stack("all", given, ""),), tuple(f"part {n}" for n in range(len(given)))))
plots = st.lists(bars, max_size=5).map(tuple).map(Bars) | columns | stacks
charts = st.builds(Chart, words, words, plots)
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
long_options = st.integers(0, 300).map(lambda count: tuple((f"v{n}", f"Option {n}") for n in range(count)))
choices = st.builds(Choice, words, names, st.lists(st.tuples(words, words), max_size=5).map(tuple) | long_options, ids)
actions = st.one_of(buttons, st.builds(Open, words, urls), choices)
cards = st.builds(
    Card,
    words,
    st.lists(blocks, max_size=60).map(tuple),
    st.lists(actions, max_size=30).map(tuple),
    st.sampled_from(Tone),
    words,
)
fields = st.builds(
    Field,
    st.from_regex(r"[a-z_]{1,12}", fullmatch=True),
    words,
    st.sampled_from(Kind),
    words,
    st.booleans(),
    words | st.sampled_from(["2026-03-01", "@U123", "v1"]) | st.lists(words, max_size=2).map(tuple),
    st.lists(st.tuples(words, words), max_size=5).map(tuple) | long_options,
)
sheets = st.builds(Sheet, names, words, words, st.lists(fields, max_size=12).map(tuple), ids, ids)
# Without shrinking, which takes minutes for cards of this size.
calm = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.generate],
)


@calm
@given(cards, st.booleans())
def test_any_card_is_a_message_and_a_home_that_slack_accepts(card: Card, uploaded: bool) -> None:
    files = dict.fromkeys(card.charts(), "F1") if uploaded else {}
    message, home = render.message(card, files, native), render.home(card, files)
    check_message(message["blocks"])
    assert 0 < len(message["text"]) < 20_000
    check_view(home)
    assert len(json.dumps(home)) <= 250_000


@calm
@given(cards)
def test_no_action_is_lost(card: Card) -> None:
    fitted, _ = fit(card, Slack.can)
    drawn = [name for element in elements(render.message(fitted)["blocks"]) for name in named(element)]
    kept, more = menus.split(fitted.actions)
    usable = [action for action in (*kept, *more) if not isinstance(action, Open) and not unusable(action)]
    assert [name for name in drawn if name != drawing.OPEN] == [action.action for action in usable]


def named(element: dict[str, Any]) -> list[str]:
    """What a press on an element asks for."""
    if element["type"] == "overflow":
        return [option["value"].partition("@")[0] for option in element["options"]]
    return [element["action_id"].partition("#")[0]]


def unusable(action: Button | Choice) -> bool:
    """A list without an option that Slack could carry."""
    if isinstance(action, Button):
        return False
    carried = [f"{action.subject}:{action.version}:{value}" for value, _ in action.options]
    return not any(limits.size(value) <= limits.OPTION_VALUE for value in carried)


def elements(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The elements of the actions block."""
    return [element for block in drawn if block["type"] == "actions" for element in block["elements"]]


@calm
@given(sheets)
def test_any_sheet_is_a_modal_that_slack_accepts(sheet: Sheet) -> None:
    view = views.modal(sheet, Where("D0001", message="1.1"))
    check_view(view)
    assert len(json.dumps(view)) <= 250_000
    assert views.origin(view["private_metadata"]) == (sheet.subject, sheet.version, Where("D0001", message="1.1"))


def test_ten_thousand_options_are_cut_to_what_a_view_may_weigh() -> None:
    many = tuple((f"{n}", "选" * 75) for n in range(10_000))
    sheet = Sheet("a.b", "t", "s", (Field("one", "One", Kind.CHOICE, options=many),))
    view = views.modal(sheet, Where())
    check_view(view)
    assert 100_000 < len(json.dumps(view)) <= 250_000


NASTY = [
    "<!channel> <!here> <!everyone>",
    "<!subteam^S1>",
    "<@U1> @bob",
    "<https://evil.test|HR portal>",
    "&lt;!channel&gt; &amp;",
    "```code``` *bold* _it_ ~no~ `x`",
    "https://evil.test evil.test mailto:a@b.test",
    ":rotating_light: :x:",
    "<!date^1^{date}|x>",
    "#general <#C1|general>",
]


@pytest.mark.parametrize("nasty", NASTY)
def test_T43_nothing_that_people_write_comes_alive(nasty: str) -> None:
    body = (
        Text((nasty, Bold(nasty), Mention(1, nasty), Link(nasty, "https://ours.test"))),
        Facts(((nasty, nasty),)),
        Meter(nasty, 0.5, nasty),
        Table((nasty, "b"), ((nasty, nasty),)),
        Table((nasty, "b"), ((nasty, nasty),)),
        Chart(nasty, nasty, Bars((Bar(nasty, 0.1, nasty),))),
        Note(nasty),
    )
    more = [Button(nasty, "a.d", n) for n in range(6)]
    some: list[Action] = [Button(nasty, "a.b", confirm=nasty), Choice(nasty, "a.c", (("v", nasty),)), *more]
    card = Card(nasty, body, tuple(some), summary=nasty)
    kinds = tuple(Field(kind.value, nasty, kind, nasty, value=nasty, options=(("v", nasty),)) for kind in Kind)
    for payload in (
        render.message(card, draws=native),
        render.home(card),
        render.line(nasty),
        views.modal(Sheet("a.b", nasty, nasty, kinds), Where()),
        views.notice(nasty, nasty),
    ):
        harmless(payload)


def harmless(payload: Mapping[str, Any]) -> None:
    """Fails on a live mention, emoji, formatting or link that is not ours anywhere in an outgoing payload."""
    for thing in things(payload):
        assert thing.get("type") not in ("mrkdwn", "user", "usergroup", "broadcast", "channel", "emoji", "markdown")
        if thing.get("type") == "plain_text":
            assert thing["emoji"] is False
        if thing.get("type") == "link":
            assert thing["url"] == "https://ours.test"
        assert set(thing.get("style") or ()) <= {"bold"} or isinstance(thing["style"], str)
    text = payload.get("text", "")
    assert "<" not in text
    assert ">" not in text
    assert "&" not in text.replace("&lt;", "").replace("&gt;", "").replace("&amp;", "")


def things(value: object) -> Iterator[Mapping[str, Any]]:
    """Every object in a payload."""
    if isinstance(value, Mapping):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from things(part)


def test_how_a_card_reads() -> None:
    card = Card(
        "Progress",
        (
            Text(("Hello ", Bold("Ana"), ", see ", Link("the plan", "https://a.test"))),
            Facts((("Weight", "20%"), ("Due", "31 Mar"))),
            Meter("Revenue", 0.42, "42%"),
            Table(("Who", "Score"), (("Bob", ""),)),
            Note("Updated today"),
        ),
        (Button("Same", "a.b", 1, 2), Button("Same", "a.b", 1, 3)),
        Tone.GOOD,
    )
    drawn = render.message(card)["blocks"]
    assert text_of(drawn).splitlines() == [
        "✓ Progress",
        "Hello Ana, see the plan",
        "Weight: 20%",
        "Due: 31 Mar",
        "Revenue  ████░░░░░░  42%",
        "Who | Score",
        "Bob | –",
        "Updated today",
        "Same",
        "Same",
    ]
    assert [(e["action_id"], e["value"]) for e in elements(drawn)] == [("a.b", "1:2"), ("a.b#2", "1:3")]
    assert len(list(pressables(drawn))) == 2


@pytest.mark.parametrize(
    ("title", "cut"),
    [
        ("Short", "Short"),
        ("Exactly twenty-four char", "Exactly twenty-four char"),
        ("New goal for the first half", "New goal for the first…"),
        ("Unbreakable" * 4, "UnbreakableUnbreakableU…"),
        ("目标" * 20, "目标" * 11 + "目…"),
        (" ", "–"),
    ],
)
def test_titles_are_cut_between_words(title: str, cut: str) -> None:
    assert views.title_of(title)["text"] == cut


def test_capabilities_are_what_the_renderer_can() -> None:
    assert Slack.can == Capabilities(buttons=25, blocks=50, text=3000, rows=99, draws=native, page=True)
