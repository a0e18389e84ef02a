"""Cards of the plain app, written as Block Kit directly."""

from decimal import Decimal
from typing import Any

from bench.baselines.plain_work import ShownHome, ShownPlan

Json = dict[str, Any]
STATES = {"compliance": "In HR's compliance review", "active": "In force"}


def plan(shown: ShownPlan) -> Json:
    """The plan with its indicators."""
    facts = [("State", STATES[shown.plan.state]), ("Waits for", shown.waits_for)]
    if shown.due:
        facts.append(("Agreed by", f"{shown.due:%d %b %Y, %H:%M}"))
    header = ("Indicator", "Target", "Weight")
    rows = [
        (f"{number}. {item.name}", f"≥ {item.target:f}{item.unit}", f"{item.weight:f}%")
        for number, item in enumerate(shown.items, 1)
    ]
    total = sum((item.weight or Decimal(0) for item in shown.items), Decimal(0))
    blocks = [
        _header(f"{shown.owner} · {shown.cycle}"),
        _section("\n".join(f"*{label}:* {value}" for label, value in facts)),
        {"type": "table", "rows": [[{"type": "raw_text", "text": cell} for cell in row] for row in (header, *rows)]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": f"Weights total {total:f}%"}]},
        _actions([("Definitions", "plan.definitions", f"{shown.plan.id}:{shown.plan.version}")]),
    ]
    return {"text": f"{shown.owner}'s plan", "blocks": blocks}


def home(shown: ShownHome) -> Json:
    """Todos first, then the plan, then where to go."""
    lines = [f"*{len(shown.todos)} things wait for you*"]
    for todo, name in shown.todos[:8]:
        lines.append(f"• Approve {_escaped(name)}'s plan · by {todo.due_at:%d %b %Y, %H:%M}")
    blocks: list[Json] = [_header(f"Hello {shown.name}"), *(_section(line) for line in lines), {"type": "divider"}]
    buttons = [(f"Approve {name}'s plan", "todo.open", f"{todo.id}:0") for todo, name in shown.todos[:3]]
    if shown.plan is not None and shown.cycle is not None:
        stage = shown.stages[0]
        facts = [("Cycle", shown.cycle.name), ("My plan", STATES.get(shown.plan.state, shown.plan.state))]
        facts.append(("Next deadline", f"{stage.name} · {stage.closes_at:%d %b %Y, %H:%M}"))
        blocks.append(_section("\n".join(f"*{label}:* {value}" for label, value in facts)))
        buttons.append(("My plan", "plan.show", f"{shown.plan.id}:0"))
    if shown.done is not None:
        full = round(min(shown.done, Decimal(1)) * 10)
        blocks.append(_section(f"*Progress, weighted*  {'█' * full}{'░' * (10 - full)}  {shown.done:.0%}"))
        buttons += [("Report progress", "plan.checkin", "1:0"), ("My progress", "person.progress", "1:0")]
    buttons += [("My team", "team.show", "0:0")] if shown.manages else []
    blocks.append(_actions([*buttons, ("Help", "help.show", "0:0")]))
    return {"text": "What waits for you, and your plan", "blocks": blocks}


def _header(text: str) -> Json:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def _section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _actions(buttons: list[tuple[str, str, str]]) -> Json:
    elements = [
        {
            "type": "button",
            "action_id": action if action != "todo.open" else f"{action}#{number}",
            "text": {"type": "plain_text", "text": text},
            "value": value,
        }
        for number, (text, action, value) in enumerate(buttons)
    ]
    return {"type": "actions", "elements": elements}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
