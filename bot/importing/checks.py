"""The checks of a whole file: duplicates, managers, and what importing would change; pure."""

from collections.abc import Iterator, Mapping

from bot.importing.columns import folded
from bot.importing.people import COMPARED, ERROR, WARNING, Entry, Finding, Known, Report, columns_of, read_line
from bot.importing.table import Table
from bot.text import N_


def check_people(table: Table, known: Known) -> Report:
    """Reads and checks every line; never raises for what is in the cells."""
    columns, findings = columns_of(table)
    if any(finding.severity == ERROR for finding in findings):
        return Report((), tuple(findings), (), {}, 0, (), 0, table.digest)
    entries: list[Entry] = []
    for line in table.lines:
        entry, found = read_line(line, columns, known)
        entries.append(entry)
        findings += found
    findings += [*_duplicates(entries, known), *_managers(entries, known)]
    return _report(table, entries, sorted(findings, key=lambda one: (one.line, one.severity)), known)


def resolved(entry: Entry, known: Known) -> Entry:
    """The entry with codes for the departments and positions that exist."""
    values = {name: getattr(entry, name) for name in (*COMPARED, "number", "line")}
    values["department"] = known.departments.get(folded(entry.department), entry.department)
    if entry.position is not None:
        values["position"] = known.positions.get(folded(entry.position), entry.position)
    return Entry(**values)


def _report(table: Table, entries: list[Entry], findings: list[Finding], known: Known) -> Report:
    new, changed, leaving = [], {}, []
    for entry in entries:
        held = known.people.get(entry.number)
        if entry.active is False and (held is None or held.active):
            leaving.append(entry.number)
        if held is None:
            new.append(entry.number)
        elif fields := differences(resolved(entry, known), held):
            changed[entry.number] = fields
    unchanged = len(entries) - len(new) - len(changed)
    departments = len({folded(entry.department) for entry in entries})
    return Report(
        tuple(entries), tuple(findings), tuple(new), changed, unchanged, tuple(leaving), departments, table.digest
    )


def differences(entry: Entry, held: Entry) -> tuple[str, ...]:
    """The fields in which an entry says something else than is known."""
    said = [(name, getattr(entry, name)) for name in COMPARED]
    return tuple(name for name, value in said if value is not None and value != getattr(held, name))


def _duplicates(entries: list[Entry], known: Known) -> Iterator[Finding]:
    """Numbers twice in the file; addresses twice in the file, or held by somebody who keeps theirs."""
    numbers: dict[str, int] = {}
    for entry in entries:
        if entry.number and entry.number in numbers:
            message = N_("Line {other} has the same employee number.")
            yield Finding(entry.line, "number", ERROR, message, {"other": numbers[entry.number]})
        numbers.setdefault(entry.number, entry.line)
    changing = {entry.number for entry in entries if entry.email}
    held = {other.email for number, other in known.people.items() if other.email and number not in changing}
    addresses: dict[str, int] = {}
    for entry in entries:
        if not entry.email:
            continue
        if entry.email in addresses:
            message = N_("Line {other} has the same e-mail address.")
            yield Finding(entry.line, "email", ERROR, message, {"other": addresses[entry.email]})
        elif entry.email in held:
            message = N_("Somebody who is not in this file has the same e-mail address.")
            yield Finding(entry.line, "email", ERROR, message, {})
        addresses.setdefault(entry.email, entry.line)


def _managers(entries: list[Entry], known: Known) -> Iterator[Finding]:
    """Managers who do not exist or have left, who are the person, or who lead back to the person."""
    inside = {entry.number: entry for entry in entries if entry.number}
    above = {number: held.manager or "" for number, held in known.people.items()}
    above |= {number: entry.manager for number, entry in inside.items() if entry.manager is not None}
    circles = looped(above)
    for entry in entries:
        manager = above.get(entry.number, "")
        if not manager:
            continue
        if manager == entry.number:
            yield Finding(entry.line, "manager", ERROR, N_("Nobody can be their own manager."), {})
        elif manager not in inside and manager not in known.people:
            message = N_("This manager is neither in the file nor known.")
            yield Finding(entry.line, "manager", ERROR, message, {})
        elif entry.number in circles:
            message = N_("The managers go round in a circle: from one to the next they lead back to this person.")
            yield Finding(entry.line, "manager", ERROR, message, {})
        elif entry.active is not False and _gone(manager, inside, known):
            message = N_("This manager has left. Decisions go one level up until there is a new one.")
            yield Finding(entry.line, "manager", WARNING, message, {})


def _gone(number: str, inside: Mapping[str, Entry], known: Known) -> bool:
    said = inside[number].active if number in inside else None
    held = known.people.get(number)
    return said is False or (said is None and held is not None and held.active is False)


def looped(above: Mapping[str, str]) -> set[str]:
    """Everybody who is in a circle of managers; each is visited once."""
    done: set[str] = set()
    found: set[str] = set()
    for start in above:
        path: list[str] = []
        at = start
        while at and at not in done and at not in path:
            path.append(at)
            at = above.get(at, "")
        if at in path:
            found |= set(path[path.index(at) :])
        done |= set(path)
    return found
