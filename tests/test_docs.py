"""The documents tell the truth: links, commands with their options, settings, metrics, buttons and role pages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from babel.messages.pofile import read_po

from bot import ops
from bot.__main__ import cli
from bot.router import Router
from bot.settings import Settings
from handlers import ROUTERS

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ROLES = ("employee", "manager", "department-head", "hr", "executive", "auditor")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
VARIABLE = re.compile(r"\b(?:DATABASE|PANDIAN|SLACK|FEISHU|DINGTALK)_[A-Z_]*[A-Z]\b")
METRIC = re.compile(r"\bpandian_[a-z_]+")


def text(path: Path) -> str:
    """What a document says."""
    return path.read_text(encoding="utf-8")


def role_page(role: str) -> str:
    """The page of a role."""
    return text(ROOT / "docs" / f"{role}.md")


def anchors(path: Path) -> set[str]:
    """The names of a document's headings, as links use them."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text(path)), re.MULTILINE)
    plain = (LINK.sub("", heading).replace("`", "").strip().lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def dead_links(document: Path) -> Iterator[str]:
    """Relative links of a document that lead nowhere."""
    for target in LINK.findall(CODE.sub("", FENCED.sub("", text(document)))):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, anchor = target.partition("#")
        path = (document.parent / place).resolve() if place else document
        known = path.exists() and path.is_relative_to(ROOT)
        if not known or (anchor and anchor not in anchors(path)):
            yield target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    assert list(dead_links(document)) == []


def test_both_readmes_say_the_same() -> None:
    english, chinese = text(ROOT / "README.md"), text(ROOT / "README.zh-Hans.md")
    pages = [{link for link in LINK.findall(said) if link.startswith("docs/")} for said in (english, chinese)]
    named = [{link for link in found if not link.endswith(".png")} for found in pages]
    assert named[0] == named[1]
    for pattern in (r"^## ", r"^\d+\. ", r"^- \*\*", r"^\| "):
        counts = [len(re.findall(pattern, said, re.MULTILINE)) for said in (english, chinese)]
        assert counts[0] == counts[1], pattern


# What is typed


def options() -> dict[str, set[str]]:
    """The options of every command."""
    commands = getattr(typer.main.get_command(cli), "commands", {})
    return {name: {opt for param in command.params for opt in param.opts} for name, command in commands.items()}


def test_every_option_of_a_command_exists() -> None:
    known = options()
    for document in DOCUMENTS:
        for name, rest in re.findall(r"python -m bot +([a-z-]+)([^`\n|]*)", text(document)):
            wrong = set(re.findall(r"--[a-z-]+", rest)) - known[name]
            assert not wrong, f"{document.name}: {name} {wrong}"


def test_the_operators_page_lists_every_command() -> None:
    section = text(ROOT / "docs" / "operation.md").partition("## Commands")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z]+)([^`]*)`", section, re.MULTILINE)
    assert {name for name, _rest in rows} == set(options())
    for name, rest in rows:
        assert set(re.findall(r"--[a-z-]+", rest)) <= options()[name]


def test_settings_and_documents_name_the_same_variables() -> None:
    known = {str(field.alias) for field in Settings.model_fields.values()}
    named = {document.name: set(VARIABLE.findall(text(document))) for document in DOCUMENTS}
    named.pop("security.md", None)
    assert {name: found - known for name, found in named.items() if found - known} == {}
    table = text(ROOT / "docs" / "operation.md").partition("## Settings")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE)) == known


def test_metrics_and_documents_name_the_same() -> None:
    kept = {metric.name for metric in ops.REGISTRY.collect()}
    named = {name.removesuffix("_total") for name in METRIC.findall(text(ROOT / "docs" / "operation.md"))}
    assert named == kept


# What people can do


def test_every_command_stands_on_a_role_page() -> None:
    typed = {word for role in ROLES for word in re.findall(r"`perf ?([a-z]*)", role_page(role))}
    commands = set(Router.merged(ROUTERS).commands)
    assert typed - {""} - commands == set()
    assert commands - {"home"} - typed == set()
    assert "" in typed


@pytest.mark.parametrize("role", ROLES)
def test_every_button_of_a_role_page_exists(role: str) -> None:
    with (ROOT / "locales" / "ja" / "LC_MESSAGES" / "messages.po").open("rb") as catalog:
        known = {str(message.id) for message in read_po(catalog) if isinstance(message.id, str)}
    assert set(re.findall(r"\*\*([^*]+)\*\*", role_page(role))) - known == set()
