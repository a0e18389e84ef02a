"""Catalogs against sources: `python -m tests.catalogs` prints each fault, with --update it renews the catalogs."""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter

import polib
from babel.messages.plurals import get_plural

from bot.text import LOCALES

ROOT = Path(__file__).parent.parent
SOURCES = ("bot", "handlers", "models")
PLAIN = {"t", "N_", "later", "Refused"}
OF_TEXTS = {"t", "_t"}
Key = tuple[str, str]


@dataclass
class Sentence:
    """One sentence of the sources: its plural ("" for none), its context and the files that say it."""

    message: str
    plural: str = ""
    context: str = ""
    files: set[str] = field(default_factory=set)

    @property
    def key(self) -> Key:
        """What a catalog finds it by."""
        return self.context, self.message


class Broken(Exception):
    """A sentence that cannot be extracted; the text says where and why."""


def extract(root: Path) -> dict[Key, Sentence]:
    """Every sentence of the sources; raises Broken where one cannot be taken out."""
    found: dict[Key, Sentence] = {}
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            for sentence in sentences(ast.parse(path.read_text(encoding="utf-8")), name):
                known = found.setdefault(sentence.key, sentence)
                if known.plural and sentence.plural not in ("", known.plural):
                    raise Broken(f"{name}: two plurals of {sentence.message!r}")
                known.plural = known.plural or sentence.plural
                known.files.add(name)
    return found


def sentences(tree: ast.AST, name: str) -> Iterator[Sentence]:
    """Sentences of one module: t("…"), x.t("…"), t.n("…", "…", count), t.p("…", "…"), t.rich("…"), N_("…")."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        how = _how(call)
        if how == "n":
            yield from (Sentence(one, many) for one, many in _both(call, name))
        elif how == "p":
            yield from (Sentence(message, context=context) for context, message in _both(call, name))
        elif how == "said":
            yield from (Sentence(one) for word in call.keywords for one in _literals(word.value, name))
        elif how == "command":
            command, about = (list(_literals(argument, name)) for argument in call.args[:2])
            yield from (Sentence(word, context="command") for word in command)
            yield from (Sentence(sentence) for sentence in about)
        elif how and call.args:
            yield from (Sentence(message) for message in _literals(call.args[0], name))


def _both(call: ast.Call, name: str) -> list[tuple[str, str]]:
    """The two literals that t.n and t.p begin with; none where the sentence was marked elsewhere."""
    one, other = (list(_literals(argument, name)) for argument in call.args[:2])
    if len(one) < len(other):
        raise Broken(f"{name}:{call.lineno}: t.n and t.p begin with two literals")
    return [(first, second) for first in one for second in other]


def _how(call: ast.Call) -> str:
    """How a call holds sentences: "plain", "n", "p", "command", "said", or "" for not at all."""
    match call.func:
        case ast.Name(id=word) if word in PLAIN:
            return "plain"
        case ast.Attribute(attr=word) if word in OF_TEXTS or word == "Refused":
            return "plain"
        case ast.Call(func=ast.Name(id="texts")):
            return "plain"
        case ast.Attribute(value=ast.Name(), attr="said"):
            return "said"
        case ast.Attribute(value=ast.Name(), attr="command") if any(word.arg == "right" for word in call.keywords):
            return "command"
        case ast.Attribute(value=texts, attr="rich" | "n" | "p" as word) if _is_texts(texts):
            return "plain" if word == "rich" else word
        case _:
            return ""


def _is_texts(value: ast.expr) -> bool:
    match value:
        case ast.Name(id=word) | ast.Attribute(attr=word):
            return word in OF_TEXTS
        case ast.Call(func=ast.Name(id="texts")):
            return True
        case _:
            return False


def _literals(argument: ast.expr, name: str) -> Iterator[str]:
    """Both branches of a choice count; a name or a call was marked with N_ elsewhere; an f-string is a fault."""
    match argument:
        case ast.Constant(value=str(said)):
            yield said
        case ast.IfExp(body=one, orelse=other):
            yield from _literals(one, name)
            yield from _literals(other, name)
        case ast.JoinedStr() | ast.BinOp():
            raise Broken(f"{name}:{argument.lineno}: a sentence is one literal, its values are {{placeholders}}")
        case _:
            return


def catalog_path(root: Path, locale: str) -> Path:
    """Where a locale's catalog lies."""
    return root / "locales" / locale / "LC_MESSAGES" / "messages.po"


def check(root: Path = ROOT) -> list[str]:
    """Every fault of every catalog, one line each; empty if all is well."""
    try:
        found = extract(root)
    except Broken as fault:
        return [str(fault)]
    faults = [
        f"{sorted(one.files)[0]}: {fault}: {one.message!r}" for one in found.values() for fault in _in_source(one)
    ]
    for locale in LOCALES:
        if locale != "en":
            faults += [f"{locale}: {fault}" for fault in _in_catalog(catalog_path(root, locale), locale, found)]
    return faults


def _in_source(sentence: Sentence) -> Iterator[str]:
    for said in (sentence.message, sentence.plural):
        if names(said) is None:
            yield "bad braces"
        if said != said.strip():
            yield "edge spaces"
    if not sentence.message:
        yield "empty sentence"


def _in_catalog(path: Path, locale: str, found: Mapping[Key, Sentence]) -> Iterator[str]:
    if not path.exists():
        yield "no catalog"
        return
    catalog = polib.pofile(str(path), encoding="utf-8")
    if found and not list(catalog):
        yield "empty catalog"
    if catalog.metadata.get("Plural-Forms") != _plural_forms(locale):
        yield "wrong Plural-Forms"
    known = {(entry.msgctxt or "", entry.msgid): entry for entry in catalog}
    yield from (f"missing: {message!r}" for context, message in sorted(found.keys() - known.keys()))
    for key, entry in known.items():
        if entry.obsolete or key not in found:
            yield f"stale: {entry.msgid!r}"
        else:
            yield from (f"{fault}: {entry.msgid!r}" for fault in _in_entry(entry, found[key], locale))


def _in_entry(entry: "polib.POEntry", sentence: Sentence, locale: str) -> Iterator[str]:
    if "fuzzy" in entry.flags:
        yield "fuzzy"
    if (entry.msgid_plural or "") != sentence.plural:
        yield "another plural"
        return
    forms = list(entry.msgstr_plural.values()) if sentence.plural else [entry.msgstr]
    if sentence.plural and len(forms) != get_plural(locale).num_plurals:
        yield "wrong number of plural forms"
    for number, said in enumerate(forms):
        yield from _in_translation(said, sentence, last=number == len(forms) - 1)


def _in_translation(said: str, sentence: Sentence, *, last: bool) -> Iterator[str]:
    if not said.strip():
        yield "untranslated"
        return
    if said != said.strip():
        yield "edge spaces"
    if _asks(said) != _asks(sentence.message):
        yield "another ending"
    shown, one, many = names(said), names(sentence.message), names(sentence.plural or sentence.message)
    if shown is None:
        yield "bad braces"
    elif one is not None and many is not None:
        # Only the form for one may leave out the count, as the English one may.
        fits = shown == many if last else one & many <= shown <= one | many
        if not fits:
            yield "other placeholders"


def _asks(said: str) -> bool:
    """Whether it is a button that asks something first: in every language it ends like that, and nothing else does."""
    return said.endswith("…") and not said.endswith(" …")


def names(said: str) -> frozenset[str] | None:
    """The {names} of a sentence; None if its braces are not plain {names}."""
    try:
        parts = list(Formatter().parse(said))
    except ValueError:
        return None
    found = [name for _, name, spec, conversion in parts if name is not None and not spec and not conversion]
    fields = [name for _, name, _, _ in parts if name is not None]
    return frozenset(found) if found == fields and all(name.isidentifier() for name in found) else None


def update(root: Path = ROOT) -> None:
    """Rewrites every catalog: new sentences untranslated, stale ones gone, in order, without dates or line numbers."""
    found = extract(root)
    for locale in LOCALES:
        if locale == "en":
            continue
        path = catalog_path(root, locale)
        old = polib.pofile(str(path), encoding="utf-8") if path.exists() else []
        known = {(entry.msgctxt or "", entry.msgid): entry for entry in old if not entry.obsolete}
        fresh = polib.POFile(wrapwidth=0, encoding="utf-8")
        fresh.metadata = _header(locale)
        fresh.extend(_entry(found[key], known.get(key), locale) for key in sorted(found))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(fresh) + "\n", encoding="utf-8")


def _entry(sentence: Sentence, old: "polib.POEntry | None", locale: str) -> "polib.POEntry":
    """The sentence with its translation, if the catalog had one for the same singular or plural."""
    kept = old if old is not None and (old.msgid_plural or "") == sentence.plural else None
    plural = dict.fromkeys(range(get_plural(locale).num_plurals), "") if sentence.plural else {}
    fuzzy = ["fuzzy"] if kept is not None and "fuzzy" in kept.flags else []
    return polib.POEntry(
        msgctxt=sentence.context or None,
        msgid=sentence.message,
        msgid_plural=sentence.plural,
        msgstr="" if kept is None else kept.msgstr,
        msgstr_plural=plural if kept is None else kept.msgstr_plural,
        tcomment="" if kept is None else kept.tcomment,
        occurrences=[(name, "") for name in sorted(sentence.files)],
        flags=[*fuzzy, *(["python-brace-format"] if "{" in sentence.message + sentence.plural else [])],
    )


def _header(locale: str) -> dict[str, str]:
    return {
        "Language": locale,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": _plural_forms(locale),
    }


def _plural_forms(locale: str) -> str:
    plural = get_plural(locale)
    return f"nplurals={plural.num_plurals}; plural={plural.plural_expr};"


def main(arguments: list[str]) -> int:
    """Exit status 0 if all is well, 1 with one line per fault."""
    if "--update" in arguments:
        update()
        return 0
    faults = check()
    sys.stdout.writelines(fault + "\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
