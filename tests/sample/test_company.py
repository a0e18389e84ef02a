"""The sample companies: a sane organisation, texts in every language, a library that is linked."""

from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import SQLModel, select

from bot.db import Database
from bot.sample import fill
from bot.sample.cast import cast, said
from bot.sample.organisation import build
from bot.text import LOCALES
from bot.vault import Vault
from models import cycle, goal, indicator
from models.base import Refused
from models.department import Department
from models.indicator import goal_of, template_items
from models.person import AUDITOR, EXECUTIVE, HR, Person, superior, with_role
from models.position import Position
from models.rules.plans import check_weights
from models.rules.units import UNITS
from tests.filled import FULL_SIZE, KEYS, NOW, Filled
from tests.models.test_content import foreign

SMALL_SIZE = 14


def test_everybody_has_a_place_and_a_way_to_the_top(either: Filled) -> None:
    people = either.rows(Person)
    assert len(people) == (FULL_SIZE if len(people) > SMALL_SIZE else SMALL_SIZE)
    boss = either.person("boss")
    for person in people:
        assert person.department_id
        assert person.position_id
        assert person.locale in LOCALES
        assert person.zone
        assert person.hired_on <= NOW.date()
        assert person.manager_id is not None or person.handle == "boss"
        chain, at = [person.id], person
        while at.manager_id is not None:
            at = either.db.get_one(Person, at.manager_id)
            assert at.id not in chain
            chain.append(at.id)
        assert chain[-1] == boss.id


def test_numbers_handles_and_addresses_are_unique(either: Filled) -> None:
    people = either.rows(Person)
    for values in ([p.number for p in people], [p.handle for p in people], [p.email for p in people]):
        assert len(set(values)) == len(people)
    assert all(p.email == f"{p.handle}@harbourlight.example" and p.handle.isascii() for p in people)
    assert len({p.name for p in people}) >= len(people) - 2


def test_departments_are_a_tree_with_heads_inside(either: Filled) -> None:
    for department in either.rows(Department):
        parent = either.db.get(Department, department.parent_id) if department.parent_id else None
        assert department.path == f"{parent.path if parent else '/'}{department.id}/"
        if department.code == "company":
            assert department.head_id is None
        else:
            assert either.db.get_one(Person, department.head_id).department_id == department.id


def test_spans_are_sane(full: Filled) -> None:
    spans = Counter(person.manager_id for person in full.rows(Person) if person.manager_id)
    assert min(spans.values()) >= 4
    assert max(spans.values()) <= 12
    assert 25 <= len(spans) <= 45


def test_the_cast_is_as_stories_expect_it(either: Filled) -> None:
    ana, dana, eva, boss = (either.person(handle) for handle in ("ana", "dana", "eva", "boss"))
    first = superior(either.db, ana, frozenset())
    assert first is not None
    assert (first.id, dana.manager_id, eva.manager_id, boss.manager_id) == (dana.id, eva.id, boss.id, None)
    locales = {"ana": "en", "bo": "zh_Hans", "wang": "zh_Hans", "mei": "zh_Hant", "kenji": "ja"}
    assert {handle: either.person(handle).locale for handle in locales} == locales
    assert either.person("bo").manager_id == dana.id != either.person("wang").manager_id
    assert either.person("wang").name == "王芳"
    sales = either.db.exec(select(Department).where(Department.code == "sales")).one()
    assert sales.head_id == dana.id
    assert ana.salary is not None
    assert either.vault.open(("person", "salary", ana.id), ana.salary) == "18500.00 CNY"


def test_roles(full: Filled, small: Filled) -> None:
    for made, hr in ((full, 4), (small, 2)):
        assert [person.handle for person in with_role(made.db, EXECUTIVE)] == ["boss", "eva"]
        assert [person.handle for person in with_role(made.db, AUDITOR)] == ["audrey"]
        assert len(with_role(made.db, HR)) == hr
        assert {person.handle for person in with_role(made.db, HR)} >= {"helen", "henry"}


def test_every_salary_opens_where_it_belongs(full: Filled) -> None:
    for person in full.rows(Person):
        amount, currency = full.vault.open(("person", "salary", person.id), person.salary).split(" ")
        assert float(amount) > 0
        assert currency in ("CNY", "TWD", "JPY", "SGD")


def test_the_small_company_is_ready_for_a_first_cycle(small: Filled) -> None:
    assert len(small.rows(Department)) == 4
    assert len(small.rows(goal.Goal)) == 2
    assert small.rows(cycle.Cycle) == []
    entries = template_items(small.db, "finance-sales")
    assert check_weights([entry.weight for entry, _indicator in entries]) == []
    assert all(goal_of(small.db, found) and found.owner_agreed for _entry, found in entries)


def test_texts_of_the_company_are_whole_in_every_language() -> None:
    company, library = said("company"), said("library")
    named = [*company["departments"], *company["positions"], *company["goals"], *library["templates"]]
    texts = [entry["names"] for entry in named] + [entry["measures"] for entry in company["goals"]]
    parts = ("names", "formulas", "levels")
    texts += [entry[part] for entry in library["indicators"] for part in parts if part in entry]
    texts += list(library["sources"].values())
    for names in texts:
        assert sorted(names) == sorted(LOCALES)
        assert not [foreign(text, locale) for locale, text in names.items() if foreign(text, locale)]
    for locale, words in said("words").items():
        assert sorted(words) == sorted(said("words")["en"])
        assert not [foreign(text, locale) for lines in words.values() for text in lines if foreign(text, locale)]


def test_the_library_has_three_levels_and_two_strays(full: Filled) -> None:
    entries = full.rows(indicator.Indicator)
    assert {entry.level for entry in entries} == set(indicator.LEVELS)
    stray = sorted(entry.code for entry in entries if goal_of(full.db, entry) is None)
    assert stray == ["harbour-events", "harbour-reports-written"]
    for entry in entries:
        assert entry.unit in UNITS or entry.rule == "rated"
        assert entry.code in stray or (entry.owner_id and entry.accountable_id and entry.owner_agreed)
    for position in full.rows(Position):
        chosen = template_items(full.db, position.template)
        assert check_weights([item.weight for item, _one in chosen]) == []
        assert [10 <= (item.weight or 0) <= 20 for item, one in chosen if one.rule == "rated"] == [True]
    assert 5 <= len(full.rows(goal.Goal)) <= 6


def test_a_company_of_another_name(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/named.db")
    SQLModel.metadata.create_all(database.writer)
    made = database.now(lambda db: build(db, Vault(KEYS), cast("small"), "Sunny Loans", NOW.date()))
    assert set(made.departments["company"].names.values()) == {"Sunny Loans"}
    with pytest.raises(Refused):
        database.now(lambda db: fill(db, Vault(KEYS), NOW))
    database.close()
