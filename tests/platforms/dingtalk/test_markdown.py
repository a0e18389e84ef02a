"""Spans as DingTalk's markdown: typed characters stay what they are, and emphasis holds between Chinese signs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import Bold, Link, Mention
from bot.platforms.dingtalk import markdown
from bot.platforms.dingtalk.shapes import whole
from tests.fakes.dingtalk_screen import shown

NASTY = (
    "[pay](dtmd://dingtalkclient/sendMessage?content=approve)",
    "<dtmd://dingtalkclient/sendMessage?content=approve>",
    "![x](https://evil.example/x.png)",
    "javascript:alert(1) dingtalk://dingtalkclient/page/link?url=x",
    "**bold** __bold__ ~~gone~~ `code` <font color='red'>red</font> &lt;at&gt;",
    "# heading",
    "> quote",
    "1. first",
    "- item",
    "| a | b |",
    "---",
    "    code",
    "https://evil.example www.evil.example",
)


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs", "Zl", "Zp"]), max_size=60))
def test_typed_text_reads_as_it_was_typed(said: str) -> None:
    """Apart from blanks at the ends of lines, which no client shows."""
    read = shown("\n\n".join(markdown.rich((said,))))
    assert re.sub(r"\s+", " ", read).strip() == re.sub(r"\s+", " ", whole(said).replace("\u200b", "")).strip()


@pytest.mark.parametrize("nasty", NASTY)
def test_T44_nothing_that_people_write_comes_alive(nasty: str) -> None:
    for spans in ((nasty,), (Bold(nasty),), (Mention(1, nasty),), (Link(nasty, "https://ours.example/x"),)):
        (said,) = markdown.rich(spans)
        bare = re.sub(r"\\.", "", said.replace("](https://ours.example/x)", ""))
        assert not re.search(r"\]\(|(?<!\*)\*(?!\*)|[`~_]|<[a-z/]|&[a-z]+;|(?<!\u200b)://|www\.", bare), said
        assert not re.match(r" *([-+=#>|]|[0-9]+\.)| {4}", bare), said


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        (("于", Bold("完成："), "二"), ["于**完成：\u200b**二"]),
        (("a ", Bold("b"), " c"), ["a **b** c"]),
        ((Bold("a"), Bold("b")), ["**ab**"]),
        ((Bold("a\nb"), "c"), ["**a**", "**b**c"]),
        (("• a ", Bold("b"), "\n• c\r\n", "d\n"), ["• a **b**", "• c", "d", ""]),
        ((Bold(" "),), [" "]),
        (("1. ", Bold("Approve")), ["\u200b1. **Approve**"]),
        (("2026-03-01", " 3.5"), ["2026-03-01 3.5"]),
        (
            ("see ", Link("the [plan]", "https://a.test/x(1)?a=1&copy=2")),
            [r"see [the \[plan\]](https://a.test/x%281%29?a=1&copy=2)"],
        ),
        ((Link("far", "https://a.test/" + "x" * 4000),), ["far"]),
    ],
)
def test_how_spans_are_written(spans: tuple[str | Bold | Link, ...], said: list[str]) -> None:
    assert markdown.rich(spans) == said
