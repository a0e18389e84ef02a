"""Spans as markdown: typed characters stay what they are, and emphasis holds between Chinese signs."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import Bold, Link
from bot.platforms.feishu import elements, markdown


@given(st.text(max_size=60))
def test_escaped_text_reads_as_it_was_typed(said: str) -> None:
    assert unescape(markdown.lines(markdown.escaped(said))) == elements.whole(said).replace("\t", " ")


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        (("于", Bold("完成："), "二"), "于**完成：\u200b**二"),
        (("于", Bold("（完成）"), "二"), "于**\u200b（完成）\u200b**二".replace("（", "（").replace("）", "）")),
        (("a ", Bold("b"), " c"), "a **b** c"),
        ((Bold("a"), Bold("b")), "**ab**"),
        ((Bold(" a "), "b"), " **a** b"),
        ((Bold("a\nb"),), "**a**\n**b**"),
        ((Bold(" "),), " "),
        (
            ("see ", Link("the (plan)", "https://a.test/x(1)?a=1&copy=2")),
            "see [the &#40;plan&#41;](https://a.test/x%281%29?a=1&amp;copy=2)",
        ),
        ((Link("far", "https://a.test/" + "x" * 4000),), "far"),
        (("1. one\n- two",), "&#49;. one\n&#45; two"),
    ],
)
def test_how_spans_are_written(spans: tuple[str | Bold | Link, ...], said: str) -> None:
    assert markdown.rich(spans, 2000) == said
