"""Publication: what can be published where, what keeps results back, who has acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import Action, Block, Bold, Button, Card, Choice, Style, Tone, facts, text
from bot.text import Texts
from handlers.cards.stages import some_names
from models.cycle import Cycle

NAMED = 10


@dataclass(frozen=True, slots=True)
class ShownRelease:
    """Results of one place. `department` 0 is the company; `flags` are (id, what it is about), `hidden` how many flags
    hold results back that are not for the reader; `wanting` are names without a finished result."""

    cycle: Cycle
    place: str
    department: int = 0
    ready: int = 0
    held: int = 0
    published: int = 0
    acknowledged: int = 0
    wanting: Sequence[str] = ()
    flags: Sequence[tuple[int, str]] = ()
    hidden: int = 0
    places: Sequence[tuple[str, str]] = ()

    @property
    def free(self) -> bool:
        """Whether something can be published now."""
        return bool(self.ready) and not self.flags and not self.hidden


def release_card(t: Texts, shown: ShownRelease) -> Card:
    """How many results can go out, and what is in the way of the others."""
    pairs = [
        (t("Ready"), t.number(shown.ready)),
        (t("Held back by open flags"), t.number(shown.held)),
        (t("Not finished"), t.number(len(shown.wanting))),
        (t("Published"), t.number(shown.published)),
    ]
    if shown.published:
        pairs.append((t("Acknowledged"), t("{n} of {total}", n=shown.acknowledged, total=shown.published)))
    body: list[Block] = [facts(pairs), *_in_the_way(t, shown)]
    title = t("Publish · {cycle} · {place}", cycle=shown.cycle.name, place=shown.place)
    return Card(title, tuple(body), _actions(t, shown), Tone.INFO, t("Publication of results"))


def no_release_card(t: Texts) -> Card:
    """No cycle is that far."""
    said = t("No cycle is in review now: results are published after the scoring.")
    return Card(t("Publish"), (text(said),), (Button(t("Cycles"), "cycle.list"),), summary=said)


def _in_the_way(t: Texts, shown: ShownRelease) -> list[Block]:
    lines: list[Block] = []
    if shown.wanting:
        names = some_names(t, shown.wanting, NAMED)
        lines.append(text("! ", *t.rich("Without a finished result: {names}", names=Bold(names))))
    if shown.flags or shown.hidden:
        said = t.n(
            "{n} flag is open. Nothing is published here before it is decided.",
            "{n} flags are open. Nothing is published here before they are decided.",
            len(shown.flags) + shown.hidden,
        )
        lines.append(text("! ", said))
    lines += [text("• ", about) for _number, about in shown.flags[:NAMED]]
    if len(shown.flags) > NAMED:
        lines.append(text(t("and {n} more", n=len(shown.flags) - NAMED)))
    if not shown.department and shown.ready and (shown.flags or shown.hidden):
        lines.append(text(t("A department without an open flag can be published already: choose it below.")))
    if shown.hidden:
        lines.append(text(t("A colleague in HR decides what concerns yourself.")))
    if not shown.ready and not shown.flags and not shown.hidden:
        lines.append(text(t("Nothing is left to publish here.")))
    return lines


def _actions(t: Texts, shown: ShownRelease) -> tuple[Action, ...]:
    cycle = shown.cycle
    actions: list[Action] = []
    if shown.free:
        label = t.n("Publish {n} result", "Publish {n} results", shown.ready)
        confirm = t.n(
            "{n} person gets their result as a private message ({place}). It cannot be taken back.",
            "{n} people get their results as private messages ({place}). It cannot be taken back.",
            shown.ready,
            place=shown.place,
        )
        address = ("department.release", shown.department) if shown.department else ("cycle.release", cycle.id)
        actions.append(Button(label, *address, cycle.version, Style.PRIMARY, confirm))
    if shown.flags:
        options = tuple((str(number), about[:70]) for number, about in shown.flags[:100])
        actions.append(Choice(t("Open a flag"), "flag.pick", options))
    if shown.places:
        actions.append(Choice(t("Company or department"), "cycle.scope", tuple(shown.places[:100]), cycle.id))
    if shown.acknowledged < shown.published:
        options = (("acknowledge 0", t("Not acknowledged yet")),)
        actions.append(Choice(t("Who is missing"), "cycle.missing", options, cycle.id))
    actions.append(Button(t("Back to the cycle"), "cycle.show", cycle.id))
    return tuple(actions)
