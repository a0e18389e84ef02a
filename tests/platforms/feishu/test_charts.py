"""Charts that clients draw: which of ours can be, the figures they are drawn from, and pictures for the rest."""

from typing import Any

import pytest

from bot.capability import Later, Message
from bot.cards import Card, Chart
from bot.platforms.feishu import charts, render, rules
from bot.plots import Bar, Bars, Column, Columns, Pair, Pairs, Plot, Range, Ranges, Stack, Stacks, Tone
from tests.fakes import feishu_rules
from tests.fakes.feishu import Fault
from tests.platforms.feishu.stage import ANA, Stage

Json = dict[str, Any]
SEND, PATCH, UPLOAD = "POST /im/v1/messages", "PATCH /im/v1/messages/{id}", "POST /im/v1/images"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
ROWS = (Bar("Sales", 0.75, "90 points", 0.5, Tone.GOOD), Bar("Errors", None, "no value", None))
BARS = Bars(ROWS, 120)
PAIRS = Pairs((Pair("Sales", 0.5, 0.25, "60 / 30", 0.5),), "This time", "Last time", 120)
COLUMNS = Columns((Column("A", 0.2, "3 · 20%", 0.1, "10%"), Column("B", 0.8, "12 · 80%", 0.9, "90%")), "guidance", 100)
STACKS = Stacks((Stack("All", (0.25, 0.75), "4"), Stack("East", (1.0, 0.0), "2")), ("Done", "Late"))
NATIVE: dict[str, Plot] = {
    "bars": BARS,
    "pairs": PAIRS,
    "columns": COLUMNS,
    "stacks": STACKS,
    "counts": Columns((Column("0", 7, "7"),)),
}
PICTURES: dict[str, Plot] = {
    "no unit of their own": Bars(ROWS),
    "marks of their own": Bars((Bar("a", 0.1, "1", 0.2), Bar("b", 0.1, "1", 0.3)), 10),
    "a name twice": Bars((Bar("a", 0.1, "1", 0.2), Bar("a", 0.2, "2", 0.2)), 10),
    "no name": Bars((Bar(" ", 0.1, "1", 0.2),), 10),
    "too many": Bars(tuple(Bar(f"{n}", 0.1, "1", 0.2) for n in range(13)), 10),
    "nothing": Bars((), 10),
    "nothing known": Bars((Bar("a", None, "–"),), 10),
    "one column that matters": Columns((Column("A", 1, "1", tone=Tone.INFO),)),
    "two sides of one name": Pairs((Pair("a", 0.1, 0.2, "1"),), "Ana", "Ana", 10),
    "a group that is not shown": Stacks((Stack("All", (), "3"),), ("Done",)),
    "ranges": Ranges((Range("a", 0.1, 0.2, 0.3, "1"),)),
}


def shown(plot: Plot, key: str = "") -> Json:
    """The card with this chart, as it is sent; Feishu takes it."""
    made = render.card(Message(Card("C", (Chart("Points", "of all", plot),))), lambda _chart: key)
    rules.check(made)
    feishu_rules.check(made, feishu_rules.Known(images={"img_1"}))
    return made


def spec(plot: Plot) -> Json:
    """What the client draws from."""
    found: Json = shown(plot)["body"]["elements"][0]["columns"][0]["elements"][1]["chart_spec"]
    return found


@pytest.mark.parametrize("name", NATIVE)
def test_a_client_draws_it_and_the_figures_stand_below(name: str) -> None:
    plot = NATIVE[name]
    head, drawn, panel = shown(plot)["body"]["elements"][0]["columns"][0]["elements"]
    assert head["content"].startswith("**Points** · of all")
    assert drawn["tag"] == "chart"
    assert panel["expanded"] is False
    said = panel["elements"][0]["content"]
    assert all(label in said for label, _text in plot.pairs())
    assert shown(plot, "img_1")["body"]["elements"][0]["tag"] == "img"


@pytest.mark.parametrize("name", PICTURES)
def test_what_only_a_picture_shows_is_one(name: str) -> None:
    assert not charts.native(Chart("Points", "of all", PICTURES[name]))
    assert "chart" not in str([one["tag"] for one in shown(PICTURES[name])["body"]["elements"]])


def test_figures_are_in_their_unit_and_tones_are_signs_as_well() -> None:
    bars = spec(BARS)
    assert bars["data"]["values"] == [
        {"name": "✓ Sales", "value": 90.0, "text": "90 points", "tone": "good"},
        {"name": "Errors", "value": 0.0, "text": "no value", "tone": "neutral"},
    ]
    assert bars["markLine"][0]["x"] == 60.0
    assert bars["axes"][0]["range"] == {"min": 0, "max": 120}
    pairs = [(one["of"], one["value"]) for one in spec(PAIRS)["data"]["values"]]
    assert pairs == [("This time", 60.0), ("Last time", 30.0)]
    columns = [tuple(one.values()) for one in spec(COLUMNS)["data"]["values"]]
    assert columns[:2] == [("A", 20.0, "3 · 20%", "Points"), ("A", 10.0, "10%", "guidance")]
    assert spec(NATIVE["counts"])["data"]["values"] == [{"name": "0", "value": 7.0, "text": "7", "of": "Points"}]
    stacks = spec(STACKS)
    assert stacks["stack"] is True
    parts = [(one["name"], one["value"]) for one in stacks["data"]["values"]]
    assert parts == [("All · 4", 25.0), ("All · 4", 75.0), ("East · 2", 100.0), ("East · 2", 0.0)]
    missing = Pairs((Pair("Sales", 0.5, None, "60 / –", 0.5),), "This time", "Last time", 120)
    assert [one["text"] for one in spec(missing)["data"]["values"]] == ["60", "–"]


def test_six_charts_are_more_than_a_card_takes() -> None:
    body = tuple(Chart(f"Chart {number}", "", BARS) for number in range(6))
    made = render.card(Message(Card("C", body)), lambda _chart: "")
    feishu_rules.check(made)
    assert [one["tag"] for one in made["body"]["elements"]] == ["column_set"] * 5 + ["markdown"]


async def test_no_picture_is_made_or_uploaded_and_a_refusal_brings_them_back(stage: Stage) -> None:
    """Feishu says once that it does not take this kind: from then on it is drawn as a picture, other kinds are not."""
    message = Message(Card("C", (Chart("Points", "", BARS),)), key="delivery:1")
    ref = await stage.platform.deliver(ANA, message)
    assert stage.fake.called(UPLOAD) == []
    assert "90 points" in stage.text(stage.mine()[0])
    chart = message.card.charts()[0]
    assert stage.platform.can.draws(chart)
    stage.fake.fail(PATCH, Fault(code=230099, msg="Failed to create card content, ext=ErrCode: 200550; ErrMsg: chart"))
    with pytest.raises(Later):
        await stage.platform.update(ANA, ref, message)
    assert not stage.platform.can.draws(chart)
    assert stage.platform.can.draws(Chart("Points", "", STACKS))
    await stage.platform.update(ANA, ref, Message(message.card, pictures={chart: PNG}))
    assert len(stage.fake.called(UPLOAD)) == 1
    assert stage.mine()[0].content["body"]["elements"][0]["tag"] == "img"
