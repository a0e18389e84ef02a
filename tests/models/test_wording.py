"""Texts in several languages: who reads which, and what differs between two versions."""

from hypothesis import given
from hypothesis import strategies as st

from handlers.cards.bulletinforms import BeginForm
from handlers.cards.paragraphs import lines
from models.rules.wording import differences, sentences
from models.wording import Wording, language, with_words, worded

WORDS = {"en": Wording("Cycle", "It begins on Monday."), "zh_Hans": Wording("周期", "周一开始。")}


def test_everybody_reads_their_own_or_the_nearest_language() -> None:
    texts = with_words({tag: words.kept() for tag, words in WORDS.items()}, "ja", Wording("周期", "月曜"))
    found = {tag: language(texts, tag) for tag in ("en", "zh_Hans", "zh_Hant", "ja")}
    assert found == {"en": "en", "zh_Hans": "zh_Hans", "zh_Hant": "zh_Hans", "ja": "ja"}
    assert language(with_words(texts, "ja", None), "ja") == "en"
    assert worded({}, "en") == Wording("")


def test_only_what_changed_is_named() -> None:
    assert differences("It begins on Monday. Ask HR.", "It begins on Tuesday. Ask HR.") == [
        ("It begins on Monday.", "It begins on Tuesday.")
    ]
    assert differences("周一开始。问人事。", "周二开始。问人事。") == [("周一开始。", "周二开始。")]
    assert differences("One.\nTwo.", "One.\nTwo.\nThree.") == [("", "Three.")]
    assert differences("One.\nTwo.", "Two.") == [("One.", "")]


@given(st.text(max_size=80), st.text(max_size=80))
def test_equal_texts_differ_in_nothing_and_others_in_something(before: str, after: str) -> None:
    assert differences(before, before) == []
    assert bool(differences(before, after)) == (sentences(before) != sentences(after))


def test_a_form_keeps_lines_and_drops_what_cannot_be_seen() -> None:
    asked = {"locale": "en", "heading": " One\nline ", "text": "A\r\n\n\n\nB\u200b \n", "more": ""}
    form = BeginForm.read(asked)
    assert (form.heading, form.text, form.more) == ("One line", "A\n\nB", None)


@given(st.text(max_size=60))
def test_lines_are_kept_the_same_the_second_time(said: str) -> None:
    kept = lines(said)
    assert lines(kept) == kept
    assert "\n\n\n" not in kept
