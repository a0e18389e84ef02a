"""A platform's directory as the table that a file would have been: same columns, same checks, same report."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic_core import to_json

from bot.directory import Directory, Member, Unit
from bot.importing.cells import shortened
from bot.importing.columns import folded
from bot.importing.table import Table, table_of

BETWEEN = " / "  # the parts of a department's name where the last one alone would mean two departments
FIRST = 2  # the line below the headings


def rows(directory: Directory) -> Table:
    """One line for each person, with their names beside. Raises Refused where a file of that size would be."""
    members = directory.members
    units, above = titles(directory.units), managers(directory)
    numbers = {one.id: one.number for one in members}
    columns: dict[str, Sequence[object]] = {
        "Employee No": [one.number or None for one in members],
        "Name": [one.name or None for one in members],
        "E-mail": [one.email or None for one in members],
        "Job Title": [one.title or None for one in members],
        "Department": [units.get(one.unit) for one in members],
        "Hire Date": [one.hired_on for one in members],
        "Active": [one.active for one in members],
    }
    if any(above.values()):  # an empty column would say that nobody has a manager
        columns["Manager No"] = [numbers.get(above[one.id], "") for one in members]
    lines = [list(columns), *zip(*columns.values(), strict=True)]
    names = {line: shortened(one.name) for line, one in enumerate(members, FIRST) if one.name}
    return replace(table_of(lines, to_json(lines)), names=names, notes=directory.notes)


def titles(units: Sequence[Unit]) -> dict[str, str]:
    """Names by id; those that several departments have are told apart by what is above them."""
    by_id = {unit.id: unit for unit in units}
    often = Counter(folded(unit.name) for unit in units)
    return {unit.id: unit.name if often[folded(unit.name)] < 2 else _path(unit, by_id) for unit in units}


def _path(unit: Unit, units: Mapping[str, Unit]) -> str:
    at: Unit | None = unit
    line: list[Unit] = []
    while at is not None and at not in line:
        line.append(at)
        at = units.get(at.parent)
    return BETWEEN.join(one.name for one in reversed(line))


def managers(directory: Directory) -> dict[str, str]:
    """The id of everybody's manager, "" for none: their own, else the nearest head of a department above them."""
    people = {one.id: one for one in directory.members}
    units = {unit.id: unit for unit in directory.units}
    above = {one.id: one.leader if one.leader in people and one.leader != one.id else "" for one in people.values()}
    for one in people.values():
        above[one.id] = above[one.id] or _head(one, units, people, above)
    return above


def _head(of: Member, units: Mapping[str, Unit], people: Mapping[str, Member], above: Mapping[str, str]) -> str:
    unit = units.get(of.unit)
    seen: set[str] = set()
    while unit is not None and unit.id not in seen:
        seen.add(unit.id)
        head = people.get(unit.head)
        if head is not None and head.active is not False and not _reports(head.id, of.id, above):
            return head.id
        unit = units.get(unit.parent)
    return ""


def _reports(who: str, to: str, above: Mapping[str, str]) -> bool:
    """Whether somebody is a person, or reports to them over however many steps: no circle is made."""
    seen: set[str] = set()
    while who and who not in seen:
        if who == to:
            return True
        seen.add(who)
        who = above.get(who, "")
    return False
