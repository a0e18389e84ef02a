"""What a person on DingTalk takes for one message: a card with the texts that stand above it for want of room."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.drivers import Seen
from tests.fakes.dingtalk_people import People
from tests.fakes.dingtalk_screen import FieldSeen, Pressable, Shown, looks
from tests.fakes.dingtalk_store import Card, Person, Post


@dataclass(frozen=True)
class Read:
    """A message, how it looks now, and the texts right above it that it goes on from."""

    post: Post
    look: Shown
    above: tuple[Shown, ...] = ()

    def text(self, look: Shown) -> str:
        """All that is read, with the message as it looks or looked."""
        return "\n".join([*(one.whole for one in self.above), look.whole])

    def seen(self, user: str) -> Seen:
        """For a story."""
        pictures = self.look.pictures + sum(one.pictures for one in self.above)
        labels = tuple(one.label for one in self.look.buttons)
        return Seen(self.post.id, self.text(self.look), labels, pictures, user)

    def looked(self, text: str, reader: Person) -> Shown:
        """How the message looked when all that was read was this."""
        found = next((one for one in looks(self.post, reader) if text in (one.whole, self.text(one))), None)
        assert found is not None, "this message never looked like that"
        return found


def read(fake: People, user: str) -> list[Read]:
    """Everything in somebody's talk with the bot, oldest first."""
    out: list[Read] = []
    for post, look in fake.view(user):
        above = _above(out, post.card, look) if post.card else _around(out)
        parts = tuple(one.look for one in out[len(out) - above :])
        del out[len(out) - above :]
        out.append(Read(post, look, parts))
    return out


def carried(button: Pressable) -> str:
    """What a button means to the bot, whichever way it says so."""
    return button.id or (button.says or "").rpartition("#")[2]


def standing(one: FieldSeen) -> str | tuple[str, ...]:
    """What stands in a field: the text, or the labels of what is chosen."""
    if isinstance(one.standing, tuple):
        return tuple(one.options.get(part, part) for part in one.standing)
    return one.options.get(one.standing, one.standing)


def errors(look: Shown) -> dict[str, str]:
    """Errors by label, as the notice above a form names them; what names none stands with the first field."""
    found: dict[str, str] = {}
    labels = [one.label for one in look.fields if not one.hidden]
    for line in look.text.splitlines():
        label = next((one for one in labels if line.startswith(f"{one}: ")), "")
        said = line.removeprefix(f"{label}: ") if label else line
        name = label or labels[0]
        found[name] = f"{found[name]}\n{said}" if name in found else said
    return found


def sentences(seen: Sequence[Read]) -> Iterator[str]:
    """The messages that are but a sentence."""
    for one in seen:
        if one.post.card is None and not one.look.buttons and "\n" not in one.look.text.strip():
            yield one.look.whole


def _above(before: Sequence[Read], card: Card, look: Shown) -> int:
    """How many of the last messages belong to a card that stands as it was sent: texts, the first under its title."""
    first = card.past[0][0] if card.past else card.public
    if card.public.get("markdown") != first.get("markdown"):
        return 0
    for many, one in enumerate(reversed(before), 1):
        if one.post.card or one.look.buttons or one.post.kind not in ("markdown", "sampleMarkdown"):
            return 0
        if one.look.text.split("\n", 1)[0] == look.title:
            return many
    return 0


def _around(before: Sequence[Read]) -> int:
    """How many of the last messages end in a picture, with the text that it was sent in the middle of."""
    pictures = 0
    for one in reversed(before):
        if one.post.card or one.look.text or not one.look.pictures:
            return pictures + (pictures > 0 and not one.post.card and not one.look.buttons)
        pictures += 1
    return pictures
