"""No sentence reaches a person untranslated: handlers say nothing that is not inside t("…") or N_("…")."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.catalogs import ROOT

# Which arguments are read by people: positions, keywords, and whether all words within lists and tuples are, too.
SHOWN: dict[str, tuple[tuple[int, ...], tuple[str, ...], bool]] = {
    "Card": ((0,), ("title", "summary"), True),
    "Button": ((0,), ("label", "confirm"), True),
    "Open": ((0,), ("label",), True),
    "Choice": ((0, 2), ("label", "options"), False),
    "Note": ((0,), ("text",), True),
    "Text": ((0,), ("spans",), True),
    "text": (tuple(range(20)), (), True),
    "Bold": ((0,), ("text",), True),
    "Link": ((0,), ("label",), True),
    "Facts": ((0,), ("pairs",), True),
    "facts": ((0,), ("pairs",), True),
    "Table": ((0, 1), ("header", "rows"), True),
    "Meter": ((0, 2), ("label", "text"), True),
    "Chart": ((0, 1, 4), ("title", "subtitle", "more"), True),
    "Bar": ((0, 2), ("label", "text"), True),
    "Column": ((0, 2, 4), ("label", "text", "expected_text"), True),
    "Columns": ((1,), ("expected_name",), True),
    "Range": ((0, 4), ("label", "text"), True),
    "Ranges": ((1, 2, 3), ("ends", "middle_name", "span_name"), True),
    "Stack": ((0, 2), ("label", "text"), True),
    "Stacks": ((1,), ("names",), True),
    "Pair": ((0, 3), ("label", "text"), True),
    "Pairs": ((1, 2), ("first_name", "second_name"), True),
    "Ask": ((0, 1, 3), ("label", "hint", "options"), False),
    "Invalid": ((0,), ("errors",), False),
    "toast": ((0,), (), True),
}


def bare(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and text of every literal that a person would read in English whatever their language."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.ClassDef) and any("Form" in ast.unparse(base) for base in node.bases):
            yield from _of_form(node)


def _of_call(call: ast.Call) -> Iterator[tuple[int, str]]:
    called = getattr(call.func, "id", getattr(call.func, "attr", ""))
    positions, keywords, words = SHOWN.get(called, ((), (), False))
    given = [argument for place, argument in enumerate(call.args) if place in positions]
    given += [keyword.value for keyword in call.keywords if keyword.arg in keywords]
    for argument in given:
        direct = isinstance(argument, ast.Constant | ast.JoinedStr)
        yield from _of_value(argument, any_word=direct or words)


def _of_form(form: ast.ClassDef) -> Iterator[tuple[int, str]]:
    for line in form.body:
        match line:
            case ast.Assign(targets=[ast.Name(id="title" | "submit")], value=value):
                yield from _of_value(value, any_word=True)
            case ast.AnnAssign(target=ast.Name(id="title" | "submit"), value=ast.expr() as value):
                yield from _of_value(value, any_word=True)


def _of_value(value: ast.AST, *, any_word: bool) -> Iterator[tuple[int, str]]:
    """Calls are not entered: t("…") and N_("…") are what is wanted, others are looked at where they stand."""
    match value:
        case ast.Constant(value=str(said)):
            letters = any(char.isalpha() for char in said)
            if letters and (any_word or " " in said.strip()):
                yield value.lineno, said
        case ast.IfExp(body=one, orelse=other):
            yield from _of_value(one, any_word=any_word)
            yield from _of_value(other, any_word=any_word)
        case ast.Tuple() | ast.List() | ast.JoinedStr() | ast.BinOp() | ast.Dict() | ast.Starred() | ast.BoolOp():
            for part in ast.iter_child_nodes(value):
                yield from _of_value(part, any_word=any_word)
        case ast.GeneratorExp(elt=part) | ast.ListComp(elt=part):
            yield from _of_value(part, any_word=any_word)


@pytest.mark.parametrize(
    "source",
    [
        'Card("My goals")',
        'Card(title="Goals")',
        'Card(t("Goals"), summary="Your goals")',
        'Button("Approve", "plan.approve")',
        'Button(t("Approve"), "plan.approve", confirm="Sure?")',
        'cards.Note("Nothing here yet")',
        'Note(f"{count} goals")',
        'Note("Yes" if done else t("No"))',
        'Text(("Hello",))',
        'text("Hello ", Bold(name))',
        'facts([("Weight", weight)])',
        'Facts(tuple(("x", 1) for x in y) + (("Weight", weight),))',
        'facts(("Name", x) for x in y)',
        'Choice(t("Pick"), "goal.pick", (("a", "The first one"),))',
        'Ask("Your score")',
        'Ask(N_("Score"), hint="From 0 to 100")',
        'Invalid({"score": "Too high for this goal"})',
        'class GoalForm(Form):\n    title = "Goal"',
        'class GoalForm(Form):\n    submit: ClassVar[str] = "Send"',
        'Columns(rows, "Guidance")',
        'Stacks(rows, ("High", "Low"))',
        'ctx.toast("Saved")',
    ],
)
def test_a_bare_sentence_is_found(source: str) -> None:
    assert list(bare(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        'Card(t("My goals"), (text(t("Hello {name}", name=who)),))',
        'Button(t("Approve"), "plan.approve", goal.id, goal.version)',
        'Bar(goal.name, 0.5, f"{share}% · {weight}")',
        'Ask(N_("Score"), options=(("high", N_("High score")),))',
        'Choice(label, "goal.pick", options=(("a", t("The first one")),))',
        'class GoalForm(Form):\n    action = "goal.save"\n    title = N_("Goal")',
        'Text(t.rich("{who} agreed", who=Mention(1, "x")))',
        'open("some file")',
        'Note("")',
    ],
)
def test_what_is_translated_or_not_said_is_no_fault(source: str) -> None:
    assert not list(bare(ast.parse(source)))


def test_handlers_say_nothing_untranslated() -> None:
    faults = [
        f"{path.relative_to(ROOT)}:{line}: {said!r}"
        for path in sorted(Path(ROOT / "handlers").rglob("*.py"))
        for line, said in bare(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not faults, "\n".join(faults)
