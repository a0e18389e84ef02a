"""What surrounds the code agrees with itself: lock files, the Makefile and what the documents tell people to type."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from bot.__main__ import cli

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)(?: ; [^\\]+)? \\$", re.MULTILINE)
LOCKS = ("requirements.txt", "requirements-dev.txt", ".ci/uv.txt")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`[^`\n]+`")


def normal(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(lock: str) -> dict[str, str]:
    """Version by package."""
    return {normal(name): version for name, version in PINNED.findall((ROOT / lock).read_text())}


def test_tests_run_with_the_versions_that_are_shipped() -> None:
    shipped, tested = locked("requirements.txt"), locked("requirements-dev.txt")
    assert shipped
    assert {name: tested.get(name) for name in shipped} == shipped


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    for entry in entries:
        assert PINNED.match(entry + "\n"), f"not pinned: {entry.splitlines()[0]}"
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), f"no hash: {entry.splitlines()[0]}"
    assert not re.search(r"://|--index|--extra-index|--find-links|--trusted-host", text)


@pytest.mark.parametrize(("lock", "group"), [("requirements.txt", None), ("requirements-dev.txt", "dev")])
def test_every_dependency_is_locked(lock: str, group: str | None) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["dependency-groups"][group] if group else project["project"]["dependencies"]
    names = {normal(re.split(r"[\[<>=!~; ]", each, maxsplit=1)[0]) for each in wanted}
    assert names - set(locked(lock)) == set()


def targets() -> set[str]:
    """What make can be asked for."""
    phony = re.search(r"^\.PHONY:(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony
    return set(phony.group(1).split())


def test_make_has_what_operators_rely_on() -> None:
    assert {"run", "test", "check", "bench", "gallery", "soak", "image", "migration"} <= targets()
    rules = (ROOT / "Makefile").read_text()
    assert [name for name in targets() if not re.search(rf"^{name}:", rules, re.MULTILINE)] == []


def typed() -> Iterator[tuple[str, str]]:
    """Every command a document shows, with the document."""
    for document in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        text = document.read_text(encoding="utf-8")
        code = "\n".join(FENCED.findall(text) + INLINE.findall(FENCED.sub("", text)))
        for found in re.finditer(r"(?:^|[\s`$])(make|python -m bot) +([a-z-]+)", code):
            yield str(document.relative_to(ROOT)), " ".join(found.groups())


def test_what_the_documents_tell_people_to_type_exists() -> None:
    commands = getattr(typer.main.get_command(cli), "commands", {})
    known = {f"make {name}" for name in targets()} | {f"python -m bot {name}" for name in commands}
    assert [(document, command) for document, command in typed() if command not in known] == []
