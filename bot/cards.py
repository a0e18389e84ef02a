"""What goes out: spans, blocks and actions of a card, as closed unions of frozen dataclasses."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Literal, assert_never

from pydantic import Field, TypeAdapter

from bot import plots

Tone = plots.Tone


class Style(StrEnum):
    """How loudly a button invites to be pressed."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


class Audience(StrEnum):
    """Who may see a card: one person, or everybody in the channel where it was asked for."""

    PRIVATE = "private"
    ANYONE = "anyone"


# Spans: plain strings are plain; renderers escape them.


@dataclass(frozen=True, slots=True)
class Bold:
    """Emphasised plain text."""

    text: str
    kind: Literal["bold"] = "bold"


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled link; `url` is http or https."""

    label: str
    url: str
    kind: Literal["link"] = "link"

    def __post_init__(self) -> None:
        if not self.url.startswith(("https://", "http://")):
            raise ValueError("a link is http or https")


@dataclass(frozen=True, slots=True)
class Mention:
    """A person, by our id and shown name; renderers show the name and never notify."""

    person: int
    name: str
    kind: Literal["mention"] = "mention"


Span = str | Bold | Link | Mention


def shown(span: Span) -> str:
    """What a reader sees of a span; of a link, its label."""
    match span:
        case str():
            return span
        case Bold(text):
            return text
        case Link(label):
            return label or " "
        case Mention(_, name):
            return name
        case _:
            assert_never(span)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Neighbours in bold become one, or their marks would meet; empty spans go."""
    out: list[Span] = []
    for span in spans:
        if isinstance(span, Bold) and out and isinstance(last := out[-1], Bold):
            out[-1] = Bold(last.text + span.text)
        elif shown(span):
            out.append(span)
    return out


# Blocks.


@dataclass(frozen=True, slots=True)
class Text:
    """One paragraph."""

    spans: tuple[Span, ...]
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Facts:
    """Labelled values, in order."""

    pairs: tuple[tuple[str, str], ...]
    kind: Literal["facts"] = "facts"


@dataclass(frozen=True, slots=True)
class Meter:
    """A share from 0 to 1, with the text that says it."""

    label: str
    done: float
    text: str
    kind: Literal["meter"] = "meter"

    def __post_init__(self) -> None:
        if not 0 <= self.done <= 1:
            raise ValueError("a meter is between 0 and 1")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header; every row is as long as the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: Literal["table"] = "table"

    def __post_init__(self) -> None:
        if any(len(row) != len(self.header) for row in self.rows):
            raise ValueError("every row is as long as the header")


@dataclass(frozen=True, slots=True)
class Chart:
    """Data of one picture; `locale` chooses the font, `more` is a quiet last line such as "and 12 more"."""

    title: str
    subtitle: str
    plot: plots.Plot
    locale: str = "en"
    more: str = ""
    kind: Literal["chart"] = "chart"

    def caption(self) -> str:
        """What stands under the title where there is no picture: the subtitle, and what the figures mean."""
        return " · ".join(said for said in (self.subtitle, self.plot.key()) if said)

    def facts(self) -> Facts:
        """The same figures as text."""
        return Facts((*self.plot.pairs(), *([("…", self.more)] if self.more else [])))

    def alt(self) -> str:
        """One sentence per figure, for screen readers and for platforms without pictures."""
        said = "; ".join(f"{label}: {text}" for label, text in self.plot.pairs())
        return ". ".join(part for part in (self.title, self.caption(), said, self.more) if part)


@dataclass(frozen=True, slots=True)
class Note:
    """A quiet line below the main text."""

    text: str
    kind: Literal["note"] = "note"


@dataclass(frozen=True, slots=True)
class Divider:
    """A thin line."""

    kind: Literal["divider"] = "divider"


Block = Annotated[Text | Facts | Meter | Table | Chart | Note | Divider, Field(discriminator="kind")]


# Actions.


@dataclass(frozen=True, slots=True)
class Button:
    """Carries noun.verb, our id and the version it was drawn for; never authority or state."""

    label: str
    action: str
    subject: int = 0
    version: int = 0
    style: Style = Style.PLAIN
    confirm: str = ""
    kind: Literal["button"] = "button"


@dataclass(frozen=True, slots=True)
class Open:
    """Leads to a page outside."""

    label: str
    url: str
    kind: Literal["open"] = "open"

    def __post_init__(self) -> None:
        if not self.url.startswith(("https://", "http://")):
            raise ValueError("a link is http or https")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values, (value, label) each; choosing sends the value with the action.

    A `quick` one has few short labels and nothing that cannot be undone: where there is room each is a button.
    """

    label: str
    action: str
    options: tuple[tuple[str, str], ...]
    subject: int = 0
    version: int = 0
    quick: bool = False
    kind: Literal["choice"] = "choice"


Action = Annotated[Button | Open | Choice, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A stored file that goes with a card, by our numbers of it and of its content; `type` is its media type, `size` in
    bytes."""

    number: int
    content: int
    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class Card:
    """One message. `summary` is a plain sentence without figures, for notifications and screen readers."""

    title: str
    body: tuple[Block, ...] = ()
    actions: tuple[Action, ...] = ()
    tone: Tone = Tone.NEUTRAL
    summary: str = ""
    audience: Audience = Audience.PRIVATE
    enclosed: Enclosed | None = None

    def charts(self) -> tuple[Chart, ...]:
        """The pictures this card needs."""
        return tuple(block for block in self.body if isinstance(block, Chart))


def text(*spans: Span) -> Text:
    """A paragraph of the given spans."""
    return Text(spans)


def facts(pairs: Iterable[tuple[str, str]]) -> Facts:
    """Labelled values; pairs whose value is empty are left out."""
    return Facts(tuple((label, value) for label, value in pairs if value))


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Card]:
    return TypeAdapter(Card)


def to_json(card: Card) -> dict[str, object]:
    """The card as JSON values."""
    value: dict[str, object] = _adapter().dump_python(card, mode="json")
    return value


def from_json(value: object) -> Card:
    """The card that `to_json` wrote; raises pydantic.ValidationError for anything else."""
    return _adapter().validate_python(value)
