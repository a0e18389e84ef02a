"""Evidence: what supports a plan, item by item; one piece with what its reader can do; its mention on other cards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlsplit

from bot.cards import Action, Block, Bold, Button, Card, Choice, Enclosed, Note, Open, Style, Tone, facts, text
from bot.text import N_, Texts
from handlers.cards.rulebooks import safe
from models.evidence import ACCEPTED, FAILED, GIVEN, LINK, RETURNED, STORED, WANTED, WORDS, Evidence

PAGE = 25
SHORT = 60
STATES = {
    WANTED: N_("on its way"),
    GIVEN: N_("given"),
    ACCEPTED: N_("accepted"),
    RETURNED: N_("sent back"),
    FAILED: N_("could not be kept"),
}
TONES = {ACCEPTED: Tone.GOOD, RETURNED: Tone.WARN, FAILED: Tone.BAD}
KEPT_TYPES = N_("PDF, PNG, JPEG, WebP, GIF, Word, Excel, PowerPoint (without macros), and plain text or CSV in UTF-8")
FAULTS = {
    "empty": N_("“{name}” is empty."),
    "large": N_("“{name}” is larger than 20 MB."),
    "unknown": N_("“{name}” is none of the types that can be kept: {types}."),
    "active": N_("“{name}” holds macros or programs, and those are never kept."),
    "damaged": N_("“{name}” is damaged or locked, so nobody could open it."),
    "inflated": N_("“{name}” would become far too large when it is opened."),
    "full": N_("There was no room left for “{name}” in this cycle. Remove something first."),
    "gone": N_("“{name}” could not be fetched: it was deleted, or I may not read it. Please send it to me once more."),
    "unreached": N_("“{name}” could not be fetched for a while. Please send it once more."),
}


@dataclass(frozen=True, slots=True)
class ShownPiece:
    """One piece in a list: our number, its item, its name, how it stands."""

    id: int
    lineage: int
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class ShownEvidence:
    """One piece as one reader may see it; `removes`, `decides` and `opens` are what they can do."""

    piece: Evidence
    name: str
    item: str
    owner: str
    body: str = ""
    reason: str = ""
    by: str = ""
    mine: bool = False
    removes: bool = False
    decides: bool = False


@dataclass(frozen=True, slots=True)
class ShownList:
    """Everything given for a plan; `items` are (lineage, name) in the plan's order, `gives`: more can be added."""

    plan_id: int
    version: int
    owner: str
    cycle: str
    items: Sequence[tuple[int, str]]
    pieces: Sequence[ShownPiece]
    page: int = 0
    mine: bool = False
    gives: bool = False
    counts: Mapping[int, Decimal | None] | None = None


def shown_pieces(pieces: Sequence[Evidence], unseal: Callable[[Evidence, str], str]) -> list[ShownPiece]:
    """Pieces with their names."""
    return [ShownPiece(one.id, one.lineage, unseal(one, "title"), one.state) for one in pieces]


def mention(t: Texts, pieces: Sequence[ShownPiece]) -> str:
    """How many there are and what they are called, in one line; "" if there are none."""
    if not pieces:
        return ""
    names = [short(one.name) + (f" ({t(STATES[one.state])})" if one.state != GIVEN else "") for one in pieces[:5]]
    more = [t("{n} more", n=len(pieces) - 5)] if len(pieces) > 5 else []
    return t("Evidence: {n} – {names}", n=len(pieces), names=t.list([*names, *more]))


def look_choice(t: Texts, pieces: Sequence[ShownPiece]) -> list[Choice]:
    """The list that opens one of them; nothing where there are none."""
    options = tuple((str(one.id), short(one.name)) for one in pieces[:PAGE])
    return [Choice(t("Look at evidence"), "evidence.pick", options)] if options else []


def evidence_list(t: Texts, shown: ShownList) -> Card:
    """Every piece under its item, a page at a time."""
    title = t("My evidence · {cycle}", cycle=shown.cycle)
    if not shown.mine:
        title = t("Evidence of {name} · {cycle}", name=shown.owner, cycle=shown.cycle)
    page = shown.pieces[shown.page * PAGE :][:PAGE]
    body: list[Block] = []
    for lineage, name in shown.items:
        body += _item(t, shown, lineage, name, [one for one in page if one.lineage == lineage])
    known = {lineage for lineage, _name in shown.items}
    rest = [one for one in page if one.lineage not in known]
    body += _lines(t, t("Of indicators that are not in the plan any more"), rest)
    if not page:
        body.append(text(t("Nothing is given yet.")))
    if shown.gives:
        body.append(
            Note(t("Send me a file here, or add a link or words. Kept are: {types}; up to 20 MB.", types=t(KEPT_TYPES)))
        )
    return Card(title, tuple(body), _list_actions(t, shown, page), summary=t("What supports a plan"))


def _item(t: Texts, shown: ShownList, lineage: int, name: str, pieces: Sequence[ShownPiece]) -> list[Block]:
    lines = _lines(t, name, pieces)
    if shown.counts is not None and lineage in shown.counts:
        accepted = sum(one.state == ACCEPTED for one in shown.pieces if one.lineage == lineage)
        target = shown.counts[lineage]
        said = t("This one counts accepted evidence: {n} of {target}.", n=accepted, target=target or "–")
        lines = [*(lines or [text(Bold(name))]), Note(said)]
    return lines


def _lines(t: Texts, name: str, pieces: Sequence[ShownPiece]) -> list[Block]:
    if not pieces:
        return []
    return [text(Bold(name), *(f"\n• {short(one.name)} · {t(STATES[one.state])}" for one in pieces))]


def _list_actions(t: Texts, shown: ShownList, page: Sequence[ShownPiece]) -> tuple[Action, ...]:
    actions: list[Action] = []
    if shown.gives:
        actions.append(Button(t("Add evidence…"), "plan.attach", shown.plan_id, style=Style.PRIMARY))
    actions += look_choice(t, page)
    pages = (len(shown.pieces) + PAGE - 1) // PAGE
    if pages > 1:
        options = tuple((str(number), t("Page {n} of {total}", n=number + 1, total=pages)) for number in range(pages))
        actions.append(Choice(t("Turn to"), "plan.evidence_page", options, shown.plan_id))
    return (*actions, Button(t("Home"), "home.show"))


def evidence_card(t: Texts, shown: ShownEvidence) -> Card:
    """One piece."""
    piece = shown.piece
    body: list[Block] = []
    if piece.state == FAILED:
        body.append(text(fault_text(t, piece.fault, shown.name)))
    if shown.reason:
        body.append(text(*t.rich("{who} sent it back: {reason}", who=Bold(shown.by), reason=shown.reason)))
    body.append(facts(_facts(t, shown)))
    if shown.body:
        body.append(text(shown.body))
    summary = t("A piece of evidence")
    return Card(shown.name, tuple(body), _actions(t, shown), TONES.get(piece.state, Tone.NEUTRAL), summary)


def _facts(t: Texts, shown: ShownEvidence) -> list[tuple[str, str]]:
    piece = shown.piece
    state = t(STATES[piece.state])
    if piece.state == ACCEPTED and shown.by:
        state = t("accepted by {who}", who=shown.by)
    return [
        (t("Indicator"), shown.item),
        (t("Handed in by"), "" if shown.mine else shown.owner),
        (t("When"), t.datetime(piece.at)),
        (t("Size"), size_text(t, piece.size) if piece.size else ""),
        (t("State"), state),
    ]


def _actions(t: Texts, shown: ShownEvidence) -> tuple[Action, ...]:
    piece = shown.piece
    at, actions = (piece.id, piece.version), list[Action]()
    if piece.deposit_id is not None:
        actions.append(Button(t("Open"), "evidence.open", piece.id, style=Style.PRIMARY))
    link = linked(shown.body) if piece.kind == LINK else ""
    if link:
        actions.append(Open(t("Open {place}", place=urlsplit(link).hostname or ""), link))
    if shown.decides and piece.state in STORED:
        actions += [] if piece.state == ACCEPTED else [Button(t("Accept"), "evidence.accept", *at)]
        actions.append(Button(t("Send back…"), "evidence.return", *at))
    if shown.removes:
        sure = t("It is taken away for good.")
        actions.append(Button(t("Remove"), "evidence.remove", *at, style=Style.DANGER, confirm=sure))
    return (*actions, Button(t("All evidence"), "plan.evidence", piece.plan_id))


def linked(said: str) -> str:
    """The link that something written is or ends with, "" if there is none that leads to a place with a name."""
    last = said.rsplit(maxsplit=1)[-1] if said.split() else ""
    try:
        return last if safe(last) and urlsplit(last).hostname else ""
    except ValueError:
        return ""


def file_card(t: Texts, shown: ShownEvidence, *, late: bool) -> Card:
    """A stored file on its way to its reader; `late`: it was asked for too long ago."""
    piece = shown.piece
    if late or piece.deposit_id is None:
        said = t("This was opened a while ago. Press Open once more to get the file.")
        return Card(shown.name, (Note(said),), summary=said)
    whose = [] if shown.mine else [(t("Handed in by"), shown.owner)]
    body = facts([(t("Indicator"), shown.item), *whose, (t("Size"), size_text(t, piece.size))])
    enclosed = Enclosed(piece.id, piece.deposit_id, shown.name, piece.media, piece.size)
    return Card(shown.name, (body,), summary=t("A piece of evidence"), enclosed=enclosed)


def fault_text(t: Texts, fault: str, name: str) -> str:
    """Why a file is not kept."""
    known = FAULTS.get(fault, FAULTS["unknown"])
    return t(known, name=short(name), **({"types": t(KEPT_TYPES)} if "{types}" in known else {}))


def size_text(t: Texts, size: int) -> str:
    """How large a file is."""
    if size < 1024 * 1024:
        return t("{n} KB", n=max(1, size // 1024))
    return t("{n} MB", n=(Decimal(size) / (1024 * 1024)).quantize(Decimal("0.1")))


def kind_of(said: str) -> str:
    """Whether what was written is a link or words."""
    return LINK if linked(said) else WORDS


def title_of(typed: str, said: str) -> str:
    """What a piece without a file is called: as its owner says, else by its first words or where the link leads."""
    link = linked(said)
    plain = said.removesuffix(link).strip() or (urlsplit(link).hostname or "" if link else "")
    return typed or short(plain)


def short(name: str) -> str:
    """The name cut in the middle, so that its ending stays."""
    return name if len(name) <= SHORT else f"{name[: SHORT - 13]}…{name[-12:]}"
