"""Slack's own parts: fields for numbers and files, menus, dates in the reader's zone, charts where Slack draws them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.capability import Answer, Later, Message
from bot.cards import Action, Bold, Button, Card, Chart, Choice, Open, Style, facts, text
from bot.events import Where
from bot.forms import Field, Kind, Sheet
from bot.platforms.slack import menus, render, views
from bot.platforms.slack.charts import drawn, native
from bot.plots import Bar, Bars, Column, Columns, Pair, Pairs, Plot, Range, Ranges, Stack, Stacks, Tone
from bot.text import texts
from tests.fakes.slack_rules import Wrong, check_message, check_view
from tests.platforms.slack.stage import ANA, NOW, Stage

# Numbers, files, values


def shown(*fields: Field) -> dict[str, Mapping[str, Any]]:
    """The input blocks of a form with these fields, by name."""
    view = views.modal(Sheet("a.b", "t", "s", fields), Where(), texts("ja"))
    check_view(view)
    return {block["block_id"]: block for block in view["blocks"]}


def test_values_that_do_not_fit_their_field_are_left_out() -> None:
    made = shown(
        Field("day", "Day", Kind.DATE, value="2026-02-30"),
        Field("who", "Who", Kind.PERSON, value="@u1 <script>"),
        Field("one", "One", Kind.CHOICE, value="gone", options=(("a", "A"),)),
        Field("some", "Some", Kind.CHOICES, value=("a", "gone"), options=(("a", "A"), ("b", "B"))),
        Field("none", "None", Kind.CHOICE),
    )
    elements = {name: block["element"] for name, block in made.items()}
    assert "initial_date" not in elements["day"]
    assert "initial_user" not in elements["who"]
    assert "initial_option" not in elements["one"]
    assert [option["value"] for option in elements["some"]["initial_options"]] == ["a"]
    assert elements["none"]["type"] == "plain_text_input"


@pytest.mark.parametrize(
    ("value", "kind", "stands"),
    [
        ("", "number_input", None),
        ("12.5", "number_input", "12.5"),
        ("-3", "number_input", "-3"),
        ("１２", "plain_text_input", "１２"),
        ("1,5", "plain_text_input", "1,5"),
        ("95 %", "plain_text_input", "95 %"),
        ("9" * 40, "plain_text_input", "9" * 40),
    ],
)
def test_a_number_has_slacks_own_field_unless_something_else_stands_there(
    value: str, kind: str, stands: str | None
) -> None:
    element = shown(Field("n", "Number", Kind.NUMBER, value=value))["n"]["element"]
    assert (element["type"], element.get("initial_value")) == (kind, stands)
    assert element["focus_on_load"] is True


def test_a_file_field_says_what_slack_takes() -> None:
    made = shown(Field("f", "File", Kind.ATTACHMENT, hint="20 MB"), Field("n", "Note", Kind.LONG, hint="x"))
    assert made["f"]["hint"]["text"] == f"20 MB {texts('ja')(views.TAKES)}"
    assert made["n"]["hint"]["text"] == "x"


# Menus


def named(count: int, start: int = 0) -> list[Button]:
    """Plain buttons."""
    return [Button(f"B{n}", f"thing.verb_{'abcdefghijkl'[n]}", n, 2) for n in range(start, start + count)]


def test_what_matters_never_goes_into_the_menu() -> None:
    first: list[Action] = [Choice("Pick", "a.pick", (("1", "One"),)), *named(4)]
    loud: list[Action] = [
        Button("Send", "a.send", style=Style.PRIMARY),
        Button("Drop", "a.drop", style=Style.DANGER),
        Button("Stop", "a.stop", confirm="Sure?"),
        Open("Page", "https://a.test"),
        Choice("More", "a.more", (("1", "One"),)),
        Button("Far", f"a.{'far' * 12}", 2**62, 2**62),
        Button("L" * 80, "a.long"),
    ]
    assert menus.split([*first, *loud, *named(1, 5)])[1] == [], "one alone stays what it is"
    assert menus.split(named(6))[1] == []
    kept, more = menus.split([*first, *loud, *named(7, 4)])
    assert more == named(7, 4)[-5:]
    assert kept == [*first, *loud, *named(2, 4)]


async def test_a_press_in_the_menu_is_the_button(stage: Stage) -> None:
    stage.app.answer = Answer(toast="Done")
    card = Card("Many", (text("x"),), tuple(named(8)))
    await stage.platform.deliver(ANA, Message(card))
    seen = stage.driver.messages("U0001")[-1]
    assert list(seen.buttons) == [f"B{n}" for n in range(8)]
    elements = stage.driver.fake.store.posts[-1].now["blocks"][-1]["elements"]
    assert [one["type"] for one in elements] == ["button"] * 5 + ["overflow"]
    await stage.driver.press("U0001", seen, "B6")
    click = stage.app.clicked()
    assert (click.action, click.subject, click.version, click.value) == ("thing.verb_g", 6, 2, "")
    assert stage.refused == []


@pytest.mark.parametrize("value", [None, "", "x", "thing.verb", "thing.verb@1", "thing.verb@1:2:3", "T@1:2", "a.b@²:1"])
async def test_a_menu_that_carries_something_else_is_told(http: Stage, value: str | None) -> None:
    await http.platform.deliver(ANA, Message(Card("Many", (), tuple(named(8)))))
    seen, block = http.driver.messages("U0001")[-1], http.driver.fake.store.posts[-1].now["blocks"][-1]
    for option in block["elements"][-1]["options"]:
        option["value"] = value
    said = await http.driver.press("U0001", seen, "B6")
    assert "could not read this button" in said.toast
    assert not http.app.events


# Dates


def test_an_instant_that_stands_alone_is_slacks_own_date() -> None:
    t = texts("en", "Asia/Tokyo")
    at, early = datetime(2026, 3, 2, 9, 0, tzinfo=UTC), datetime(1960, 1, 1, tzinfo=UTC)
    due = t.datetime(at)
    body = (facts([("Due", due), ("When", t("by {when}", when=due)), ("Born", t.datetime(early)), ("End", due)]),)
    told = text(*t.rich("{who} returned it on {when}:", who=Bold("Ana"), when=due))
    blocks = render.message(Card("Dates", (*body, text("Closed ", Bold(due), f" · {due}"), told)))["blocks"]
    check_message(blocks)
    lines = [element for block in blocks[1:] for element in block["elements"][0]["elements"]]
    dates = [element for element in lines if element["type"] == "date"]
    assert [one["timestamp"] for one in dates] == [int(at.timestamp())] * 3
    assert dates[0] == {
        "type": "date",
        "timestamp": 1772442000,
        "format": "{date_short} {time}",
        "fallback": "2 Mar 2026, 18:00",
    }
    assert dates[2]["style"] == {"bold": True}
    words = [element["text"] for element in lines if element["type"] == "text"]
    assert words == [
        "Due: ", "\n", "When: ", "by 2 Mar 2026, 18:00\n", "Born: ", "1 Jan 1960, 09:00", "\n", "End: ",
        "Closed ", " · 2 Mar 2026, 18:00", "Ana", " returned it on ", "2 Mar 2026, 18:00", ":",
    ]  # fmt: skip


# Charts

COLUMNS = Columns((Column("A", 2, "2 (20%)", 1.5, "15%"), Column("B", 8, "8 (80%)", 8.5, "85%")), "expected", 10.0)
TEAM = Stacks((Stack("All", (0.25, 0.0, 0.75), "8 people"),), ("done", "late", "open"))
BARS = Bars((Bar("North", 0.5, "50", tone=Tone.GOOD), Bar("South", 0.25, "25")), 100)
PAIRS = Pairs((Pair("Reach", 0.5, 0.75, "50 / 75"),), "Ana", "Bob", 100)


def chart(plot: Plot, title: str = "Totals", more: str = "") -> Chart:
    """A chart."""
    return Chart(title, "March", plot, more=more)


def test_the_chart_is_what_slacks_reference_shows() -> None:
    assert drawn(chart(COLUMNS, more="and 2 more")) == [
        {
            "type": "data_visualization",
            "title": "Totals",
            "chart": {
                "type": "bar",
                "series": [
                    {"name": "Totals", "data": [{"label": "A", "value": 20.0}, {"label": "B", "value": 80.0}]},
                    {"name": "expected", "data": [{"label": "A", "value": 15.0}, {"label": "B", "value": 85.0}]},
                ],
                "axis_config": {"categories": ["A", "B"]},
            },
        },
        {
            "type": "context",
            "elements": [
                {
                    "type": "plain_text",
                    "text": "March\nA: 2 (20%) · expected 15%; B: 8 (80%) · expected 85%\nand 2 more",
                    "emoji": False,
                }
            ],
        },
    ]
    pie = drawn(chart(TEAM))[0]["chart"]
    assert pie == {"type": "pie", "segments": [{"label": "done", "value": 25.0}, {"label": "open", "value": 75.0}]}
    bars, pairs = (drawn(chart(plot))[0]["chart"] for plot in (BARS, PAIRS))
    assert [point["label"] for point in bars["series"][0]["data"]] == ["✓ North", "South"]
    assert [(one["name"], one["data"][0]["value"]) for one in pairs["series"]] == [("Ana", 50.0), ("Bob", 75.0)]


@pytest.mark.parametrize("plot", [COLUMNS, TEAM, BARS, PAIRS], ids=lambda plot: plot.kind)
def test_what_is_drawn_natively_is_accepted(plot: Plot) -> None:
    assert native(chart(plot))
    check_message(drawn(chart(plot)))
    view = {"type": "home", "blocks": drawn(chart(plot))}
    with pytest.raises(Wrong, match="on home"):
        check_view(view)


LOSSES: Mapping[str, Chart] = {
    "a long title": chart(COLUMNS, "T" * 51),
    "a title of nothing": chart(COLUMNS, " "),
    "no rows": chart(Columns()),
    "a long label": chart(replace(COLUMNS, rows=(replace(COLUMNS.rows[0], label="L" * 21),))),
    "a label twice": chart(replace(COLUMNS, rows=COLUMNS.rows[:1] * 2)),
    "a name that is not there": chart(replace(COLUMNS, expected_name=" ")),
    "two series of one name": chart(COLUMNS, "expected"),
    "expected of some": chart(replace(COLUMNS, rows=(COLUMNS.rows[0], Column("B", 1, "1")))),
    "a column lifted out": chart(replace(COLUMNS, rows=(replace(COLUMNS.rows[0], tone=Tone.INFO),))),
    "more than twenty": chart(Columns(tuple(Column(str(n), 1, "1") for n in range(21)))),
    "a target": chart(Bars((Bar("A", 0.5, "50", 0.8),), 100)),
    "no value": chart(Bars((Bar("A", None, "–"),), 100)),
    "no unit": chart(Bars((Bar("A", 0.5, "50"),))),
    "a pair with a target": chart(Pairs((Pair("A", 0.5, 0.5, "", 0.8),), "Ana", "Bob", 100)),
    "half a pair": chart(Pairs((Pair("A", 0.5, None, ""),), "Ana", "Bob", 100)),
    "several stacks": chart(replace(TEAM, rows=TEAM.rows * 2)),
    "an empty stack": chart(Stacks((Stack("A", (0.0, 0.0), ""),), ("x", "y"))),
    "a sliver": chart(Stacks((Stack("A", (0.00001, 0.9), ""),), ("x", "y"))),
    "seven parts": chart(Stacks((Stack("A", (0.1,) * 7, ""),), tuple("abcdefg"))),
    "ranges": chart(Ranges((Range("A", 0.1, 0.2, 0.3, ""),))),
}


@pytest.mark.parametrize("lost", LOSSES.values(), ids=LOSSES)
def test_what_slack_would_lose_stays_a_picture(lost: Chart) -> None:
    assert not native(lost)


def test_two_charts_a_message_and_none_on_the_home_page() -> None:
    charts = [chart(COLUMNS, f"Chart {n}") for n in range(4)]
    card = Card("All", tuple(charts))
    kinds = [block["type"] for block in render.message(card, {charts[1]: "F1"}, native)["blocks"]]
    assert kinds == ["header", "data_visualization", "context", "image", "data_visualization", "context", "rich_text"]
    assert "data_visualization" not in str(render.home(card, {charts[1]: "F1"}))
    heavy = [chart(COLUMNS, f"Chart {n}", more="x" * 2900) for n in range(6)]
    blocks = render.message(Card("All", tuple(heavy)), {}, native)["blocks"]
    check_message(blocks)


async def test_where_slack_has_no_charts_they_are_pictures_for_a_day(http: Stage) -> None:
    one = chart(COLUMNS)
    bare = Message(Card("Chart", (one,)), key="k")
    await http.platform.deliver(ANA, bare)
    assert kinds_of(http) == ["header", "data_visualization", "context"]
    http.driver.fake.store.charts = False
    with capture_logs() as logs, pytest.raises(Later) as later:
        await http.platform.deliver(ANA, bare)
    assert (later.value.seconds, later.value.everywhere) == (0, False)
    assert [line["event"] for line in logs] == ["slack takes no charts: pictures for a day"]
    assert not http.platform.can.draws(one)
    await http.platform.deliver(ANA, replace(bare, pictures={one: b"\x89PNG"}))
    assert kinds_of(http) == ["header", "image"]
    assert len(http.driver.messages("U0001")) == 2, "nothing twice"
    http.clock.now = NOW + timedelta(days=1)
    assert http.platform.can.draws(one)


async def test_in_place_a_refused_chart_becomes_its_figures(http: Stage) -> None:
    http.driver.fake.store.charts = False
    http.app.answer = Answer(card=Message(Card("Chart", (chart(COLUMNS),))))
    await http.driver.type("U0001", "/perf progress", channel="C0001")
    assert "A: 2 (20%)" in http.driver.messages("U0001")[-1].text
    assert kinds_of(http) == ["header", "rich_text"]
    http.clock.now = NOW + timedelta(days=1)
    http.driver.fake.store.charts = True
    await http.driver.type("U0001", "/perf progress", channel="C0001")
    assert kinds_of(http) == ["header", "data_visualization", "context"]


def kinds_of(stage: Stage) -> Sequence[str]:
    """The types of the newest message's blocks."""
    return [block["type"] for block in stage.driver.fake.store.posts[-1].now["blocks"]]
