"""The indicator library and strategic goals of the sample company, linked to its people and departments."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlmodel import Session, select

from bot.sample.cast import FOLDER, said
from bot.sample.organisation import Organisation
from models import content
from models.goal import Goal
from models.indicator import Indicator, TemplateItem, template_items

INDUSTRIES = ("finance", "technology")
BORROWED = "ecommerce"


def stock(db: Session, organisation: Organisation, year: int) -> list[Indicator]:
    """Goals of the year, the library, and how they hang together: every indicator, by code."""
    content.store(db, _chosen())
    goals = add_goals(db, organisation, said("company")["goals"], year)
    known = {indicator.code: indicator for indicator in db.exec(select(Indicator))}
    for code, link in said("library")["links"].items():
        _link(organisation, known[code], link, goals, known)
    for parent, children in said("library")["children"].items():
        for code in children:
            _adopt(known[code], known[parent])
    db.flush()
    return [known[code] for code in sorted(known)]


def _chosen() -> content.Content:
    """The company's own industries, its additions, and the few indicators these borrow from another industry."""
    names = (content.COMMON, *INDUSTRIES, BORROWED)
    whole = content.read((*(content.FOLDER / f"{name}.toml" for name in names), FOLDER / "library.toml"))
    templates = {code: ready for code, ready in whole.templates.items() if ready.industry != BORROWED}
    used = {code for ready in templates.values() for code, _weight in ready.items}
    own = {entry["code"] for entry in said("library")["indicators"]}
    return content.Content({code: whole.indicators[code] for code in whole.indicators if code in used | own}, templates)


def add_goals(
    db: Session, organisation: Organisation, entries: Iterable[Mapping[str, Any]], year: int
) -> dict[str, Goal]:
    """Stores strategic goals; an owner who does not work in this company is replaced by the first person."""
    people = organisation.people
    goals = {
        entry["code"]: Goal(
            code=f"{year}-{entry['code']}",
            year=year,
            names=entry["names"],
            measures=entry["measures"],
            target=Decimal(str(entry["target"])),
            unit=entry["unit"],
            owner_id=people[entry["owner"] if entry["owner"] in people else next(iter(people))].id,
        )
        for entry in entries
    }
    db.add_all(goals.values())
    db.flush()
    return goals


def _link(
    organisation: Organisation,
    indicator: Indicator,
    link: Mapping[str, str],
    goals: Mapping[str, Goal],
    known: Mapping[str, Indicator],
) -> None:
    people, department = organisation.people, organisation.departments.get(link.get("department", ""))
    indicator.goal_id = goals[link["goal"]].id if "goal" in link else None
    indicator.parent_id = known[link["parent"]].id if "parent" in link else None
    indicator.department_id = department.id if department else None
    indicator.owner_id, indicator.owner_agreed = people[link["owner"]].id, True
    indicator.accountable_id = people[link["accountable"]].id
    indicator.responsible_id = indicator.accountable_id
    indicator.consulted_ids = [people["helen"].id]
    indicator.informed_ids = [people["boss"].id, people["eva"].id]


def _adopt(indicator: Indicator, parent: Indicator) -> None:
    """A personal indicator serves its parent, with the parent's data owner and accountable person."""
    indicator.parent_id = parent.id
    indicator.department_id = parent.department_id
    indicator.owner_id, indicator.owner_agreed = parent.owner_id, True
    indicator.accountable_id, indicator.responsible_id = parent.accountable_id, parent.accountable_id
    indicator.informed_ids = [parent.accountable_id] if parent.accountable_id else []


def adopt_all(db: Session, organisation: Organisation, codes: Mapping[str, tuple[str, str]], goal_of: Goal) -> None:
    """Links the indicators of templates straight to a goal: template code → handles of data owner and accountable."""
    for code, (owner, accountable) in codes.items():
        for _entry, indicator in template_items(db, code):
            indicator.goal_id = goal_of.id
            indicator.owner_id, indicator.owner_agreed = organisation.people[owner].id, True
            indicator.accountable_id = indicator.responsible_id = organisation.people[accountable].id
            indicator.informed_ids = [organisation.people["eva"].id]


def templates(db: Session) -> dict[str, Sequence[tuple[TemplateItem, Indicator]]]:
    """The entries of every template by code, read once."""
    codes = {entry["template"] for entry in said("company")["positions"]}
    return {code: template_items(db, code) for code in sorted(codes)}


def unlinked(indicators: Iterable[Indicator]) -> list[Indicator]:
    """The indicators that serve no goal."""
    return [indicator for indicator in indicators if indicator.goal_id is None and indicator.parent_id is None]
