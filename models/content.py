"""Ready indicator templates by industry: texts in every language as TOML files beside, loaded into the library."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.base import Row
from models.indicator import Indicator, Template, TemplateItem

FOLDER = Path(__file__).with_name("content")
INDUSTRIES = ("finance", "ecommerce", "manufacturing", "technology")
COMMON = "common"
Coded = TypeVar("Coded", Indicator, Template)


@dataclass(frozen=True, slots=True)
class Content:
    """What files say: indicators as values of table columns by code, and templates with their (code, weight) items."""

    indicators: Mapping[str, Mapping[str, Any]]
    templates: Mapping[str, "Ready"]


@dataclass(frozen=True, slots=True)
class Ready:
    """One template: `items` are indicator codes with the weight they suggest, in percent."""

    industry: str
    names: Mapping[str, str]
    items: tuple[tuple[str, Decimal], ...]


def content(industries: Iterable[str] = INDUSTRIES) -> Content:
    """The shipped content of industries, with what all of them share."""
    return read(tuple(FOLDER / f"{name}.toml" for name in (COMMON, *industries)))


@lru_cache(maxsize=16)
def read(paths: tuple[Path, ...]) -> Content:
    """What files say together; a file is about the industry it names, else about its own name.

    Raises KeyError for an unknown source.
    """
    files = {path.stem: tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal) for path in paths}
    sources = {key: names for said in files.values() for key, names in said.get("sources", {}).items()}
    indicators = [_indicator(entry, sources) for said in files.values() for entry in said.get("indicators", [])]
    templates = {
        entry["code"]: Ready(
            said.get("industry", stem),
            entry["names"],
            tuple((code, Decimal(weight)) for code, weight in entry["items"]),
        )
        for stem, said in files.items()
        for entry in said.get("templates", [])
    }
    return Content({entry["code"]: entry for entry in indicators}, templates)


def load_templates(db: Session, industries: Iterable[str] = INDUSTRIES) -> None:
    """Puts the shipped templates into the library, or renews them; what a company has adopted stays as it is."""
    store(db, content(industries))


def store(db: Session, ready: Content) -> None:
    """Inserts or renews indicators and templates by code. An indicator is adopted once it is linked or owned."""
    known = {row.code: row for row in _known(db, Indicator, ready.indicators)}
    for code, values in ready.indicators.items():
        if code not in known:
            known[code] = Indicator(**values)
            db.add(known[code])
        elif not _adopted(known[code]):
            _renew(known[code], values)
    db.flush()
    _store_templates(db, ready, {code: row.id for code, row in known.items()})


def _store_templates(db: Session, ready: Content, ids: Mapping[str, int]) -> None:
    known = {row.code: row for row in _known(db, Template, ready.templates)}
    for code, template in ready.templates.items():
        values: dict[str, Any] = {"code": code, "industry": template.industry, "names": dict(template.names)}
        if code in known:
            _renew(known[code], values)
        else:
            known[code] = Template(**values)
            db.add(known[code])
    db.flush()
    for code, template in ready.templates.items():
        _store_items(db, known[code].id, [(ids[name], weight) for name, weight in template.items])


def _store_items(db: Session, template_id: int, wanted: Sequence[tuple[int, Decimal]]) -> None:
    statement = select(TemplateItem).where(TemplateItem.template_id == template_id)
    there = {row.indicator_id: row for row in db.exec(statement)}
    for position, (indicator_id, weight) in enumerate(wanted, 1):
        row = there.pop(indicator_id, None)
        if row is None:
            db.add(TemplateItem(template_id=template_id, indicator_id=indicator_id, weight=weight, position=position))
        else:
            _renew(row, {"weight": weight, "position": position})
    if there:
        table: sa.Table = TemplateItem.__table__  # type: ignore[attr-defined]
        db.connection().execute(sa.delete(table).where(table.c.id.in_([row.id for row in there.values()])))
    db.flush()


def _known(db: Session, model: type[Coded], codes: Iterable[str]) -> Sequence[Coded]:
    return db.exec(select(model).where(col(model.code).in_(list(codes)))).all()


def _adopted(row: Indicator) -> bool:
    return row.retired or any((row.goal_id, row.parent_id, row.department_id, row.owner_id, row.accountable_id))


def _renew(row: Row, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def _indicator(entry: Mapping[str, Any], sources: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    values = {key: value for key, value in entry.items() if key != "source"}
    for name in ("target", "floor", "stretch"):
        values[name] = Decimal(values[name]) if name in values else None
    return {"level": "personal", "unit": "", **values, "sources": sources[entry["source"]]}
