"""A form, one question at a time: what a line of a conversation answers."""

from collections.abc import Callable

from bot.events import Answers
from bot.forms import MISSING, SENTENCES, Field, Invalid, Kind, Sheet
from bot.text import clean


class Steps:
    """The same form, one question at a time: plain data in, plain data out, so that it lives in a draft row."""

    def __init__(self, sheet: Sheet, check: Callable[[str, str | tuple[str, ...]], None], answers: Answers) -> None:
        self.sheet, self._check, self.answers = sheet, check, dict(answers)

    @property
    def asking(self) -> Field | None:
        """The next question, or None when all are answered."""
        return next((field for field in self.sheet.fields if field.name not in self.answers), None)

    def answer(self, said: str) -> None:
        """Takes the answer to the present question; raises Invalid and keeps everything if it does not fit."""
        field = self.asking
        if field is None:
            raise LookupError("every question is answered")
        value = _chosen(field, said)
        self._check(field.name, value)
        self.answers[field.name] = value

    def skip(self) -> None:
        """Keeps what stands in the field (empty for an optional one); raises Invalid where an answer is needed."""
        field = self.asking
        if field is None:
            raise LookupError("every question is answered")
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
