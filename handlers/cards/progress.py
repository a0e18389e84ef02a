"""Progress charts of a person and a team with their findings in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.cards import Block, Bold, Button, Card, Chart, Note, Tone, text
from bot.plots import Bar, Bars
from bot.text import N_, Texts
from handlers.cards.amounts import amount, weight
from handlers.cards.plans import STATES, target_text
from models.item import Item
from models.rules.plans import RATED
from models.rules.progress import CAP, Measured, completion, expected, pace, weighted
from models.team import Member

TONES = {"ahead": Tone.GOOD, "near": Tone.WARN, "behind": Tone.BAD, "unknown": Tone.NEUTRAL}
FULL = float(CAP)


@dataclass(frozen=True, slots=True)
class Progress:
    """One person's plan in figures; `elapsed` is the share of the period that has passed."""

    person_id: int
    name: str
    cycle: str
    plan_id: int
    state: str
    items: Sequence[tuple[Item, Measured]]
    elapsed: Decimal
    blockers: Sequence[tuple[str, str, datetime]] = ()
    reports: bool = False


def progress_card(t: Texts, shown: Progress) -> Card:
    """Every indicator against what is expected by today, weakest findings in words."""
    title = t("{name} · {cycle} progress", name=shown.name, cycle=shown.cycle)
    if not shown.items:
        said = t("The plan is not agreed yet, so there is no progress to show.")
        return Card(title, (text(said),), (Button(t("Open the plan"), "plan.show", shown.plan_id),), summary=said)
    whole = weighted([entry for _item, entry in shown.items])
    subtitle = _subtitle(t, shown, whole)
    bars = Bars(tuple(_bar(t, item, entry, shown.elapsed) for item, entry in shown.items), 100 * FULL)
    chart = Chart(title, subtitle, bars, t.locale)
    body: list[Block] = [chart, *_findings(t, shown)]
    for name, blocker, at in shown.blockers:
        body.append(text("! ", *t.rich("{name}: {said}", name=Bold(name), said=blocker), f" ({t.datetime(at)})"))
    body.append(Note(t("The tick is what is expected by today: sums in proportion to time, levels in full.")))
    actions = [Button(t("Open the plan"), "plan.show", shown.plan_id)]
    if shown.reports:
        actions.insert(0, Button(t("Report progress"), "plan.checkin", shown.plan_id))
    return Card(title, tuple(body), tuple(actions), Tone.NEUTRAL, t("Progress of {name}", name=shown.name))


def _subtitle(t: Texts, shown: Progress, whole: Decimal | None) -> str:
    parts = [t.n("{n} indicator", "{n} indicators", len(shown.items))]
    if whole is not None:
        parts.append(t("weighted {share}", share=t.percent(whole, 1)))
    parts.append(t("{share} of the period has passed", share=t.percent(shown.elapsed)))
    return " · ".join(parts)


def _bar(t: Texts, item: Item, entry: Measured, passed: Decimal) -> Bar:
    done = completion(entry)
    due = expected(entry, passed)
    label = f"{item.name} · {weight(t, item.weight)}"
    if done is None:
        value = amount(t, entry.value, item.unit) if entry.value is not None else t("no value yet")
        value = t("by levels") if item.rule == RATED else value
        return Bar(label, None, value, float(due) / FULL if item.target is not None else None)
    said = f"{t.percent(done)} · {amount(t, entry.value, '')} / {target_text(t, item)}"
    return Bar(label, float(done) / FULL, said, float(due) / FULL, TONES[pace(done, due)])


def _findings(t: Texts, shown: Progress) -> list[Block]:
    """On pace, behind, and not reported yet, by name."""
    groups: dict[str, list[str]] = {}
    for item, entry in shown.items:
        if item.rule == RATED:  # people rate it when the period is over
            continue
        groups.setdefault(pace(completion(entry), expected(entry, shown.elapsed)), []).append(item.name)
    sentences = {
        "ahead": N_("✓ On pace or ahead: {names}"),
        "near": N_("! Slightly behind: {names}"),
        "behind": N_("▼ Behind: {names}"),
        "unknown": N_("No value yet: {names}"),
    }
    return [text(t(said, names=t.list(groups[kind]))) for kind, said in sentences.items() if kind in groups]


def team_progress_card(t: Texts, cycle: str, members: Sequence[Member], elapsed: Decimal) -> Card:
    """One bar a person, the furthest behind first."""
    title = t("My team · {cycle}", cycle=cycle)
    if not members:
        said = t("Nobody reports to you.")
        return Card(title, (text(said),), summary=said)
    ordered = sorted(members, key=lambda one: (one.done is None, one.done or Decimal(0)))
    bars = Bars(tuple(_member_bar(t, one, elapsed) for one in ordered), 100 * FULL)
    known = [one.done for one in members if one.done is not None]
    subtitle = t.n("{n} person", "{n} people", len(members))
    if known:
        mean = sum(known, Decimal(0)) / len(known)
        subtitle += " · " + t("{share} reached on average", share=t.percent(mean, 1))
    blocked = [one.person.called(t.locale) for one in members if one.blocked]
    body: list[Block] = [Chart(title, subtitle, bars, t.locale)]
    if blocked:
        body.append(text(t("! Blocked: {names}", names=t.list(blocked))))
    silent = [one.person.called(t.locale) for one in members if one.done is None]
    if silent:
        body.append(text(t("No value yet: {names}", names=t.list(silent))))
    actions = (Button(t("Who waits for me"), "team.show"), Button(t("Who is late"), "team.headway"))
    return Card(title, tuple(body), actions, summary=t("Progress of your team"))


def _member_bar(t: Texts, one: Member, elapsed: Decimal) -> Bar:
    if one.done is None:
        return Bar(one.person.called(t.locale), None, t(STATES[one.plan.state]))
    tone = TONES[pace(one.done, elapsed)]
    return Bar(one.person.called(t.locale), float(one.done) / FULL, t.percent(one.done), float(elapsed) / FULL, tone)
