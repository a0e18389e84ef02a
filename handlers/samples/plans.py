"""Plans in every state, as each of their readers sees them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.cards import Card
from bot.text import Texts
from handlers.cards.plandata import Decision, ShownPlan
from handlers.cards.plans import definitions_card, no_cycle_card, plan_card
from handlers.samples.company import (
    APPROVER,
    AUTHOR,
    BLOCKERS,
    DUE,
    HOSTILE,
    LONG,
    NOW,
    OWNER,
    REASONS,
    REVIEWER,
    STATES,
    VAGUE,
    VIEWPOINTS,
    WAITS,
    Company,
    allowed,
    said,
)
from models.content import content
from models.item import Item, differences
from models.rules.plans import Finding, check_item, check_weights

WAITED = {"approver": APPROVER, "hr": REVIEWER, "owner": OWNER}
WORKING = ("amending", "proposed")
Samples = Iterator[tuple[str, Card]]


def plan_samples(t: Texts) -> Samples:
    """(name, card) of every plan card."""
    company = Company(t)
    for state in STATES:
        for viewpoint in VIEWPOINTS:
            yield f"plan.{state}.{viewpoint}", plan_card(t, shown(company, state, viewpoint))
    yield from _drafts(t, company)
    yield from _reviewed(t, company)
    yield from _agreed(t, company)
    yield from _definitions(t, company)
    yield "plan.none", no_cycle_card(t)


def shown(company: Company, state: str, viewpoint: str, items: Sequence[Item] | None = None) -> ShownPlan:
    """The plan in a state as a viewpoint sees it; the manager wrote it."""
    rows = company.items() if items is None else items
    changed = _amended(company) if state in WORKING else rows
    waits_for = WAITED.get(WAITS.get(state, ""))
    plan = company.plan(state, reason=said(REASONS, company.t) if state == "proposed" else "")
    verbs = allowed(state, viewpoint)
    working = state in WORKING and ("edit" in verbs or state == "proposed")
    return ShownPlan(
        plan=plan,
        owner=company.name(OWNER),
        cycle=company.cycle.name,
        items=company.shown(changed if working else rows),
        allowed=verbs,
        waits_for="" if waits_for is None else company.name(waits_for),
        due=DUE,
        changed=differences(rows, changed) if state in WORKING else (),
        goals=tuple((goal.id, goal.name(company.t.locale)) for goal in company.goals()),
        mine=viewpoint == "owner",
    )


def _amended(company: Company) -> list[Item]:
    """The working copy of an amendment: every kind of change there is."""
    rows = company.items()
    rows[3].rule, rows[3].steps, rows[3].cap = "steps", [["27", "60"], ["35", "100"]], Decimal(100)
    rows[6].part, rows[6].weight = "bonus", None
    rows[0].target, rows[0].weight, rows[0].goal_id = Decimal(1050), Decimal("22.5"), None
    rows[1].unit, rows[1].source = "items", company.name(REVIEWER)
    rows[2].direction = "lower"
    budget = company.odd_items()[0]
    new = budget.model_copy(update={"id": 320, "lineage": 320, "position": 9, "weight": Decimal("12.5")})
    return [*rows[:-1], new]


def _drafts(t: Texts, company: Company) -> Samples:
    templates = tuple((code, ready.names[t.locale]) for code, ready in content().templates.items())
    empty = replace(shown(company, "draft", "author", []), templates=templates)
    yield "plan.draft.empty.author", plan_card(t, empty)
    yield "plan.draft.empty.owner", plan_card(t, replace(empty, mine=True))
    yield "plan.draft.empty.reader", plan_card(t, replace(empty, allowed=(), templates=()))
    yield "plan.draft.empty.no_templates", plan_card(t, replace(empty, templates=()))
    yield "plan.draft.findings.author", plan_card(t, _faulty(company, "draft", "author"))
    reason = said(REASONS, t)
    for decision, who in (("returned", APPROVER), ("objected", OWNER)):
        last = Decision(decision, company.name(who), NOW, reason)
        back = replace(shown(company, "draft", "author"), last=last)
        yield f"plan.draft.{decision}.author", plan_card(t, back)
    again = differences(company.items(), _amended(company))
    yield "plan.draft.changed.author", plan_card(t, replace(back, changed=again))
    for name, words in (("long", LONG), ("hostile", HOSTILE)):
        yield f"plan.draft.{name}.author", plan_card(t, _named(company, words, last))


def _named(company: Company, words: str, last: Decision) -> ShownPlan:
    """Every text that a person wrote is `words`."""
    values = {"name": words, "formula": words, "source": words, "levels": words, "reason": words}
    rows = [row.model_copy(update=values) for row in company.items("technology-engineer")]
    rows[0].goal_id = None
    found = [(row.name, one) for row in rows for one in check_item(row.facts(owner_agreed=True))]
    plan = replace(shown(company, "draft", "author", rows), owner=words, cycle=words, waits_for=words)
    return replace(plan, last=replace(last, by=words, reason=words), findings=found)


def _faulty(company: Company, state: str, viewpoint: str) -> ShownPlan:
    """A plan in which every machine check fails."""
    t, rows = company.t, company.items()
    rows[0].goal_id, rows[0].source = None, ""
    rows[1].target, rows[1].last = Decimal(400), Decimal(45)
    rows[2].stretch = Decimal(10)
    rows[3].target = None
    rows[4].unit = ""
    rows[5] = rows[5].model_copy(update={"name": said(VAGUE, t), "formula": "", "weight": Decimal("2.2")})
    rows[6] = rows[6].model_copy(update={"kind": "qualitative", "levels": ""})
    found = [(row.name, one) for row in rows for one in check_item(row.facts(owner_agreed=row.position != 8))]
    found += [("", one) for one in check_weights([row.weight for row in rows])]
    return replace(shown(company, state, viewpoint, rows), findings=found)


def _ruled(company: Company) -> list[Item]:
    """Every rule once, higher and lower, with and without a stretch, and a cap of its own."""
    rows = company.items()[:8]
    steps: list[list[str]] = [["650", "60"], ["900", "100"]]
    rows[1] = rows[1].model_copy(update={"rule": "steps", "steps": steps, "floor": None, "stretch": None})
    rows[2] = rows[2].model_copy(update={"rule": "milestone", "unit": "%", "target": Decimal(100)})
    rows[3] = rows[3].model_copy(update={"stretch": None, "cap": Decimal(110)})
    rows[4] = rows[4].model_copy(update={"direction": "lower", "unit": "hours", "target": Decimal(8)})
    down = {"direction": "lower", "rule": "steps", "floor": None, "stretch": None, "steps": [["3", "100"], ["6", "60"]]}
    rows[5] = rows[5].model_copy(update=down)
    rows[6] = rows[6].model_copy(update={"direction": "lower", "target": Decimal(0), "part": "veto", "weight": None})
    rows[7] = rows[7].model_copy(update={"rule": "okr", "kind": "okr"})
    return rows


def _reviewed(t: Texts, company: Company) -> Samples:
    yield "plan.compliance.failed.hr", plan_card(t, _faulty(company, "compliance", "hr"))
    few = _faulty(company, "compliance", "hr")
    yield "plan.compliance.few.hr", plan_card(t, replace(few, items=few.items[:2], findings=_too_few()))
    odd = shown(company, "awaiting_confirmation", "owner", company.odd_items())
    yield "plan.awaiting_confirmation.kinds.owner", plan_card(t, odd)


def _too_few() -> list[tuple[str, Finding]]:
    return [("", one) for one in check_weights([Decimal(60), Decimal(50)])]


def _agreed(t: Texts, company: Company) -> Samples:
    declined = Decision("declined", company.name(OWNER), NOW - timedelta(hours=3), said(BLOCKERS, t))
    yield "plan.active.declined.author", plan_card(t, replace(shown(company, "active", "author"), last=declined))
    unchanged = replace(shown(company, "amending", "author"), changed=())
    yield "plan.amending.unchanged.author", plan_card(t, unchanged)
    mine = shown(company, "proposed", "owner")
    asked = replace(mine, allowed=["accept", "decline", "checkin"], mine=False, waits_for=company.name(AUTHOR))
    yield "plan.proposed.asked.author", plan_card(t, asked)


def _definitions(t: Texts, company: Company) -> Samples:
    for state, viewpoint in (("awaiting_confirmation", "owner"), ("submitted", "approver"), ("active", "reader")):
        yield f"definitions.{state}.{viewpoint}", definitions_card(t, shown(company, state, viewpoint))
    yield "definitions.kinds.hr", definitions_card(t, shown(company, "compliance", "hr", company.odd_items()))
    yield "definitions.draft.author", definitions_card(t, shown(company, "draft", "author"))
    yield "definitions.faulty.author", definitions_card(t, _faulty(company, "draft", "author"))
    yield "definitions.rules.author", definitions_card(t, shown(company, "draft", "author", _ruled(company)))
    last = Decision("returned", HOSTILE, NOW, HOSTILE)
    yield "definitions.hostile.author", definitions_card(t, _named(company, HOSTILE, last))
    yield "definitions.long.author", definitions_card(t, _named(company, LONG, last))
