"""Cards survive being stored: to JSON and back, whatever they hold."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.cards import (
    Action,
    Audience,
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
    facts,
    from_json,
    text,
    to_json,
)
from bot.plots import Bar, Bars, Column, Columns, Pair, Pairs, Plot, Range, Ranges, Stack, Stacks

said = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
urls = st.from_regex(r"https?://[a-z]{1,10}\.example/[a-z0-9]{0,20}", fullmatch=True)
shares = st.floats(0, 1)
numbers = st.integers(0, 2**40)
spans = st.one_of(
    said, st.builds(Bold, said), st.builds(Link, said, urls), st.builds(Mention, st.integers(1, 2**40), said)
)
bars = st.builds(
    Bar, label=said, done=st.none() | shares, text=said, target=st.none() | shares, tone=st.sampled_from(Tone)
)
columns = st.builds(
    Column, said, st.floats(0, 1e9), said, st.none() | st.floats(0, 1e9), said, tone=st.sampled_from(Tone)
)
ranges = st.builds(Range, said, st.none(), st.none() | shares, st.none(), said) | st.builds(
    lambda label, ends, middle, text: Range(label, min(ends), middle, max(ends), text),
    said,
    st.tuples(shares, shares),
    shares,
    said,
)
pairs = st.builds(Pair, said, st.none() | shares, st.none() | shares, said, st.none() | shares)


@st.composite
def stacks(draw: st.DrawFn) -> Stacks:
    names = draw(st.lists(said, max_size=5).map(tuple))
    parts = st.just(()) | st.tuples(*[st.floats(0, 1 / max(len(names), 1))] * len(names))
    return Stacks(draw(st.lists(st.builds(Stack, said, parts, said), max_size=4).map(tuple)), names)


plots: st.SearchStrategy[Plot] = st.one_of(
    st.builds(Bars, st.lists(bars, max_size=4).map(tuple)),
    st.builds(Columns, st.lists(columns, max_size=4).map(tuple), said),
    st.builds(Ranges, st.lists(ranges, max_size=4).map(tuple), st.tuples(said, said), said, said),
    stacks(),
    st.builds(Pairs, st.lists(pairs, max_size=4).map(tuple), said, said),
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = draw(st.integers(1, 4))
    row = st.tuples(*[said] * columns)
    return Table(draw(row), draw(st.lists(row, max_size=6).map(tuple)))


blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Text, st.lists(spans, max_size=5).map(tuple)),
    st.builds(Facts, st.lists(st.tuples(said, said), max_size=6).map(tuple)),
    st.builds(Meter, label=said, done=shares, text=said),
    tables(),
    st.builds(Chart, title=said, subtitle=said, plot=plots, more=said),
    st.builds(Note, said),
    st.builds(Divider),
)
names = st.from_regex(r"[a-z]{2,8}\.[a-z]{2,8}", fullmatch=True)
options = st.lists(st.tuples(said, said), min_size=1, max_size=8).map(tuple)
actions: st.SearchStrategy[Action] = st.one_of(
    st.builds(Button, said, names, numbers, numbers, st.sampled_from(Style), said),
    st.builds(Open, said, urls),
    st.builds(Choice, said, names, options, numbers, numbers),
)
cards = st.builds(
    Card,
    title=said,
    body=st.lists(blocks, max_size=8).map(tuple),
    actions=st.lists(actions, max_size=6).map(tuple),
    tone=st.sampled_from(Tone),
    summary=said,
    audience=st.sampled_from(Audience),
)


@given(cards)
@settings(deadline=None, max_examples=200)
def test_a_card_survives_json(card: Card) -> None:
    assert from_json(json.loads(json.dumps(to_json(card)))) == card


@given(cards)
@settings(deadline=None, max_examples=50)
def test_json_of_equal_cards_is_equal_and_cards_can_be_keys(card: Card) -> None:
    again = from_json(to_json(card))
    assert json.dumps(to_json(again)) == json.dumps(to_json(card))
    assert hash(again) == hash(card)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "card",
        {"title": 1},
        {"title": "x", "body": [{"kind": "script", "text": "x"}]},
        {"title": "x", "body": [{"kind": "meter", "label": "x", "done": 2, "text": "x"}]},
        {"title": "x", "body": [{"kind": "table", "header": ["a"], "rows": [["a", "b"]]}]},
        {"title": "x", "actions": [{"kind": "open", "label": "x", "url": "javascript:alert(1)"}]},
        {"title": "x", "body": [{"kind": "text", "spans": [{"kind": "link", "label": "x", "url": "dtmd://x"}]}]},
        {"title": "x", "tone": "loud"},
        {"title": "x", "body": [{"kind": "chart", "title": "", "subtitle": "", "plot": {"kind": "pie", "rows": []}}]},
    ],
)
def test_what_is_no_card_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        from_json(value)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "dtmd://x", "ftp://x", "", "//x", " https://x"])
def test_links_lead_only_to_the_web(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        Link("x", url)
    with pytest.raises(ValueError, match="http"):
        Open("x", url)


def test_a_meter_stays_within_its_track_and_rows_are_as_long_as_the_header() -> None:
    for done in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="between"):
            Meter("x", done, "x")
    with pytest.raises(ValueError, match="header"):
        Table(("a", "b"), (("1",),))


def test_short_forms_and_charts_of_a_card() -> None:
    chart = Chart("t", "s", Bars((Bar("a", None, "-"),)))
    card = Card("t", (text("a", Bold("b")), chart, facts([("x", "1"), ("y", "")])))
    assert card.charts() == (chart,)
    assert card.body[0] == Text(("a", Bold("b")))
    assert card.body[2] == Facts((("x", "1"),))
