"""A form, one question at a time or all in one block of numbered lines: what a line of a conversation answers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.events import Answers
from bot.forms import MISSING, SENTENCES, Field, Invalid, Kind, Sheet
from bot.text import clean

# "1 A", "1. A", "1、A", "１：A" and "1優"; never "1.5" or "12", which are answers.
_NUMBERED = re.compile(
    r"\s*([0-9０-９]{1,2})(?:\s*[、:：)）]\s*|\s*[.．](?![0-9０-９])\s*|\s+|(?=[^0-9０-９.．,，%％/\-年月日\s]))(\S.*)"
)


class Steps:
    """The same form, one question at a time: plain data in, plain data out, so that it lives in a draft row."""

    def __init__(self, sheet: Sheet, check: Callable[[str, str | tuple[str, ...]], None], answers: Answers) -> None:
        self.sheet, self._check, self.answers = sheet, check, dict(answers)

    @property
    def asking(self) -> Field | None:
        """The next question, or None when all are answered."""
        return next((field for field in self.sheet.fields if field.name not in self.answers), None)

    @property
    def place(self) -> int:
        """Where the present question stands in the form, from 1."""
        return 1 + next((at for at, one in enumerate(self.sheet.fields) if one.name not in self.answers), 0)

    def answer(self, said: str) -> None:
        """Takes the answer to the present question; raises Invalid and keeps everything if it does not fit."""
        self.give(self._present(), said)

    def give(self, field: Field, said: str) -> None:
        """Takes the answer to a question; raises Invalid and keeps everything if it does not fit."""
        value = _chosen(field, said)
        self._check(field.name, value)
        self.answers[field.name] = value

    def skip(self) -> None:
        """Keeps what stands in the field (empty for an optional one); raises Invalid where an answer is needed."""
        self.keep(self._present())

    def keep(self, field: Field) -> None:
        """Keeps what stands in a field; raises Invalid where an answer is needed."""
        if field.required and not field.value:
            raise Invalid({field.name: MISSING})
        self.answers[field.name] = field.value

    def clear(self) -> None:
        """Empties an optional field."""
        field = self.asking
        if field is None or not field.clears:
            raise LookupError("there is nothing that may be emptied")
        self.answers[field.name] = () if field.kind is Kind.CHOICES else ""

    def back(self) -> None:
        """Forgets the last answer."""
        if self.answers:
            self.answers.popitem()

    def change(self, number: int) -> None:
        """Asks a question again, with its answer standing in it."""
        field = self.sheet.fields[number - 1]
        standing = replace(field, value=self.answers.pop(field.name, field.value))
        fields = tuple(standing if one.name == field.name else one for one in self.sheet.fields)
        self.sheet = replace(self.sheet, fields=fields)

    def _present(self) -> Field:
        field = self.asking
        if field is None:
            raise LookupError("every question is answered")
        return field


def block(steps: Steps, said: str) -> Mapping[str, str]:
    """The answers of a block of numbered lines by field name; {} if it is none.

    A list of things done is an answer as well: where a long text is asked for, only a line for every question is a
    block.
    """
    found: dict[int, str] = {}
    number = 0
    for typed in said.strip().splitlines():
        line = _NUMBERED.fullmatch(typed)
        if line is not None and 0 < int(line[1]) <= len(steps.sheet.fields) and int(line[1]) not in found:
            number = int(line[1])
            found[number] = line[2].strip()
        elif number:
            found[number] = f"{found[number]}\n{typed.strip()}"
        else:
            return {}
    asked = steps.asking
    least = len(steps.sheet.fields) if asked is not None and asked.kind is Kind.LONG else 2
    named = {steps.sheet.fields[at - 1].name: answer for at, answer in found.items()}
    return named if len(named) >= max(least, 2) else {}


def _chosen(field: Field, said: str) -> str | tuple[str, ...]:
    if field.kind is Kind.CHOICES:
        parts = [part for part in said.replace("，", ",").replace("、", ",").split(",") if part.strip()]
        return tuple(dict.fromkeys(_option(field, part.strip()) for part in parts))
    # A pressed option comes as its value, often a row's id: it must not be taken for a number of the list.
    known = not field.options or said.strip() in dict(field.options)
    return said.strip() if known else _option(field, said.strip())


def _option(field: Field, said: str) -> str:
    """The value of the option with this label, number in the list, or value."""
    wanted = clean(said).casefold()
    ways = (
        {clean(label).casefold(): value for value, label in field.options},
        {str(number): value for number, (value, _) in enumerate(field.options, 1)},
        {value.casefold(): value for value, _ in field.options},
    )
    for way in ways:
        if wanted in way:
            return way[wanted]
    raise Invalid({field.name: SENTENCES["literal_error"]})
