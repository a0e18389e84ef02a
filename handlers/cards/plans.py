"""Plan cards: one card for everybody, with the buttons its reader may press now."""

from collections.abc import Sequence
from decimal import Decimal

from bot.cards import Block, Bold, Button, Card, Divider, Note, Table, Tone, facts, text
from bot.text import N_, Texts
from handlers.cards.amounts import amount, unit_name, weight
from handlers.cards.items import RULE_OPTIONS, cliff_lines, scored_text, steps_text
from handlers.cards.planbuttons import PARTS, plan_actions, plan_button, rule_choice
from handlers.cards.plandata import ShownPlan
from models.item import Difference, Item
from models.plan import COMPLIANCE, CONFIRMING, DRAFT, SUBMITTED
from models.rules.plans import CHECKS, WEIGHTED, Finding

STATES = {
    "draft": N_("Draft"),
    "submitted": N_("With the approver"),
    "compliance": N_("In HR's compliance review"),
    "awaiting_confirmation": N_("Waiting for confirmation"),
    "active": N_("In force"),
    "amending": N_("In force, being amended"),
    "proposed": N_("In force, amendment proposed"),
}
TONES = {"draft": Tone.NEUTRAL, "active": Tone.GOOD, "amending": Tone.WARN, "proposed": Tone.WARN}
# Who sees the machine checks: those who write the plan and those who decide on it.
DECIDING = frozenset({"edit", "approve", "pass"})
FIELDS = {
    "name": N_("Name"),
    "formula": N_("Formula"),
    "kind": N_("Kind"),
    "part": N_("Counts as"),
    "rule": N_("How it is scored"),
    "direction": N_("Direction"),
    "unit": N_("Unit"),
    "target": N_("Target"),
    "floor": N_("Floor"),
    "stretch": N_("Stretch"),
    "steps": N_("Steps"),
    "cap": N_("Most points"),
    "levels": N_("Levels"),
    "weight": N_("Weight"),
    "source": N_("Data source"),
    "goal_id": N_("Strategic goal"),
    "reason": N_("Reason for the target"),
}
DIRECTIONS = {"higher": N_("higher is better"), "lower": N_("lower is better"), "range": N_("within a range")}
KINDS = {
    "quantitative": N_("quantitative"),
    "qualitative": N_("qualitative"),
    "count": N_("count"),
    "milestone": N_("milestone"),
    "deduction": N_("deduction"),
    "okr": N_("key result"),
}

WORDS = {"direction": DIRECTIONS, "kind": KINDS, "part": PARTS, "rule": dict(RULE_OPTIONS)}


def plan_card(t: Texts, shown: ShownPlan) -> Card:
    """The plan, what is decided about it, and what its reader can do."""
    plan = shown.plan
    body: list[Block] = [_where_it_stands(t, shown)]
    body += _said(t, shown)
    body += _items(t, shown)
    body += _changes(t, shown)
    body += _checks(t, shown)
    tone = Tone.INFO if shown.asked else TONES.get(plan.state, Tone.NEUTRAL)
    title = t("My plan · {cycle}", cycle=shown.cycle) if shown.mine else f"{shown.owner} · {shown.cycle}"
    return Card(title, tuple(body), plan_actions(t, shown), tone, _summary(t, shown))


def definitions_card(t: Texts, shown: ShownPlan) -> Card:
    """Every indicator's definition: formula, source, owner, accountable, goal."""
    body: list[Block] = []
    for number, entry in enumerate(shown.items, 1):
        item = entry.item
        body += [
            text(Bold(f"{number}. {item.name}")),
            facts(
                [
                    (t("Formula"), item.formula),
                    (t("Target"), target_text(t, item)),
                    (t("Weight"), share_text(t, item)),
                    (t("How it is scored"), scored_text(t, item.standard(), item.part)),
                    (t("Levels"), item.levels),
                    (t("Jumps"), " ".join(cliff_lines(t, item.standard()))),
                    (t("Data source"), item.source),
                    (t("Data owner"), entry.owner),
                    (t("Accountable"), entry.accountable),
                    (t("Strategic goal"), entry.goal),
                    (t("Reason for the target"), item.reason),
                ]
            ),
            Divider(),
        ]
    verbs = [verb for verb in shown.allowed if verb in ("confirm", "object", "approve", "return", "pass")]
    back = Button(t("Open the plan"), "plan.show", shown.plan.id)
    rules = (rule_choice(t, shown),) if "edit" in shown.allowed and shown.items else ()
    actions = (*(plan_button(t, shown, verb) for verb in verbs), *rules, back)
    title = t("Definitions · {name}", name=shown.owner)
    return Card(title, tuple(body[:-1]), actions, Tone.NEUTRAL, t("What each indicator means"))


def difference_lines(t: Texts, changed: Sequence[Difference], goals: Sequence[tuple[int, str]]) -> list[Block]:
    """What changed, one line each: before → after."""
    return [_difference(t, one, dict(goals)) for one in changed]


def _difference(t: Texts, one: Difference, goals: dict[int, str]) -> Block:
    if not one.field:
        said = t("added") if one.before is None else t("removed")
        return text("• ", *t.rich("{name}: {said}", name=Bold(one.name), said=said))
    before, after = (_value(t, one.field, value, goals) for value in (one.before, one.after))
    line = t.rich(
        "{name} – {field}: {before} → {after}",
        name=Bold(one.name),
        field=t(FIELDS[one.field]),
        before=before,
        after=after,
    )
    return text("• ", *line)


def _value(t: Texts, field: str, value: object, goals: dict[int, str]) -> str:
    if value is None or value == "":
        return t("none")
    if field == "goal_id" and isinstance(value, int):
        return goals.get(value, t("none"))
    if field == "weight" and isinstance(value, Decimal):
        return weight(t, value)
    if field == "unit":
        return unit_name(t, str(value))
    if field == "steps" and isinstance(value, list):
        return steps_text(value) or t("none")
    words = WORDS.get(field, {})
    return t(words[str(value)]) if str(value) in words else t.show(value)


def _where_it_stands(t: Texts, shown: ShownPlan) -> Block:
    plan = shown.plan
    agreeing = plan.state in (DRAFT, SUBMITTED, COMPLIANCE, CONFIRMING)
    return facts(
        [
            (t("State"), t(STATES[plan.state])),
            (t("Waits for"), shown.waits_for),
            (t("To be agreed by"), t.datetime(shown.due) if shown.due and agreeing else ""),
            (t("Fingerprint"), plan.digest[:12] if not agreeing else ""),
        ]
    )


def _said(t: Texts, shown: ShownPlan) -> list[Block]:
    """The reason of the newest return, objection, refusal or proposal."""
    last = shown.last
    lines: list[Block] = []
    if shown.plan.state == "proposed" and shown.plan.reason:
        lines.append(text(*t.rich("Reason for the change: {reason}", reason=Bold(shown.plan.reason))))
    if last is None or not last.reason or shown.plan.state in ("amending", "proposed"):
        return lines
    sentence = {
        "returned": N_("{who} returned it on {when}:"),
        "objected": N_("{who} objected on {when}:"),
        "declined": N_("{who} declined the amendment on {when}:"),
    }.get(last.decision)
    if sentence:
        lines.append(
            text(
                *t.rich(sentence, who=Bold(last.by), when=t.datetime(last.at)),
                "\n",
                t("“{reason}”", reason=last.reason),
            )
        )
    return lines


def _items(t: Texts, shown: ShownPlan) -> list[Block]:
    if not shown.items:
        if "edit" in shown.allowed:
            return [text(t("No indicators yet. Start from a template, the library, or write one."))]
        return [text(t("No indicators yet."))]
    rows = tuple(
        (f"{number}. {entry.item.name}", target_text(t, entry.item), share_text(t, entry.item))
        for number, entry in enumerate(shown.items, 1)
    )
    total = sum((entry.item.weight or Decimal(0) for entry in shown.items), Decimal(0))
    table = Table((t("Indicator"), t("Target"), t("Weight")), rows)
    given = [t.n("{n} piece of evidence", "{n} pieces of evidence", shown.pieces)] if shown.pieces else []
    return [table, Note(" · ".join([t("Weights total {total}%", total=total), *given]))]


def share_text(t: Texts, item: Item) -> str:
    """The weight, or what the item counts as instead."""
    return weight(t, item.weight) if item.part == WEIGHTED else t(PARTS[item.part])


def target_text(t: Texts, item: Item) -> str:
    """The target with its sign and unit, the range it has to stay in, or that levels describe it."""
    if item.direction == "range" and item.floor is not None and item.stretch is not None:
        return f"{amount(t, item.floor, '')} – {amount(t, item.stretch, item.unit)}"
    if item.target is None:
        return t("by levels") if item.levels else "–"
    sign = "≤ " if item.direction == "lower" else "≥ " if item.kind == "quantitative" else ""
    return sign + amount(t, item.target, item.unit)


def _changes(t: Texts, shown: ShownPlan) -> list[Block]:
    if not shown.changed:
        return []
    before = N_("Changed since it was returned:")
    if shown.plan.state in ("amending", "proposed"):
        before = N_("Changed against the plan in force:")
    return [text(Bold(t(before))), *difference_lines(t, shown.changed, shown.goals)]


def _checks(t: Texts, shown: ShownPlan) -> list[Block]:
    """HR sees passed and failed checks; who writes or approves the plan sees what is still wrong."""
    if not shown.items or not DECIDING & set(shown.allowed):
        return []
    failed = {finding.check for _name, finding in shown.findings}
    lines: list[Block] = []
    if "pass" in shown.allowed:
        passed = [t(label) for check, label in CHECKS.items() if check not in failed]
        lines.append(text(Bold(t("Checks passed: {n} of {total}", n=len(passed), total=len(CHECKS)))))
        lines += [text(f"✓ {label}") for label in passed]
    elif shown.findings:
        lines.append(text(Bold(t("Checks not passed yet:"))))
    lines += [text("! ", _finding(t, name, finding)) for name, finding in shown.findings]
    return lines


def _finding(t: Texts, name: str, finding: Finding) -> str:
    said = t(finding.message, **finding.facts)
    return t("{name}: {said}", name=name, said=said) if name else said


def _summary(t: Texts, shown: ShownPlan) -> str:
    asked = {
        "approve": N_("{name}'s plan waits for your approval"),
        "pass": N_("{name}'s plan waits for your compliance review"),
        "accept": N_("A change of {name}'s plan waits for your answer"),
    }
    for verb, sentence in asked.items():
        if verb in shown.allowed:
            return t(sentence, name=shown.owner)
    if "confirm" in shown.allowed:
        return t("Your plan waits for your confirmation")
    return t("{name}'s plan: {state}", name=shown.owner, state=t(STATES[shown.plan.state]))


def no_cycle_card(t: Texts) -> Card:
    """Nobody has asked for a plan yet."""
    said = t("No cycle is open for you now. HR will announce the next one here.")
    return Card(t("My plan"), (text(said),), (Button(t("Home"), "home.show"),), summary=said)
