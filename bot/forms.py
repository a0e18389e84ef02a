"""Forms: one pydantic class, an Ask per field; every platform asks it its own way and hands back the same answers."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import UnionType
from typing import Annotated, ClassVar, Protocol, Self, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from bot.events import Answers
from bot.text import N_, clean, tidy

LONG = 1000
SHORT = 200


class Kind(StrEnum):
    """What a field takes."""

    SHORT = "short"
    LONG = "long"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    PERSON = "person"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class Ask:
    """How a person sees one field: English texts, translated when the sheet is made. `kind` is derived if left out."""

    label: str
    hint: str = ""
    kind: Kind | None = None
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One question in the reader's language; `value` is what stands in it (a tuple for several choices). `clears`: it
    may stand empty, and then nothing else stands in for it."""

    name: str
    label: str
    kind: Kind
    hint: str = ""
    required: bool = True
    value: str | tuple[str, ...] = ""
    options: tuple[tuple[str, str], ...] = ()
    clears: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form ready to be shown to one reader."""

    action: str
    title: str
    submit: str
    fields: tuple[Field, ...]
    subject: int = 0
    version: int = 0

    def without(self, kind: Kind) -> "Sheet":
        """The sheet without its questions of a kind."""
        return replace(self, fields=tuple(field for field in self.fields if field.kind is not kind))


class Says(Protocol):
    """The part of `bot.text.Texts` that a sheet needs."""

    def __call__(self, message: str, /, **values: object) -> str: ...


class Invalid(Exception):
    """Answers refused: field name → sentence in English or, raised by a handler, already in the reader's language."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


MISSING = N_("Please fill this in.")
SENTENCES = {
    "missing": MISSING,
    "decimal_parsing": N_("Please enter a number, such as 12.5."),
    "decimal_type": N_("Please enter a number, such as 12.5."),
    "finite_number": N_("Please enter a number, such as 12.5."),
    "decimal_max_places": N_("Please use fewer decimal places."),
    "decimal_max_digits": N_("This number is too long."),
    "decimal_whole_digits": N_("This number is too long."),
    "int_parsing": N_("Please enter a whole number."),
    "int_parsing_size": N_("This number is too long."),
    "greater_than": N_("This number is too small."),
    "greater_than_equal": N_("This number is too small."),
    "less_than": N_("This number is too large."),
    "less_than_equal": N_("This number is too large."),
    "date_from_datetime_parsing": N_("Please enter a date, such as 2026-12-31."),
    "date_parsing": N_("Please enter a date, such as 2026-12-31."),
    "string_too_long": N_("This text is too long."),
    "string_too_short": MISSING,
    "literal_error": N_("Please choose one of the options."),
    "enum": N_("Please choose one of the options."),
    "too_long": N_("Please choose fewer options."),
    "too_short": N_("Please choose more options."),
}
UNREADABLE = N_("I could not read this answer.")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
_RAISED = re.compile("[²³¹⁰-₉①-⓿]")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2})")
_YEARS = range(1900, 2200)  # beyond them no time zone's arithmetic runs off the calendar's ends
_NEITHER = "?"


class Form(BaseModel):
    """A base for forms: `action` is the noun.verb that receives the answers."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
    action: ClassVar[str]
    title: ClassVar[str]
    submit: ClassVar[str] = N_("Save")

    @classmethod
    def asks(cls) -> dict[str, Ask]:
        """The Ask of every field, in order."""
        return {name: _ask(info) for name, info in cls.model_fields.items()}

    @classmethod
    def read(cls, answers: Answers) -> Self:
        """The typed answers; raises Invalid with an English sentence per field."""
        known = {name: cls._plain(name, value) for name, value in answers.items() if name in cls.model_fields}
        try:
            return cls.model_validate({name: value for name, value in known.items() if value not in ("", [])})
        except ValidationError as error:
            first = next(iter(cls.model_fields))  # where a rule over several fields is told
            raise Invalid({str((*e["loc"], first)[0]): _sentence(e["type"]) for e in error.errors()}) from None

    @classmethod
    def check(cls, name: str, answer: str | tuple[str, ...]) -> None:
        """Refuses one answer early, by the rule of the whole form; an empty answer to an optional field passes."""
        info, plain = cls.model_fields[name], cls._plain(name, answer)
        if plain in ("", []):
            if info.is_required():
                raise Invalid({name: MISSING})
            return
        try:
            TypeAdapter(info.rebuild_annotation()).validate_python(plain)
        except ValidationError as error:
            raise Invalid({name: _sentence(error.errors()[0]["type"])}) from None

    @classmethod
    def _plain(cls, name: str, value: str | tuple[str, ...]) -> object:
        """Full-width digits become digits, invisible characters go (threat T50); the width of prose is the writer's."""
        if isinstance(value, tuple):
            return [part for part in map(tidy, value) if part]
        match _kind(cls.model_fields[name].annotation, ()):
            case Kind.NUMBER:
                return _number(value)
            case Kind.DATE:
                return _day(clean(value))
            case _:
                return tidy(value)

    @classmethod
    def sheet(
        cls,
        t: Says,
        *,
        subject: int = 0,
        version: int = 0,
        values: Mapping[str, object] | None = None,
        options: Mapping[str, Iterable[tuple[str, str]]] | None = None,
        labels: Mapping[str, str] | None = None,
        only: Iterable[str] | None = None,
        needed: Iterable[str] = (),
    ) -> Sheet:
        """The form in the reader's language. `options` and `labels` (already translated) replace the declared ones;
        `needed` are fields that may be empty in other cases but not in this one.
        """
        given, chosen, named = values or {}, options or {}, labels or {}
        names = list(cls.model_fields) if only is None else list(only)
        fields = {name: _field(cls, name, t, given.get(name), chosen.get(name), named.get(name)) for name in names}
        fields |= {name: replace(fields[name], required=True, clears=False) for name in needed}
        return Sheet(cls.action, t(cls.title), t(cls.submit), tuple(fields.values()), subject, version)


def _number(typed: str) -> str:
    """The number in plain digits: no 1e999999999, 2_0, NaN, digits of any script, nor 10² (which would become 102)."""
    said = clean(typed)
    return said if not said or (_NUMBER.fullmatch(said) and not _RAISED.search(typed)) else _NEITHER


def _day(said: str) -> str:
    """The date as YYYY-MM-DD; a bare number never counts as seconds since 1970, as pydantic would have it."""
    if not said:
        return said
    found = _DAY.fullmatch(said)
    year, month, day = [part for part in found.groups() if part] if found else (_NEITHER, "", "")
    if found and int(year) not in _YEARS:
        return _NEITHER
    return f"{year}-{month:0>2}-{day:0>2}"


def _field(
    form: type[Form], name: str, t: Says, value: object, options: Iterable[tuple[str, str]] | None, label: str | None
) -> Field:
    info = form.model_fields[name]
    ask = _ask(info)
    shown = tuple(options) if options is not None else tuple((key, t(said)) for key, said in ask.options)
    return Field(
        name=name,
        label=label or t(ask.label),
        kind=ask.kind or _kind(info.annotation, shown),
        hint=t(ask.hint) if ask.hint else "",
        required=info.is_required(),
        value=_shown(info.default if value is None and not info.is_required() else value),
        options=shown,
        clears=not info.is_required() and not info.default,
    )


def _ask(info: FieldInfo) -> Ask:
    return next(extra for extra in info.metadata if isinstance(extra, Ask))


def _kind(annotation: object, options: tuple[tuple[str, str], ...]) -> Kind:
    if get_origin(annotation) in (Annotated, Union, UnionType):
        return _kind(next(part for part in get_args(annotation) if part is not type(None)), options)
    if get_origin(annotation) in (tuple, list, frozenset):
        return Kind.CHOICES
    if options:
        return Kind.CHOICE
    if annotation in (Decimal, int):
        return Kind.NUMBER
    return Kind.DATE if annotation is date else Kind.SHORT


def _shown(value: object) -> str | tuple[str, ...]:
    if value is None:
        return ""
    if isinstance(value, tuple | list | frozenset):
        return tuple(str(part) for part in value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)


def _sentence(kind: str) -> str:
    return SENTENCES.get(kind, UNREADABLE)
