"""Importing tables that companies have: a dry run line by line, then everything or nothing."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from bot.db import Database
from bot.importing.applying import Applied, apply_people, known_people
from bot.importing.checks import check_people
from bot.importing.columns import LABELS
from bot.importing.directory import rows
from bot.importing.people import ERROR, Finding, Known, Report
from bot.importing.table import Table, read_table
from bot.text import N_, Texts
from bot.vault import Vault
from models.base import Refused

KINDS = ("people",)
MOST_FINDINGS = 200
UNKNOWN_KIND = N_("Only {kinds} can be imported so far.")

__all__ = [
    "Known",
    "Report",
    "Table",
    "apply_people",
    "check_people",
    "known_people",
    "read_table",
    "rows",
    "run_import",
]


def run_import(
    kind: str,
    source: Path | Table,
    *,
    dry_run: bool,
    apply: bool,
    approved_by: str,
    db: Database,
    vault: Vault,
    now: datetime,
    out: Callable[[str], None],
    t: Texts,
    imported_by: str = "",
    currency: str = "CNY",
) -> int:
    """Says line by line what a file (or `rows` of a directory) would do, and does it with `apply` (and without
    `dry_run`).

    0 if all is well, 1 if the file has errors. Raises Refused where nothing could be read or nobody approved.
    """
    if kind not in KINDS:
        raise Refused(UNKNOWN_KIND, kinds=list(KINDS))
    table = source if isinstance(source, Table) else read_table(source)

    def work(session: Session) -> tuple[Report, Applied | None]:
        report = check_people(table, known_people(session, vault, now, currency))
        if dry_run or not apply or report.errors:
            return report, None
        return report, apply_people(session, vault, report, approved_by, now, imported_by)

    report, applied = db.now(work)
    for line in told(report, applied, table, t):
        out(line)
    return 1 if report.errors else 0


def told(report: Report, applied: Applied | None, table: Table, t: Texts) -> Iterator[str]:
    """The report as lines of text: findings first, then what would be or was done."""
    for note in table.notes:
        yield t("{name}: {said}", name=t(N_("warning")), said=t.say(note))
    for finding in report.findings[:MOST_FINDINGS]:
        yield _found(finding, table, t)
    if len(report.findings) > MOST_FINDINGS:
        yield t("… and {n} more findings", n=len(report.findings) - MOST_FINDINGS)
    people = t.n("{n} person", "{n} people", len(report.entries))
    places = t.n("{n} department", "{n} departments", report.departments)
    yield t("In the file: {people} in {places}.", people=people, places=places)
    counts = {"new": len(report.new), "changed": len(report.changed), "same": report.unchanged}
    yield t("New: {new}. Changed: {changed}. Unchanged: {same}. Leaving: {left}.", **counts, left=len(report.leaving))
    if applied and applied.headless:
        yield t("It is not clear who heads: {departments}. Please set it.", departments=list(applied.headless))
    yield _verdict(report, applied, t)


def _found(finding: Finding, table: Table, t: Texts) -> str:
    mark = t(N_("error")) if finding.severity == ERROR else t(N_("warning"))
    place = [t("Line {line}", line=_whose(finding.line, table)), t(LABELS[finding.field]) if finding.field else ""]
    facts = {name: _whose(fact, table) if name == "other" else fact for name, fact in finding.facts.items()}
    said = t(finding.message, **facts)
    where = t("{name}: {said}", name=" · ".join(part for part in place if part), said=said)
    return t("{name}: {said}", name=mark, said=where)


def _whose(line: object, table: Table) -> object:
    """A line's number, with the name of the person where there is no file to look it up in."""
    name = table.names.get(line) if isinstance(line, int) else None
    return f"{line} ({name})" if name else line


def _verdict(report: Report, applied: Applied | None, t: Texts) -> str:
    if report.errors:
        return t.n("{n} error. Nothing was stored.", "{n} errors. Nothing was stored.", len(report.errors))
    if applied is None:
        return t("Nothing was stored yet. Run it again with --apply and --approved-by.")
    return t("Everything was stored.")
