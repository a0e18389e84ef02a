"""The stages of a cycle under way: how far its scoring is, what the next stage does, who has not handed in."""

from collections.abc import Sequence

from bot.cards import Action, Block, Button, Card, Choice, Note, Style, Tone, text
from bot.text import N_, Texts
from models.cycle import RECKONING, REVIEWED, Cycle
from models.turnout import Turnout

STATES = {
    "draft": N_("Draft"),
    "announced": N_("Announced"),
    "setting": N_("Setting plans"),
    "tracking": N_("Under way"),
    "self_scoring": N_("Self scoring"),
    "scoring": N_("Scoring"),
    "reckoning": N_("Results are being computed"),
    "review": N_("In review"),
    "published": N_("Published"),
    "disputing": N_("Disputes open"),
    "closed": N_("Closed"),
    "cancelled": N_("Discarded"),
}
ACKNOWLEDGE = "acknowledge"
LISTS = {
    "self": N_("Self scores not in"),
    "manager": N_("Manager scores not in"),
    ACKNOWLEDGE: N_("Not acknowledged yet"),
}
PAGE = 20
# The states after the results are out.
AFTER = ("published", "disputing")


def turnout_pairs(t: Texts, state: str, count: Turnout) -> list[tuple[str, str]]:
    """The counts that mean something in a stage."""
    of = N_("{n} of {total}")
    pairs = [(t("Plans in force"), t(of, n=count.in_force, total=count.plans))]
    if count.own[1]:
        pairs.append((t("Self scores in"), t(of, n=count.own[0], total=count.own[1])))
    if count.manager[1]:
        pairs.append((t("Manager scores in"), t(of, n=count.manager[0], total=count.manager[1])))
    if state in REVIEWED:
        pairs.append((t("Results computed"), t(of, n=count.results, total=count.in_force)))
    if state in REVIEWED and state != RECKONING:
        pairs.append((t("Results published"), t(of, n=count.published, total=count.results)))
    if count.flags or state == "review":
        pairs.append((t("Flags open"), t.number(count.flags)))
    if count.published:
        pairs.append((t("Acknowledged"), t(of, n=count.acknowledged, total=count.published)))
    return pairs


def stage_actions(t: Texts, cycle: Cycle, count: Turnout, told: int, following: str) -> list[Action]:
    """What HR can do next; `told` is how many people the stage after this one, `following`, sends a message to."""
    actions: list[Action] = []
    if cycle.state == "review":
        actions.append(Button(t("Publish results…"), "cycle.results", cycle.id, style=Style.PRIMARY))
        actions.append(Button(t("Calibrate…"), "calibration.show", cycle.id))
    elif following:
        closes = following == "closed"
        label = t("Close the cycle") if closes else t("Next stage: {stage}", stage=t(STATES[following]))
        style = Style.PLAIN if cycle.state in AFTER else Style.PRIMARY  # disputes are answered first
        confirm = _confirm(t, following, count, told, late=bool(cycle.terms.get("late")))
        actions.append(Button(label, "cycle.advance", cycle.id, cycle.version, style, confirm))
    lists = _lists(cycle.state, count)
    if lists:
        options = tuple((f"{name} 0", t(LISTS[name])) for name in lists)
        actions.append(Choice(t("Who is missing"), "cycle.missing", options, cycle.id))
    if cycle.state in AFTER and count.published < count.in_force:
        actions.append(Button(t("Publish results…"), "cycle.results", cycle.id))
    return actions


def missing_card(t: Texts, cycle: Cycle, kind: str, people: Sequence[tuple[str, int]], page: int) -> Card:
    """Who still owes something, (name, how many), a page at a time."""
    shown = people[page * PAGE : (page + 1) * PAGE]
    body: list[Block] = [text(f"• {_owes(t, kind, *one)}") for one in shown]
    if not shown:
        body.append(text(t("Nobody is missing.")))
    pages = (len(people) + PAGE - 1) // PAGE
    actions: list[Action] = []
    if pages > 1:
        body.append(Note(t("Page {n} of {total}", n=page + 1, total=pages)))
        options = tuple((f"{kind} {n}", t("Page {n} of {total}", n=n + 1, total=pages)) for n in range(pages))
        actions.append(Choice(t("Page"), "cycle.missing", options[:100], cycle.id))
    actions.append(Button(t("Back to the cycle"), "cycle.show", cycle.id))
    return Card(f"{t(LISTS[kind])} · {cycle.name}", tuple(body), tuple(actions), Tone.INFO, t("Who is missing"))


def scoring_card(t: Texts, cycle: Cycle, names: Sequence[str], due: str) -> Card:
    """What the opening of scoring means for one manager: one message for all their people."""
    body: list[Block] = [
        text(t.n("{n} person waits for your score.", "{n} people wait for your scores.", len(names))),
        text(some_names(t, names, PAGE)),
    ]
    if due:
        body.append(text(t("Please hand the scores in by {when}.", when=due)))
    actions = (
        Button(t("Score my team"), "team.score", style=Style.PRIMARY),
        Button(t("My team"), "team.show"),
    )
    title = t("Scoring · {cycle}", cycle=cycle.name)
    return Card(title, tuple(body), actions, Tone.INFO, t("Your people wait for your scores"))


def some_names(t: Texts, names: Sequence[str], most: int) -> str:
    """The first names, and how many more there are."""
    if len(names) <= most:
        return t.list(names)
    return t("{names} and {n} more", names=", ".join(names[:most]), n=len(names) - most)


def _owes(t: Texts, kind: str, name: str, number: int) -> str:
    if kind != "manager":
        return name
    return t.n("{name}: {n} person", "{name}: {n} people", number, name=name)


def _lists(state: str, count: Turnout) -> list[str]:
    found = []
    if state in ("self_scoring", "scoring") and count.own[0] < count.own[1]:
        found.append("self")
    if state == "scoring" and count.manager[0] < count.manager[1]:
        found.append("manager")
    if state in ("review", *AFTER) and count.acknowledged < count.published:
        found.append(ACKNOWLEDGE)
    return found


def _confirm(t: Texts, following: str, count: Turnout, told: int, *, late: bool) -> str:
    """What the press does, and how many people hear of it."""
    open_plans, late_self = count.plans - count.in_force, count.own[1] - count.own[0]
    match following:
        case "setting":
            return t("Plans are made now. People who get a message: {n}.", n=told)
        case "tracking":
            return t("Plans that are not in force can still be agreed: {n}. Nobody gets a message.", n=open_plans)
        case "self_scoring":
            return t(
                "Self scoring opens. People who get a message and score themselves: {n}. Plans that are not in force "
                "are not scored: {m}.",
                n=told,
                m=open_plans,
            )
        case "scoring":
            return t(
                "Scoring opens. Managers who get one message for all their people: {n}. Self scores that are missing "
                "({m}) can still be handed in.",
                n=told,
                m=late_self,
            )
        case "review":
            return _ending(t, count.manager[1] - count.manager[0], late_self, late=late)
        case "disputing":
            return t("The last days for disputes begin. Nobody gets a message.")
        case _:
            return t(
                "Every result becomes final, and no dispute is taken any more. Not acknowledged: {n}. Plans that stay "
                "without a result: {m}. Nobody gets a message.",
                n=count.published - count.acknowledged,
                m=count.in_force - count.published,
            )


def _ending(t: Texts, left: int, late_self: int, *, late: bool) -> str:
    """What becomes of the scores that are missing when scoring ends."""
    if late:
        return t(
            "Scoring ends and results are computed. Still taken, with the mark “late”: manager scores {n}, self "
            "scores {m}. Nobody gets a message.",
            n=left,
            m=late_self,
        )
    return t(
        "Scoring ends and results are computed. Not taken any more: manager scores {n}, self scores {m}. "
        "Nobody gets a message.",
        n=left,
        m=late_self,
    )
