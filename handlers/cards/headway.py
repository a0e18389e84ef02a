"""How far the work of a cycle is: departments in a chart and a table, what is missing, and all cycles side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards import Action, Block, Bold, Button, Card, Chart, Choice, Meter, Note, Table, Tone, facts, text
from bot.plots import Stack, Stacks
from bot.text import N_, Texts
from handlers.cards.stages import STATES as STAGES
from models.headway import DONE, FAULTY, LATE, TARDY, WAITING, Count

# In the order of the chart: what is done, what needs somebody's care, what has time.
STATES = {
    DONE: N_("Done"),
    LATE: N_("Late"),
    FAULTY: N_("Non-compliant"),
    WAITING: N_("Waiting"),
}
LISTS = {
    LATE: N_("Late"),
    FAULTY: N_("Non-compliant"),
    WAITING: N_("Waiting"),
    TARDY: N_("Done after the deadline"),
}
STEPS = {
    "plan.submit": N_("indicators to be set"),
    "plan.approve": N_("plan to be approved"),
    "plan.pass": N_("plan to be reviewed by HR"),
    "plan.confirm": N_("plan to be confirmed"),
    "plan.accept": N_("change of a plan to be answered"),
    "peer.confirm": N_("colleagues to be confirmed"),
    "peer.answer": N_("word on a colleague to be given"),
    "scorecard.submit": N_("scores to be handed in"),
    "cycle.publish": N_("results to be published"),
    "result.acknowledge": N_("result to be acknowledged"),
}
MOST, OPTIONS, CYCLES = 20, 99, 8


@dataclass(frozen=True, slots=True)
class Part:
    """A department of the next level, or the place's own people; `opens` if it is a place to look into."""

    key: int
    name: str
    count: Count
    opens: bool = True


@dataclass(frozen=True, slots=True)
class ShownHeadway:
    """One stage of a cycle in one place, as somebody may see it.

    `place` is how buttons name the place: "0" the company, "12" a department, "team" the reader's own people; `above`
    is the same and the name of the place above, if the reader may look there. `names`: they may see who it is.
    """

    cycle_id: int
    cycle: str
    stage: str
    place: str
    name: str
    count: Count
    now: datetime
    parts: Sequence[Part] = ()
    steps: Mapping[str, int] | None = None
    stages: Sequence[str] = ()
    due: datetime | None = None
    above: tuple[str, str] | None = None
    names: bool = False
    several: bool = False


def headway_card(t: Texts, shown: ShownHeadway) -> Card:
    """The finding first, then the picture, the figures, and what is missing."""
    title = f"{shown.name} · {t(STAGES[shown.stage])} · {shown.cycle}" if shown.stage else shown.cycle
    summary = t("How far a cycle is")
    if not shown.count.total:
        return Card(title, (text(t("Nobody owes anything here in this stage.")),), _actions(t, shown), summary=summary)
    parts = sorted((one for one in shown.parts if one.count.total), key=_behind)
    body: list[Block] = [text(Bold(finding(t, parts, shown.count)))]
    body += _figures(t, shown, parts)
    body += _missing(t, shown.steps or {})
    body += [Note(said) for said in _notes(t, shown)]
    tone = Tone.WARN if shown.count.late or shown.count.faulty else Tone.NEUTRAL
    return Card(title, tuple(body), _actions(t, shown), tone, summary)


def finding(t: Texts, parts: Sequence[Part], whole: Count) -> str:
    """What stands out, in one sentence; `parts` begin with the one furthest behind."""
    if whole.done == whole.total:
        return t("Everything is done: {n} of {total}.", n=whole.done, total=whole.total)
    first = parts[0] if len(parts) > 1 else None
    if whole.late and first is not None and first.count.late:
        late, every = first.count.late, first.count.total
        return t("{name} is furthest behind: {n} of {total} late.", name=first.name, n=late, total=every)
    if whole.late:
        return t("{n} of {total} late.", n=whole.late, total=whole.total)
    if whole.faulty:
        return t("Nobody is late; not compliant yet: {n} of {total}.", n=whole.faulty, total=whole.total)
    return t("Nobody is late; {n} of {total} are done.", n=whole.done, total=whole.total)


def _behind(part: Part) -> tuple[float, int, float, str]:
    """The worst first: the share that is late, then how many that are, then what is not done."""
    every = part.count.total
    return (-part.count.late / every, -part.count.late, part.count.done / every, part.name)


def _figures(t: Texts, shown: ShownHeadway, parts: Sequence[Part]) -> list[Block]:
    """A picture and a table of the departments; of a single one its figures in a few words."""
    chart = _chart(t, shown, parts)
    if len(parts) < 2:
        pairs = [(t(said), t.number(getattr(shown.count, name))) for name, said in STATES.items()]
        return [chart, facts([pair for pair in pairs if pair[1] != t.number(0)])]
    header = (t("Department"), *(t(said) for said in STATES.values()), t("All"))
    rows = [
        (one.name, *(_cell(t, getattr(one.count, name)) for name in STATES), t.number(one.count.total)) for one in parts
    ]
    return [chart, Table(header, tuple(rows[:MOST]))]


def _chart(t: Texts, shown: ShownHeadway, parts: Sequence[Part]) -> Chart:
    states = [name for name in STATES if getattr(shown.count, name)]
    rows = [Stack(one.name, *_stack(t, one.count, states)) for one in parts[:MOST]]
    rows = rows or [Stack(shown.name, *_stack(t, shown.count, states))]
    subtitle = f"{shown.name} · {_of(t, shown.count)}"
    more = t("and {n} more", n=len(parts) - MOST) if len(parts) > MOST else ""
    title = f"{t(STAGES[shown.stage])} · {shown.cycle}"
    return Chart(title, subtitle, Stacks(tuple(rows), tuple(t(STATES[name]) for name in states)), t.locale, more)


def _stack(t: Texts, count: Count, states: Sequence[str]) -> tuple[tuple[float, ...], str]:
    return tuple(
        getattr(count, name) / count.total for name in states
    ), f"{t.number(count.done)} / {t.number(count.total)}"


def _cell(t: Texts, number: int) -> str:
    return t.number(number) if number else "–"


def _of(t: Texts, count: Count) -> str:
    return t("{n} of {total} done", n=count.done, total=count.total)


def _missing(t: Texts, steps: Mapping[str, int]) -> list[Block]:
    """What the stage still needs, by step."""
    if not steps:
        return []
    known = [(t(STEPS.get(kind, N_("something else to be done"))), number) for kind, number in steps.items()]
    lines = "\n".join(f"• {t.number(number)} × {said}" for said, number in known)
    return [text(Bold(t("Missing before the stage is complete")), "\n", lines)]


def _notes(t: Texts, shown: ShownHeadway) -> list[str]:
    said = []
    if shown.count.tardy:
        said.append(
            t.n(
                "{n} of what is done came after the deadline.",
                "{n} of what is done came after the deadline.",
                shown.count.tardy,
            )
        )
    if shown.count.overdue:
        said.append(
            t.n(
                "{n} of the non-compliant is late as well.",
                "{n} of the non-compliant are late as well.",
                shown.count.overdue,
            )
        )
    if shown.due is not None:
        said.append(
            t("This stage ends {when}.", when=shown.due)
            if shown.due > shown.now
            else t("This stage ended {when}.", when=shown.due)
        )
    said.append(as_of(t, shown.now))
    return said


def as_of(t: Texts, now: datetime) -> str:
    """When the figures were counted."""
    return t("As of {when}.", when=now)


def _actions(t: Texts, shown: ShownHeadway) -> tuple[Action, ...]:
    """The choices carry the place and the stage: "12 setting"."""
    actions: list[Action] = []
    if shown.names and (lists := [(name, number) for name in LISTS if (number := getattr(shown.count, name))]):
        options = tuple(
            (f"{shown.place} {shown.stage} {name} 0", f"{t(LISTS[name])} ({t.number(n)})") for name, n in lists
        )
        actions.append(Choice(t("Names"), "cycle.names", options, shown.cycle_id))
    if len(shown.stages) > 1:
        stages = tuple((f"{shown.place} {one}", t(STAGES[one])) for one in shown.stages)
        actions.append(Choice(t("Stage"), "cycle.progress", stages, shown.cycle_id))
    places = [*([shown.above] if shown.above else []), *((str(one.key), one.name) for one in shown.parts if one.opens)]
    if places:
        options = tuple((f"{key} {shown.stage}", name[:70]) for key, name in places[:OPTIONS])
        actions.append(Choice(t("Department"), "cycle.progress", options, shown.cycle_id))
    actions.append(Button(t("Refresh"), "cycle.again", shown.cycle_id))
    if shown.several:
        actions.append(Button(t("All cycles under way"), "cycle.running"))
    return tuple(actions)


# All cycles side by side


@dataclass(frozen=True, slots=True)
class Running:
    """One cycle under way: its stages in order with counts and deadlines."""

    id: int
    name: str
    state: str
    stages: Sequence[tuple[str, Count, datetime | None]]


def running_card(t: Texts, cycles: Sequence[Running], name: str, now: datetime) -> Card:
    """A meter for every stage that is not complete, one line for those that are."""
    body: list[Block] = [] if cycles else [text(t("No cycle is under way."))]
    for one in cycles[:CYCLES]:
        body.append(text(Bold(one.name), f" · {t(STAGES[one.state])}"))
        body += [_meter(t, *stage) for stage in one.stages if stage[1].done < stage[1].total]
        done = [t(STAGES[stage]) for stage, count, _due in one.stages if count.done == count.total]
        if done:
            body.append(text(t("✓ Complete: {stages}", stages=t.list(done))))
        if not one.stages:
            body.append(text(t("Nobody owes anything in it now.")))
    if len(cycles) > CYCLES:
        body.append(Note(t("and {n} more", n=len(cycles) - CYCLES)))
    body.append(Note(as_of(t, now)))
    actions: list[Action] = [Button(one.name, "cycle.progress", one.id) for one in cycles[:CYCLES] if one.stages]
    actions.append(Button(t("My own progress"), "person.own"))
    title = t("Cycles under way · {place}", place=name)
    return Card(title, tuple(body), tuple(actions), summary=t("The cycles under way"))


def _meter(t: Texts, stage: str, count: Count, due: datetime | None) -> Meter:
    said = [_of(t, count)]
    said += [t("{n} late", n=count.late)] if count.late else []
    said += [t("{n} non-compliant", n=count.faulty)] if count.faulty else []
    label = f"{t(STAGES[stage])} · {t('by {when}', when=due)}" if due is not None else t(STAGES[stage])
    return Meter(label, count.done / count.total, " · ".join(said))
