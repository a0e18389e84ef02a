"""The catalog check finds every fault that it was made for, and the update loses nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import polib
import pytest

from bot.text import LOCALES
from tests.catalogs import ROOT, Broken, catalog_path, check, extract, sentences, update

SOURCE = """
from bot.text import N_, Texts, later

SAVE = N_("Save")


@router.command("goals", "Shows your goals.", right="goal.see")
@router.button("goal.save")
@terminal.command("not a bot's command")
@terminal.command()
def handler(ctx, t: Texts, n, p, self, locale):
    ctx.t("Hello {name}", name="Ann")
    t.n("one goal", "{n} goals", 3)
    ctx.t.p("verb", "Open")
    self._t.rich("{who} agreed" "!", who="x")
    later("Later" if n else "Sooner")
    raise Refused("Too late", on=1)
    texts(locale)("In a group")
    texts(locale).n("a", "b{n}", 1)
    t(SAVE)
    router.said(plan_approved="{who} approved it.")
    texts(locale).p("command", SAVE)
    n("not a text", "nor this", 1)
    p("nothing", "at all")
    other.n("no", "text", 1)
    ctx.p("no", "text")
    t(SAVE.lower())
"""
EXPECTED = {
    ("", "Save"),
    ("", "Hello {name}"),
    ("", "one goal"),
    ("verb", "Open"),
    ("", "{who} agreed!"),
    ("", "Later"),
    ("", "Sooner"),
    ("", "Too late"),
    ("", "In a group"),
    ("", "a"),
    ("command", "goals"),
    ("", "Shows your goals."),
    ("", "{who} approved it."),
}
OTHERS = [locale for locale in LOCALES if locale != "en"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Sources with complete catalogs."""
    for folder in ("bot", "handlers", "models"):
        (tmp_path / folder).mkdir()
    (tmp_path / "handlers" / "goals.py").write_text(SOURCE, encoding="utf-8")
    update(tmp_path)
    for locale in OTHERS:
        fill(catalog_path(tmp_path, locale))
    return tmp_path


def fill(path: Path) -> None:
    """Translates everything."""
    catalog = polib.pofile(str(path))
    for entry in catalog:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: "译" + entry.msgid_plural}
        else:
            entry.msgstr = "译" + entry.msgid
    catalog.save(str(path))


def change(project: Path, old: str, new: str, locale: str = "ja") -> list[str]:
    """The faults once `old` became `new` in a catalog."""
    path = catalog_path(project, locale)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return check(project)


def test_exactly_the_sentences_are_extracted() -> None:
    assert {one.key for one in sentences(ast.parse(SOURCE), "x.py")} == EXPECTED


def test_complete_catalogs_have_no_fault(project: Path) -> None:
    assert check(project) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('msgid "Save"\nmsgstr "译Save"\n', "", "missing: 'Save'"),
        ('msgid "Save"', 'msgid "Safe"', "stale: 'Safe'"),
        ('msgid "Save"\nmsgstr', '#, fuzzy\nmsgid "Save"\nmsgstr', "fuzzy: 'Save'"),
        ('msgstr "译Save"', 'msgstr ""', "untranslated: 'Save'"),
        ('msgstr "译Save"', 'msgstr "  "', "untranslated: 'Save'"),
        ('msgstr "译Save"', 'msgstr "译Save "', "edge spaces: 'Save'"),
        ('msgstr "译Save"', 'msgstr "译Save…"', "another ending: 'Save'"),
        ('msgstr "译Hello {name}"', 'msgstr "译Hello {nome}"', "other placeholders: 'Hello {name}'"),
        ('msgstr "译Hello {name}"', 'msgstr "译Hello"', "other placeholders: 'Hello {name}'"),
        ('msgstr "译Hello {name}"', 'msgstr "译Hello ｛name｝"', "other placeholders: 'Hello {name}'"),
        ('msgstr "译Hello {name}"', 'msgstr "译Hello {name"', "bad braces: 'Hello {name}'"),
        ('msgstr "译Hello {name}"', 'msgstr "译Hello {name.x}"', "bad braces: 'Hello {name}'"),
        ('msgstr "译Hello {name}"', 'msgstr "译Hello {name:>99}"', "bad braces: 'Hello {name}'"),
        ('msgstr "译Hello {name}"', 'msgstr "译Hello {name!r}"', "bad braces: 'Hello {name}'"),
        ('msgstr "译Hello {name}"', 'msgstr "译Hello {}"', "bad braces: 'Hello {name}'"),
        ('msgstr[0] "译{n} goals"', 'msgstr[0] "译"', "other placeholders: 'one goal'"),
        ('msgstr[0] "译{n} goals"', 'msgstr[0] "译{n}"\nmsgstr[1] "译{n}"', "wrong number of plural forms: 'one goal'"),
        ('msgid_plural "{n} goals"', 'msgid_plural "{n} things"', "another plural: 'one goal'"),
        ("nplurals=1", "nplurals=2", "wrong Plural-Forms"),
    ],
)
def test_a_fault_is_found(project: Path, old: str, new: str, fault: str) -> None:
    assert f"ja: {fault}" in change(project, old, new)


def test_an_obsolete_entry_is_stale(project: Path) -> None:
    path = catalog_path(project, "ja")
    path.write_text(path.read_text(encoding="utf-8") + '\n#~ msgid "Old"\n#~ msgstr "古"\n', encoding="utf-8")
    assert check(project) == ["ja: stale: 'Old'"]


def test_no_catalog_and_an_empty_one_are_found(project: Path) -> None:
    catalog_path(project, "ja").unlink()
    catalog_path(project, "zh_Hant").write_text('msgid ""\nmsgstr ""\n', encoding="utf-8")
    faults = check(project)
    assert "ja: no catalog" in faults
    assert "zh_Hant: empty catalog" in faults


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ('t(f"Hello {name}")', "one literal"),
        ('t("Hello " + name)', "one literal"),
        ('t.n(one, "many", 2)', "two literals"),
        ('t.n("x", "xs", 2)\nt.n("x", "xen", 2)', "two plurals"),
        ('t("Hello {name")', "bad braces"),
        ('t("Hello {a.b}")', "bad braces"),
        ('t(" Hello")', "edge spaces"),
        ('t("")', "empty sentence"),
    ],
)
def test_a_fault_of_the_sources_is_found(project: Path, source: str, fault: str) -> None:
    (project / "bot" / "x.py").write_text(source, encoding="utf-8")
    assert any(fault in line for line in check(project))


def test_an_update_twice_gives_equal_bytes_without_dates_or_line_numbers(project: Path) -> None:
    update(project)
    once = catalog_path(project, "ja").read_bytes()
    (project / "handlers" / "goals.py").write_text("\n\n" + SOURCE, encoding="utf-8")
    update(project)
    assert catalog_path(project, "ja").read_bytes() == once
    assert b"POT-Creation-Date" not in once
    assert b"#: handlers/goals.py\n" in once


def test_an_update_keeps_translations_adds_what_is_new_and_drops_what_is_stale(project: Path) -> None:
    text = SOURCE.replace('N_("Save")', 'N_("Keep")').replace('"{n} goals"', '"all {n} goals"')
    (project / "handlers" / "goals.py").write_text(text, encoding="utf-8")
    update(project)
    catalog = {entry.msgid: entry for entry in polib.pofile(str(catalog_path(project, "ja")))}
    assert "Save" not in catalog
    assert catalog["Keep"].msgstr == ""
    assert catalog["Later"].msgstr == "译Later"
    assert catalog["one goal"].msgstr_plural == {0: ""}
    assert sorted(check(project))[:2] == ["ja: untranslated: 'Keep'", "ja: untranslated: 'one goal'"]


def test_a_sentence_said_with_and_without_a_count_is_one_entry(project: Path) -> None:
    (project / "bot" / "x.py").write_text('t("one goal")', encoding="utf-8")
    assert extract(project)["", "one goal"].files == {"bot/x.py", "handlers/goals.py"}
    assert check(project) == []


def test_broken_says_where() -> None:
    with pytest.raises(Broken, match=r"x\.py:2"):
        list(sentences(ast.parse("\nt(f'{a}')"), "x.py"))


def test_the_sources_of_this_project_can_be_extracted() -> None:
    assert len(extract(ROOT)) > 10


def test_the_command_says_each_fault_and_fails_or_says_nothing() -> None:
    command = [sys.executable, "-m", "tests.catalogs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == bool(done.stdout)
    assert not done.stderr
