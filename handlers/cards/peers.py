"""Colleagues: whom somebody names, what the manager confirms, what a colleague is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards import Block, Bold, Button, Card, Note, Style, Tone, text
from bot.text import N_, Texts

WAITS, ASKED, DECLINED = "waits", "asked", "declined"
# What the person may know: not who answered, nor who would rather not.
STANDS = {WAITS: N_("waits for your manager"), ASKED: N_("asked"), DECLINED: N_("not asked")}


@dataclass(frozen=True, slots=True)
class ShownPeer:
    """One colleague to be asked, as their manager or they themselves see it; `items` are the questions."""

    id: int
    version: int
    owner: str
    rater: str
    cycle: str
    items: Sequence[str] = ()
    due: datetime | None = None


def colleagues_card(t: Texts, plan_id: int, named: Sequence[tuple[str, str]], *, most: int) -> Card:
    """Whom somebody named, by name and standing, and the button for one more."""
    body: list[Block] = [text("• ", Bold(name), f" · {t(STANDS[stands])}") for name, stands in named]
    if not named:
        body.append(text(t("Name colleagues who know your work. Your manager confirms whom I ask.")))
    body.append(Note(t("Answers are anonymous. Their mean is shown with the result, from three answers on.")))
    more = Button(t("Name a colleague…"), "plan.propose_peer", plan_id, style=Style.PRIMARY)
    return Card(t("Colleagues"), tuple(body), (more,) if len(named) < most else (), summary=t("Who is asked about you"))


def confirm_card(t: Texts, shown: ShownPeer) -> Card:
    """The manager decides whether a colleague is asked."""
    body = (
        text(
            *t.rich(
                "{owner} names {rater} for {cycle}.",
                owner=Bold(shown.owner),
                rater=Bold(shown.rater),
                cycle=shown.cycle,
            )
        ),
        Note(t("Ask them if the two work together closely enough to say something about it.")),
    )
    actions = (
        Button(t("Ask this colleague"), "peer.confirm", shown.id, shown.version, Style.PRIMARY),
        Button(t("Do not ask"), "peer.decline", shown.id, shown.version),
    )
    return Card(t("Ask a colleague?"), body, actions, Tone.INFO, t("A colleague is proposed"))


def question_card(t: Texts, shown: ShownPeer) -> Card:
    """What a colleague is asked, and what happens with the answer."""
    body: list[Block] = [text(t("{owner} asks you how it is to work together.", owner=shown.owner))]
    body += [text("• ", name) for name in shown.items]
    if shown.due is not None:
        body.append(text(t("By {when}.", when=shown.due)))
    body.append(
        Note(
            t(
                "Your answers are stored without your name, and cannot be changed afterwards. Below three answers "
                "nothing is shown to anybody."
            )
        )
    )
    actions = (
        Button(t("Answer…"), "peer.answer", shown.id, shown.version, Style.PRIMARY),
        Button(t("I'd rather not"), "peer.decline", shown.id, shown.version),
    )
    title = t("How is it to work with {name}?", name=shown.owner)
    return Card(title, tuple(body), actions, Tone.INFO, t("A question about a colleague"))
