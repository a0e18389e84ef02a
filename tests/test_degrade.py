"""Any card fits any platform, and no action is lost on the way."""

import re
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.capability import Capabilities
from bot.cards import Button, Card, Chart, Choice, Link, Note, Open, Table, Text, text
from bot.degrade import Press, fit, lines_of, plain
from tests.test_cards import actions, blocks, cards

abilities = st.builds(
    Capabilities,
    buttons=st.integers(0, 8),
    choices=st.booleans(),
    forms=st.booleans(),
    tables=st.booleans(),
    charts=st.booleans(),
    links=st.booleans(),
    updates=st.booleans(),
    confirms=st.booleans(),
    blocks=st.integers(4, 60),
    text=st.integers(100, 4000),
    rows=st.integers(1, 40),
    spread=st.integers(0, 6),
)
crowded = st.builds(
    Card,
    title=st.just("Crowded"),
    body=st.lists(blocks, max_size=60).map(tuple),
    actions=st.lists(actions, max_size=30).map(tuple),
)
TEXT_ONLY = Capabilities(buttons=0, choices=False, tables=False, charts=False, links=False)


def shown(card: Card) -> str:
    """Every visible character of the body, paragraph by paragraph."""
    return "\n".join(chain.from_iterable(lines_of(block) for block in card.body))


def meanings(card: Card) -> list[Press]:
    """What can be pressed on a card."""
    out = []
    for action in card.actions:
        if isinstance(action, Button):
            out.append(Press(action.action, action.subject, action.version))
        elif isinstance(action, Choice):
            out += [Press(action.action, action.subject, action.version, value) for value, _ in action.options]
    return out


@given(cards | crowded, abilities)
@settings(deadline=None, max_examples=300)
def test_no_action_is_ever_dropped(card: Card, can: Capabilities) -> None:
    fitted, presses = fit(card, can)
    assert len(fitted.actions) <= can.buttons
    assert set(meanings(card)) == {*meanings(fitted), *presses}
    for link in (action for action in card.actions if isinstance(action, Open)):
        assert link in fitted.actions or link.url in shown(fitted)


@given(cards | crowded, abilities)
@settings(deadline=None, max_examples=300)
def test_blocks_and_texts_keep_to_their_limits_as_far_as_pictures_allow(card: Card, can: Capabilities) -> None:
    fitted, _ = fit(card, can)
    for block in fitted.body:
        if isinstance(block, Chart | Table):
            continue
        assert all(len(line) <= can.text for line in lines_of(block))
    assert all(len(block.rows) <= can.rows for block in fitted.body if isinstance(block, Table))
    pictures = sum(isinstance(block, Chart) for block in fitted.body)
    needed = pictures + 2 * (len(shown(fitted)) // can.text + 1) + 2
    assert len(fitted.body) <= max(can.blocks - 3, needed)


@given(cards, abilities)
@settings(deadline=None, max_examples=200)
def test_only_what_the_platform_can_show_is_left(card: Card, can: Capabilities) -> None:
    fitted, _ = fit(card, can)
    assert can.charts or not fitted.charts()
    assert can.tables or not any(isinstance(block, Table) for block in fitted.body)
    few = [len(action.options) for action in fitted.actions if isinstance(action, Choice)]
    assert can.choices or (
        sum(few) + len(fitted.actions) - len(few) <= can.buttons and max(few, default=0) <= can.spread
    )
    spans = chain.from_iterable(block.spans for block in fitted.body if isinstance(block, Text))
    assert can.links or not any(isinstance(span, Link) for span in spans)
    assert not any(isinstance(block, Text) and not plain(block.spans) for block in fitted.body)


@given(cards, st.integers(4, 60))
@settings(deadline=None, max_examples=100)
def test_nothing_that_was_said_is_lost(card: Card, most: int) -> None:
    fitted, _ = fit(card, Capabilities(buttons=0, choices=False, tables=False, charts=False, blocks=most))
    letters = "".join(sorted("".join(shown(fitted).split())))
    for block in card.body:
        for line in lines_of(block):
            assert all(letters.count(char) >= line.count(char) for char in set("".join(line.split())) - {"·"})


labels = st.text(st.characters(categories=("Lu", "Ll", "Nd")), min_size=1, max_size=40)
pressable = st.one_of(
    st.builds(Button, labels, st.just("a.b"), st.integers(0, 10**6)),
    st.builds(Choice, labels, st.just("c.d"), st.lists(st.tuples(labels, labels), min_size=1, max_size=30).map(tuple)),
)


@given(st.lists(pressable, max_size=20).map(tuple), st.lists(blocks, max_size=20).map(tuple), abilities)
@settings(deadline=None, max_examples=200)
def test_the_numbers_that_are_read_mean_what_is_pressed(
    offered: tuple[Button | Choice, ...], body: tuple[Text, ...], can: Capabilities
) -> None:
    fitted, presses = fit(Card("t", body, offered), can)
    said = [option[1] for action in offered if isinstance(action, Choice) for option in action.options]
    said += [action.label for action in offered if isinstance(action, Button)]
    lines = shown(fitted).split("\n")
    for number, press in enumerate(presses, 1):
        entries = [line for line in lines if line.startswith(f"{number}. ")]
        assert any(entry.removeprefix(f"{number}. ") in said for entry in entries)
        wanted = {
            *(a.label for a in offered if isinstance(a, Button) and a.subject == press.subject),
            *(label for a in offered if isinstance(a, Choice) for value, label in a.options if value == press.value),
        }
        assert wanted & {entry.removeprefix(f"{number}. ") for entry in entries}


def test_a_menu_stands_in_for_buttons_in_their_order() -> None:
    card = Card(
        "Plan",
        (text("Approve it?"),),
        (
            Button("Approve", "plan.approve", 7, 3),
            Open("Handbook", "https://docs.example/"),
            Choice("Send to", "plan.send", (("a", "Ana"), ("b", "Boris")), 7, 3),
            Button("Reject", "plan.reject", 7, 3),
        ),
    )
    fitted, presses = fit(card, TEXT_ONLY)
    assert shown(fitted).split("\n") == [
        "Approve it?",
        "1. Approve",
        "Handbook: https://docs.example/",
        "Send to",
        "2. Ana",
        "3. Boris",
        "4. Reject",
    ]
    assert presses == (
        Press("plan.approve", 7, 3),
        Press("plan.send", 7, 3, "a"),
        Press("plan.send", 7, 3, "b"),
        Press("plan.reject", 7, 3),
    )


def test_a_long_menu_takes_few_blocks() -> None:
    card = Card("People", (), (Choice("Who", "goal.owner", tuple((str(n), f"Person {n}") for n in range(200))),))
    fitted, presses = fit(card, Capabilities(buttons=0, choices=False, blocks=10, text=500))
    assert len(presses) == 200
    assert len(fitted.body) <= 10
    lines = shown(fitted).split("\n")
    assert all(f"{n + 1}. Person {n}" in lines for n in range(200))


def test_a_table_longer_than_the_platform_allows_goes_on_in_another_table() -> None:
    rows = tuple((f"row {n}", str(n)) for n in range(70))
    fitted, _ = fit(Card("t", (Table(("Name", "Value"), rows),)), Capabilities(rows=30))
    tables = [block for block in fitted.body if isinstance(block, Table)]
    assert [len(table.rows) for table in tables] == [30, 30, 10]
    assert tuple(chain.from_iterable(table.rows for table in tables)) == rows


def test_a_table_without_tables_names_its_columns() -> None:
    fitted, _ = fit(Card("t", (Table(("Goal", "Weight", "Done"), (("Bookings", "20%", ""),)),)), TEXT_ONLY)
    assert shown(fitted) == "Bookings: Weight 20%"


def test_a_card_that_fits_is_left_alone() -> None:
    card = Card("t", (text("x", Link("y", "https://a.example")), Note("n")), (Button("a", "b.c"),))
    assert fit(card, Capabilities()) == (card, ())


@pytest.mark.parametrize("size", [99, 100, 101, 250, 1000])
def test_long_paragraphs_lose_nothing(size: int) -> None:
    said = "".join(str(n % 10) for n in range(size))
    fitted, _ = fit(Card("t", (text(said),)), Capabilities(text=100))
    assert re.sub(r"\n", "", shown(fitted)) == said
    assert all(len(plain(block.spans)) <= 100 for block in fitted.body if isinstance(block, Text))
