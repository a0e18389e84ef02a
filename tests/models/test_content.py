"""The shipped templates: complete in every language, valid as plans, and loaded once."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, select

import models
from bot.db import Database
from bot.forms import LONG
from bot.text import LOCALES
from models.content import COMMON, FOLDER, INDUSTRIES, content, load_templates
from models.goal import Goal
from models.indicator import DIRECTIONS, KINDS, RULES, Indicator, Template, TemplateItem, template_items
from models.item import Item, from_library
from models.rules.plans import check_item, check_weights
from models.rules.totals import SCALE
from models.rules.units import UNITS

READY = content()
CODES = sorted(READY.indicators)
# The old national character sets tell the scripts apart: 贷 is not in Big5, 貸 is not in GB2312, 質 and 质 not in both.
CHARSETS = {"zh_Hans": "gb2312", "zh_Hant": "big5", "ja": "cp932"}


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Session]:
    database = Database(f"sqlite:///{tmp_path}/content.db")
    SQLModel.metadata.create_all(database.writer)
    with Session(database.writer, expire_on_commit=False) as session:
        yield session
    database.close()


def foreign(text: str, locale: str) -> str:
    """The ideographs that do not belong to a locale's script."""
    if locale == "en":
        return "".join(char for char in text if char > "\u2e7f")
    return "".join(char for char in text if "\u4e00" <= char <= "\u9fff" and not _fits(char, CHARSETS[locale]))


def _fits(char: str, charset: str) -> bool:
    try:
        char.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def texts() -> Iterator[tuple[str, Mapping[str, str]]]:
    for code, entry in READY.indicators.items():
        parts = [part for part in ("names", "formulas", "sources", "levels") if part in entry]
        yield from ((f"{code} {part}", entry[part]) for part in parts)
    yield from ((code, template.names) for code, template in READY.templates.items())


def test_every_text_is_there_in_every_language_and_script() -> None:
    for where, said in texts():
        assert sorted(said) == sorted(LOCALES), where
        for locale, text in said.items():
            assert text.strip() == text != "", (where, locale)
            assert not foreign(text, locale), (where, locale, foreign(text, locale))


def test_the_wrong_script_would_be_noticed() -> None:
    assert foreign("贷款质量", "zh_Hant") == "贷质"
    assert foreign("貸款品質", "zh_Hans") == "貸質"
    assert foreign("業務改善", "ja") == ""


def test_codes_are_unique() -> None:
    for marker in ("[[indicators]]", "[[templates]]"):
        found = [
            line.split('"')[1]
            for name in (COMMON, *INDUSTRIES)
            for block in (FOLDER / f"{name}.toml").read_text(encoding="utf-8").split("[[")
            if f"[[{block}".startswith(marker)
            for line in block.splitlines()
            if line.startswith("code = ")
        ]
        assert len(found) == len(set(found)) > 0


def test_names_within_a_template_differ() -> None:
    for template in READY.templates.values():
        for locale in LOCALES:
            names = [READY.indicators[code]["names"][locale] for code, _weight in template.items]
            assert len(names) == len(set(names))


@pytest.mark.parametrize("industry", INDUSTRIES)
def test_an_industry_has_two_or_three_templates_of_six_to_ten(industry: str) -> None:
    mine = [template for template in READY.templates.values() if template.industry == industry]
    assert 2 <= len(mine) <= 3
    assert all(6 <= len(template.items) <= 10 for template in mine)


@pytest.mark.parametrize("code", sorted(READY.templates))
def test_weights_are_valid_and_total_100(code: str) -> None:
    assert check_weights([weight for _code, weight in READY.templates[code].items]) == []


def assert_rated(entry: Mapping[str, Any]) -> None:
    """Rated by people: no figure, and in every language each level of the scale with words of its own."""
    assert (entry["kind"], entry["unit"], entry["target"]) == ("qualitative", "", None)
    for locale, text in entry["levels"].items():
        marks = [f"{level.name}{':' if locale == 'en' else '：'}" for level in SCALE]
        described = re.split("|".join(marks), text)
        assert [mark for mark in marks if text.count(mark) == 1] == marks, (entry["code"], locale)
        assert described[0] == ""
        assert all(len(part.strip()) > 4 for part in described[1:])
        assert len(text) <= LONG, "it fits the field in which it can be changed"


@pytest.mark.parametrize("industry", INDUSTRIES)
def test_every_industry_has_something_that_people_rate(industry: str) -> None:
    rated = {code for code in CODES if READY.indicators[code].get("rule") == "rated"}
    for code, template in READY.templates.items():
        if template.industry == industry:
            weights = [weight for name, weight in template.items if name in rated]
            assert len(weights) == 1, code
            assert 10 <= weights[0] <= 20


@pytest.mark.parametrize("code", CODES)
def test_an_indicator_is_whole(code: str) -> None:
    entry = READY.indicators[code]
    if entry.get("rule") == "rated":
        assert_rated(entry)
        return
    assert entry["unit"] in UNITS
    assert entry.get("kind", "quantitative") in KINDS
    assert entry.get("direction", "higher") in DIRECTIONS
    assert entry.get("rule", "ratio") in RULES
    assert isinstance(entry["target"], Decimal)
    needs_more = entry.get("rule") in ("anchored", "range")
    assert needs_more == (entry["floor"] is not None) == (entry["stretch"] is not None)
    if entry.get("direction") == "range":
        assert entry["floor"] < entry["target"] < entry["stretch"]


@pytest.mark.parametrize("locale", LOCALES)
def test_prechecks_find_nothing_once_linked_and_agreed(db: Session, locale: str) -> None:
    load_templates(db)
    goal = Goal(code="g", year=2026, names={"en": "Goal"}, measures={"en": "x"})
    db.add(goal)
    db.flush()
    for indicator in db.exec(select(Indicator)):
        indicator.goal_id, indicator.owner_agreed = goal.id, True
        facts = from_library(db, indicator, locale, Decimal(10)).facts(owner_agreed=True)
        assert facts.name == indicator.names[locale]
        assert check_item(facts) == [], indicator.code


def rows(db: Session) -> list[dict[str, Any]]:
    return [row.model_dump() for model in (Indicator, Template, TemplateItem) for row in db.exec(select(model)).all()]


def test_loading_twice_changes_nothing(db: Session) -> None:
    load_templates(db)
    db.commit()
    before = rows(db)
    load_templates(db)
    assert not db.dirty
    assert rows(db) == before
    assert len(template_items(db, "finance-sales")) == 9


def test_loading_again_renews_texts_but_not_what_a_company_adopted(db: Session) -> None:
    load_templates(db, ["finance"])
    stale, adopted = db.exec(select(Indicator).where(Indicator.rule == "anchored").limit(2)).all()
    stale.names, adopted.names = {"en": "Old"}, {"en": "Our own words"}
    adopted.owner_agreed, adopted.goal_id = True, None
    adopted.target = Decimal(7)
    goal = Goal(code="g", year=2026, names={"en": "Goal"}, measures={"en": "x"})
    db.add(goal)
    db.flush()
    adopted.goal_id = goal.id
    extra = TemplateItem(
        template_id=db.exec(select(Template.id).where(Template.code == "finance-operations")).one(),
        indicator_id=db.exec(select(Indicator.id).where(Indicator.code == "finance-visits")).one(),
        position=99,
    )
    db.add(extra)
    db.commit()
    load_templates(db, ["finance"])
    db.commit()
    assert stale.name("en") == READY.indicators[stale.code]["names"]["en"]
    assert (adopted.name("en"), adopted.target) == ("Our own words", Decimal(7))
    assert len(template_items(db, "finance-operations")) == 8


def test_a_plan_item_can_be_made_of_each(db: Session) -> None:
    load_templates(db)
    for entry, indicator in template_items(db, "technology-product"):
        item = from_library(db, indicator, "ja", entry.weight)
        assert isinstance(item, Item)
        assert item.source == indicator.sources["ja"]
    assert models.indicator.library(db)
