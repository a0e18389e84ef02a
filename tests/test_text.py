"""Texts in the reader's language: which language, which words, and sentences that never raise (threat T47)."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards import Bold, Mention
from bot.text import FOLDER, LOCALES, NAMES, Texts, catalog, clean, compiled, fill, later, negotiate, texts, tidy

NOON = dt.datetime(2026, 7, 1, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("zh-CN", "zh_Hans"),
        ("zh_CN", "zh_Hans"),
        ("zh-cn", "zh_Hans"),
        ("zh", "zh_Hans"),
        ("zh-SG", "zh_Hans"),
        ("zh-Hans", "zh_Hans"),
        ("zh-Hans-HK", "zh_Hans"),
        ("zh-TW", "zh_Hant"),
        ("zh-HK", "zh_Hant"),
        ("zh-MO", "zh_Hant"),
        ("zh_Hant", "zh_Hant"),
        ("zh-hant-tw", "zh_Hant"),
        ("ja", "ja"),
        ("ja-JP", "ja"),
        ("ja_JP", "ja"),
        ("en", "en"),
        ("en-US", "en"),
        ("en_GB", "en"),
        ("fr-FR", "en"),
        ("pt-BR", "en"),
        ("", "en"),
        (None, "en"),
        ("rubbish rubbish", "en"),
        ("../../etc/passwd", "en"),
        ("zh/../../etc/passwd", "en"),
        ("zh\0", "en"),
        ("z" * 10_000, "en"),
        ("-", "en"),
        ("_", "en"),
        ("zh-CN,zh;q=0.9", "zh_Hans"),
        ("１２", "en"),
    ],
)
def test_a_wanted_language_becomes_one_of_ours(wanted: str | None, got: str) -> None:
    assert negotiate(wanted) == got


@given(st.text(max_size=40))
@settings(deadline=None, max_examples=100)
def test_any_wanted_language_is_answered(wanted: str) -> None:
    assert negotiate(wanted) in LOCALES
    assert negotiate(wanted, ("en", "ja"), "ja") in ("en", "ja")


def test_every_language_has_a_name_and_other_paths_have_no_catalog() -> None:
    assert set(NAMES) == set(LOCALES)
    assert catalog("../../etc/passwd").gettext("yes") == "yes"
    assert Path(FOLDER).name == "locales"


@pytest.mark.parametrize(
    "pattern",
    [
        "{u._secret}",
        "{u.__class__}",
        "{u[0]}",
        "{u!r}",
        "{u:>999999999}",
        "{u:{u}}",
        "{}",
        "{0}",
        "{u",
        "u}",
        "{ u }",
    ],
)
def test_only_plain_names_stand_in_a_sentence(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        fill(pattern, {"u": "x"})


def test_values_are_never_read_as_patterns() -> None:
    assert fill("{a} and {b}", {"a": "{b}", "b": "{a!r}"}) == "{b} and {a!r}"
    assert fill("{{a}}", {"a": "x"}) == "{a}"


def write(path: Path, said: dict[str, str]) -> None:
    """A Japanese catalog."""
    lines = ['msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=1; plural=0;\\n"\n']
    lines += [f'msgid "{message}"\nmsgstr "{translated}"\n' for message, translated in said.items()]
    lines.append('msgid "one goal"\nmsgid_plural "{n} goals"\nmsgstr[0] "目標{n}件"\n')
    lines.append('msgctxt "verb"\nmsgid "Open"\nmsgstr "開く"\n')
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
def ja(tmp_path: Path) -> Texts:
    """Texts of a catalog with good and bad entries."""
    entries = {
        "Hello {name}": "こんにちは、{name}さん",
        "Missing {name}": "{nome}",
        "Spy {name}": "{name.__class__}",
        "Wide {name}": "{name:>999999999}",
        "Open {name}": "{name",
        "Plain": "ふつう",
        "{who} proposed {goal}": "{goal}を{who}が提案",
        "{who} agreed": "{whom}が同意",
    }
    path = tmp_path / "messages.po"
    write(path, entries)
    return Texts("ja", "Asia/Tokyo", compiled(path, "ja"))


def test_a_sentence_is_translated_and_filled(ja: Texts) -> None:
    assert ja("Hello {name}", name="Ann") == "こんにちは、Annさん"
    assert ja("Plain") == "ふつう"
    assert ja("Unknown {name}", name="Ann") == "Unknown Ann"
    assert ja.say(later("Hello {name}", name=later("Plain"))) == "こんにちは、ふつうさん"


@pytest.mark.parametrize("word", ["Missing", "Spy", "Wide", "Open"])
def test_a_bad_translation_falls_back_to_english(ja: Texts, word: str) -> None:
    assert ja(f"{word} {{name}}", name="Ann") == f"{word} Ann"


@pytest.mark.parametrize("message", ["Hello {name}", "Missing {name}", "Nobody {name}", "{", "}", "{0}", "{a.b}"])
def test_a_forgotten_value_never_raises(ja: Texts, message: str) -> None:
    assert ja(message, other="x")
    assert ja(message)
    assert ja.rich(message, other="x")


def test_what_is_known_is_filled_in_even_if_another_value_was_forgotten() -> None:
    assert texts("en")("{a} and {b}", a="x") == "x and {b}"


def test_plurals_and_contexts(ja: Texts) -> None:
    en = texts("en")
    assert [en.n("one goal", "{n} goals", count) for count in (0, 1, 2, 1200)] == [
        "0 goals",
        "one goal",
        "2 goals",
        "1,200 goals",
    ]
    assert [ja.n("one goal", "{n} goals", count) for count in (1, 2)] == ["目標1件", "目標2件"]
    assert ja.p("verb", "Open") == "開く"
    assert ja.p("noun", "Open") == ja("Open") == "Open"


def test_rich_sentences_keep_typed_values_in_the_order_of_the_language(ja: Texts) -> None:
    who, goal = Mention(1, "Ann"), Bold("売上")
    assert ja.rich("{who} proposed {goal}", who=who, goal=goal) == (goal, "を", who, "が提案")
    assert texts("en").rich("{who} proposed {goal}", who=who, goal="{who}") == (who, " proposed ", "{who}")
    assert ja.rich("{who} agreed", who=who) == (who, " agreed")


@pytest.mark.parametrize(
    ("locale", "zone", "instant", "date"),
    [
        ("en", "UTC", "1 Jul 2026, 12:00", "1 Jul 2026"),
        ("en", "America/New_York", "1 Jul 2026, 08:00", "1 Jul 2026"),
        ("zh_Hans", "Asia/Shanghai", "2026年7月1日 20:00", "2026年7月1日"),
        ("zh_Hant", "Asia/Taipei", "2026年7月1日 20:00", "2026年7月1日"),
        ("ja", "Asia/Tokyo", "2026年7月1日 21:00", "2026年7月1日"),
        ("en", "Pacific/Kiritimati", "2 Jul 2026, 02:00", "1 Jul 2026"),
    ],
)
def test_instants_are_shown_in_the_readers_zone(locale: str, zone: str, instant: str, date: str) -> None:
    t = texts(locale, zone)
    assert t.show(NOON) == instant
    assert t.show(dt.date(2026, 7, 1)) == date


def test_the_hour_that_happens_twice_is_shown_for_both() -> None:
    berlin = texts("en", "Europe/Berlin")
    for hour in (0, 1):
        assert berlin.datetime(dt.datetime(2026, 10, 25, hour, 30, tzinfo=dt.UTC)) == "25 Oct 2026, 02:30"


def test_numbers_money_lists_and_days() -> None:
    en, zh, ja = texts("en"), texts("zh_Hans"), texts("ja")
    assert en.number(Decimal("1234.50")) == "1,234.5"
    assert en.percent(Decimal("0.754")) == "75%"
    assert en.percent(Decimal("0.754"), 1) == "75.4%"
    assert zh.money(Decimal("12500"), "CNY") == "¥12,500.00"
    assert ja.money(Decimal("12500"), "JPY") in ("¥12,500", "￥12,500")
    assert en.list(["A", "B", "C"]) == "A, B, and C"
    assert zh.list(["A", "B", "C"]) == "A、B和C"
    assert en.list([]) == ""
    assert (en.day(NOON.date()), zh.day(NOON.date()), ja.day(NOON.date())) == ("1 Jul", "7月1日", "7月1日")
    assert zh.ago(NOON - dt.timedelta(days=3), NOON) == "3天前"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "value",
    [True, None, 3, 2.5, Decimal("NaN"), float("inf"), float("nan"), "x", ["a", 1], NOON, NOON.date(), later("x"), ()],
)
def test_any_value_can_be_shown(locale: str, value: object) -> None:
    assert isinstance(texts(locale).show(value), str)


@pytest.mark.parametrize(
    ("said", "tidied", "cleaned"),
    [
        ("  a\r\nb\tc ", "a  b c", "a  b c"),
        ("A\u202eb\u200bc\ufeff", "Abc", "Abc"),
        ("\x1b[31mred", "[31mred", "[31mred"),
        ("１２．５％", "１２．５％", "12.5%"),
        ("ｐｅｒｆ　目标", "ｐｅｒｆ 目标", "perf 目标"),
        ("（王芳）", "（王芳）", "(王芳)"),
        ("", "", ""),
    ],
)
def test_invisible_characters_go_and_full_width_ones_become_plain(said: str, tidied: str, cleaned: str) -> None:
    assert (tidy(said), clean(said)) == (tidied, cleaned)
