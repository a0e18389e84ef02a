"""The shape of the code: who imports whom, how long things are, which words stay where, which calls are never made."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILE, FUNCTION = 300, 40
OURS, ALL = ("bot", "handlers", "models"), ("bot", "handlers", "models", "tests", "bench")
PLATFORM_WORDS = {
    "slack": {"ts", "thread_ts", "message_ts", "trigger_id", "response_url", "view_id", "blocks", "block_id", "mrkdwn"},
    "feishu": {"open_id", "union_id", "chat_id", "open_message_id", "open_chat_id", "tenant_key", "lark_md"},
    "dingtalk": {"staffId", "senderStaffId", "outTrackId", "corpId", "openConversationId", "sessionWebhook", "isAtAll"},
}
SECRETS = {"sig", "signature", "mac", "hmac", "token", "password"}
NEVER = {"eval", "exec", "compile", "__import__", "breakpoint"}
UNSAFE_MODULES = {"pickle", "cPickle", "dill", "marshal", "shelve", "cloudpickle", "telnetlib", "ftplib"}

Fault = tuple[int, str]
Check = Callable[[ast.AST], Iterator[Fault]]


def python(*folders: str) -> list[Path]:
    """Every file of ours in some folders but the revisions, which are generated."""
    found = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return [path for path in found if "versions" not in path.parts]


@cache
def tree(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def refuse(paths: list[Path], check: Check) -> None:
    """Fails with every place, as file:line: what, where a check finds something."""
    found = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in paths
        for node in ast.walk(tree(path))
        for line, what in check(node)
    ]
    assert not found, "\n".join(found)


# Imports


def test_nobody_imports_whom_they_may_not() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stdout[ended.stdout.find("Broken contracts") :]


def contract(identifier: str) -> dict[str, list[str]]:
    """One import contract."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    found: dict[str, list[str]] = next(each for each in contracts if each["id"] == identifier)
    return found


def test_every_feature_is_among_those_that_stand_alone() -> None:
    features = {f"handlers.{path.stem}" for path in (ROOT / "handlers").glob("*.py") if path.stem != "__init__"}
    assert features == set(contract("features-apart")["modules"])


def test_every_part_of_the_bot_has_its_layer() -> None:
    parts = {path for path in (ROOT / "bot").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    named = {name.strip(" ()") for layer in contract("layers")["layers"] for name in layer.split("|")}
    assert {f"bot.{path.stem}" for path in parts if path.stem != "__init__"} - named == set()


def test_the_arithmetic_stands_on_nothing_of_ours() -> None:
    def check(node: ast.AST) -> Iterator[Fault]:
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            ours = name.split(".")[0] in OURS and not name.startswith("models.rules")
            if ours or name.split(".")[0] in {"sqlalchemy", "sqlmodel", "os", "random", "time"}:
                yield getattr(node, "lineno", 0), name

    refuse(python("models/rules"), check)


# Lengths


def test_files_are_short() -> None:
    def check(node: ast.AST) -> Iterator[Fault]:
        if isinstance(node, ast.Module) and node.body and (lines := node.body[-1].end_lineno or 0) > FILE:
            yield lines, "is where it ends"

    refuse(python(*ALL), check)


def test_functions_are_short() -> None:
    def check(node: ast.AST) -> Iterator[Fault]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if lines > FUNCTION:
                yield node.lineno, f"{node.name} has {lines} lines"

    refuse(python(*ALL), check)


def test_every_file_says_what_it_is() -> None:
    def check(node: ast.AST) -> Iterator[Fault]:
        if isinstance(node, ast.Module) and not ast.get_docstring(node):
            yield 1, "has no docstring"

    refuse(python(*ALL), check)


# Words


def words(node: ast.AST) -> Iterator[Fault]:
    """Every name that is defined or used here, and every whole string: a key of somebody's JSON is one.

    `blocks` is also an English word of ours, so it counts as a string only.
    """
    named = [getattr(node, part, None) for part in ("id", "attr", "arg", "name")]
    for name in named:
        if isinstance(name, str) and name != "blocks":
            yield getattr(node, "lineno", 0), name
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, node.value


@pytest.mark.parametrize("platform", PLATFORM_WORDS)
def test_platform_words_stay_in_their_folder(platform: str) -> None:
    def check(node: ast.AST) -> Iterator[Fault]:
        return (found for found in words(node) if found[1] in PLATFORM_WORDS[platform])

    elsewhere = [path for path in python(*OURS) if ROOT / "bot" / "platforms" / platform not in path.parents]
    refuse(elsewhere, check)


# Calls


def test_T57_nothing_unsafe_is_loaded_or_run() -> None:
    def check(node: ast.AST) -> Iterator[Fault]:
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in NEVER:
                yield node.lineno, name
            case ast.Import(names=names) if bad := UNSAFE_MODULES & {alias.name.split(".")[0] for alias in names}:
                yield node.lineno, f"import {bad}"
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in UNSAFE_MODULES:
                yield node.lineno, f"import {module}"
            case ast.Attribute(value=ast.Name(id="yaml"), attr="load" | "load_all" | "unsafe_load"):
                yield node.lineno, "yaml.load"
            case ast.keyword(arg="shell", value=ast.Constant(value=True)):
                yield node.value.lineno, "shell=True"

    refuse(python(*ALL), check)


def test_T55_certificates_are_always_checked() -> None:
    def check(node: ast.AST) -> Iterator[Fault]:
        match node:
            case ast.keyword(arg="verify" | "verify_ssl" | "ssl" | "check_hostname", value=ast.Constant(value=False)):
                yield node.value.lineno, f"{node.arg}=False"
            case ast.Attribute(attr="CERT_NONE" | "_create_unverified_context"):
                yield node.lineno, node.attr

    refuse(python(*ALL), check)


def test_T08_secrets_are_compared_in_constant_time() -> None:
    def check(node: ast.AST) -> Iterator[Fault]:
        if not isinstance(node, ast.Compare) or not any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            return
        for side in (node.left, *node.comparators):
            name = str(getattr(side, "attr", getattr(side, "id", "")))
            if SECRETS & set(name.lower().split("_")):
                yield node.lineno, f"{name} compared with =="

    refuse(python(*OURS), check)


def test_nothing_is_printed_but_by_a_command() -> None:
    def check(node: ast.AST) -> Iterator[Fault]:
        if isinstance(node, ast.Name) and node.id == "print":
            yield node.lineno, "print"

    refuse([path for path in python(*OURS) if path.name != "__main__.py"], check)


def test_T57_jobs_are_not_pickled() -> None:
    def check(node: ast.AST) -> Iterator[Fault]:
        return (found for found in words(node) if found[1] == "SQLAlchemyJobStore")

    refuse(python(*OURS), check)
