"""Writes the tables of docs/security.md: `python -m tests.security.table --update` (without it: is it current?)."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from models.rights import MATRIX, NOT_OWN, Relation

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
_NAME = re.compile(r"T(\d\d)(?=_|$)")
OPEN, CLOSE = "<!-- {name} -->", "<!-- end of {name} -->"

THREATS = {
    "T01": "No signature, or a wrong one",
    "T02": "A stale or future timestamp",
    "T03": "A malformed header crashes the verifier",
    "T04": "The body is re-encoded before it is checked",
    "T05": "An empty or weak secret",
    "T06": "Changing a secret",
    "T07": "Feishu with a token but without a signature",
    "T08": "Signatures compared in time that tells",
    "T09": "The challenge used as an oracle",
    "T10": "Another workspace or app",
    "T11": "The same delivery again, also at once and after a restart",
    "T12": "A platform repeats what was answered late",
    "T13": "Two platforms use the same id",
    "T14": "The memory of ids grows without bound",
    "T15": "Events arrive in the wrong order",
    "T16": "An answer before the work is stored",
    "T17": "A message sent twice or lost",
    "T18": "Somebody else's row by its number",
    "T19": "Acting in another name",
    "T20": "Deciding on one's own case",
    "T21": "Telling what is forbidden from what is missing",
    "T22": "Fields that a role may not read",
    "T23": "Fields that nobody was asked for",
    "T24": "The bot as somebody's deputy, also in a channel",
    "T25": "Conclusions from lists, counts and suggestions",
    "T26": "Files by guessed addresses",
    "T27": "Becoming an administrator",
    "T28": "Reading everything, quickly",
    "T29": "A forged button or form value",
    "T30": "An outdated button",
    "T31": "Several decide at once",
    "T32": "A step skipped or repeated",
    "T33": "The same case on two platforms at once",
    "T34": "A form again, or for a state that is over",
    "T35": "A forwarded card",
    "T36": "A change of what was agreed or is disputed",
    "T37": "Who left still acts, or is still told",
    "T38": "The manager changes in between",
    "T39": "An account or address is used again",
    "T40": "Nothing equals nothing: left-out codes and addresses",
    "T41": "A code for somebody else",
    "T42": "Loops and holes in the organisation",
    "T43": "Mentions, links and formatting in Slack",
    "T44": "Mentions, links and formatting in Feishu and DingTalk",
    "T45": "Formulas in spreadsheets",
    "T46": "Names that break a chart",
    "T47": "Patterns and language tags from people",
    "T48": "Markup in the console and in files",
    "T49": "Line breaks and escape codes in logs",
    "T50": "Look-alike and invisible characters, odd digits",
    "T51": "Huge, deep or slow requests",
    "T52": "Bombs and paths in archives",
    "T53": "Any input to any parser",
    "T54": "Our own connections led astray",
    "T55": "Connections without a checked certificate",
    "T56": "Secrets in logs, errors and backups",
    "T57": "Data that is run as code",
    "T58": "A stolen database, moved or swapped cells",
    "T59": "The audit trail is changed or cut",
    "T60": "The rights of the person the data is about",
    "T61": "Groups too small to hide in",
    "T62": "Calls to anybody but the configured platforms",
}


def named() -> Iterator[tuple[str, str, str]]:
    """(threat, file, test) of every test whose name carries a threat's number."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_T"):
                for number in _NAME.findall(node.name.partition("test_")[2]):
                    yield f"T{number}", path.relative_to(ROOT / "tests").as_posix(), node.name


def threats() -> str:
    """The table of threats with the tests that answer them."""
    found: dict[str, dict[str, list[str]]] = {}
    for threat, file, test in named():
        found.setdefault(threat, {}).setdefault(file, []).append(test)
    lines = ["| threat | | answered by |", "|---|---|---|"]
    for threat, said in THREATS.items():
        files = found.get(threat, {})
        cells = [f"`{file}`: " + ", ".join(_short(name) for name in sorted(names)) for file, names in files.items()]
        lines.append(f"| {threat} | {said} | {'<br>'.join(cells) or 'not yet'} |")
    return "\n".join(lines)


def rights() -> str:
    """The table of rights, from the policy itself."""
    columns = list(Relation)
    lines = ["| right | " + " | ".join(columns) + " |", "|---|" + "---|" * len(columns)]
    for action, allowed in MATRIX.items():
        note = " *" if action in NOT_OWN else ""
        marks = " | ".join("✓" if relation in allowed else "" for relation in columns)
        lines.append(f"| `{action}`{note} | {marks} |")
    return "\n".join(lines)


def page(text: str) -> str:
    """The page with both tables made anew; what stands around them is kept."""
    for name, made in (("threats", threats()), ("rights", rights())):
        start, end = OPEN.format(name=name), CLOSE.format(name=name)
        before, _, rest = text.partition(start)
        _, found, after = rest.partition(end)
        if not found:
            raise ValueError(f"{PAGE.name} has lost its place for {name}")
        text = f"{before}{start}\n{made}\n{end}{after}"
    return text


def _short(name: str) -> str:
    return re.sub(r"^(T\d\d_)+", "", name.removeprefix("test_")).replace("_", " ")


if __name__ == "__main__":
    written = PAGE.read_text(encoding="utf-8")
    if "--update" in sys.argv:
        PAGE.write_text(page(written), encoding="utf-8")
    elif page(written) != written:
        sys.exit("docs/security.md is not current: python -m tests.security.table --update")
