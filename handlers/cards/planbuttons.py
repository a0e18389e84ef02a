"""The buttons of a plan card: what its reader may press now, by the workflow's own table."""

from bot.cards import Action, Button, Choice, Style
from bot.text import N_, Texts
from handlers.cards.plandata import ShownPlan

_BUTTONS = {
    "approve": (N_("Approve"), Style.PRIMARY, ""),
    "pass": (N_("Pass"), Style.PRIMARY, ""),
    "return": (N_("Return…"), Style.PLAIN, ""),
    "confirm": (N_("Confirm"), Style.PRIMARY, N_("The plan is frozen as it stands. Later changes need both sides.")),
    "object": (N_("Object…"), Style.PLAIN, ""),
    "submit": (N_("Submit"), Style.PRIMARY, ""),
    "amend": (N_("Propose a change"), Style.PLAIN, ""),
    "propose": (N_("Send the change…"), Style.PRIMARY, ""),
    "cancel": (
        N_("Discard the change"),
        Style.DANGER,
        N_("The changes you made are dropped. The plan in force stays."),
    ),
    "accept": (N_("Accept"), Style.PRIMARY, ""),
    "decline": (N_("Decline…"), Style.PLAIN, ""),
    "checkin": (N_("Report progress"), Style.PRIMARY, ""),
}

PARTS = {
    "weighted": N_("by weight"),
    "veto": N_("veto"),
    "bonus": N_("bonus points"),
    "penalty": N_("penalty points"),
}


def plan_actions(t: Texts, shown: ShownPlan) -> tuple[Action, ...]:
    """What the reader may do with the plan as it stands."""
    plan, editing = shown.plan, "edit" in shown.allowed
    actions: list[Action] = [
        plan_button(t, shown, verb) for verb in _BUTTONS if verb in shown.allowed and _sensible(shown, verb)
    ]
    if editing:
        actions = _editing(t, shown) + actions if not shown.items else actions[:1] + _editing(t, shown) + actions[1:]
    if shown.items:
        actions.append(Button(t("Definitions"), "plan.definitions", plan.id, plan.version))
    if shown.pieces:
        actions.append(Button(t("Evidence"), "plan.evidence", plan.id))
    return tuple(actions)


def _sensible(shown: ShownPlan, verb: str) -> bool:
    if verb in ("submit", "propose"):
        return bool(shown.items) and (verb == "submit" or bool(shown.changed))
    return verb != "return" or bool({"approve", "pass"} & set(shown.allowed))


def _editing(t: Texts, shown: ShownPlan) -> list[Action]:
    plan = shown.plan
    options = tuple((str(entry.item.id), entry.item.name[:70]) for entry in shown.items)
    actions: list[Action] = []
    if not shown.items and shown.templates:
        actions.append(Choice(t("Start from a template"), "plan.template", shown.templates, plan.id, plan.version))
    if options:
        actions.append(Button(t("Weights…"), "plan.weights", plan.id, plan.version))
        actions.append(Choice(t("Change an indicator"), "plan.change", options, plan.id, plan.version))
    actions.append(Button(t("Add from library…"), "plan.add", plan.id, plan.version))
    actions.append(Button(t("Write one…"), "plan.own", plan.id, plan.version))
    if options:
        actions.append(Choice(t("Remove an indicator"), "plan.remove", options, plan.id, plan.version))
    return actions


def rule_choice(t: Texts, shown: ShownPlan) -> Choice:
    """Which item's scoring rule is to be set."""
    options = tuple((str(entry.item.id), entry.item.name[:70]) for entry in shown.items)
    return Choice(t("Set a scoring rule"), "plan.rule", options, shown.plan.id, shown.plan.version)


def plan_button(t: Texts, shown: ShownPlan, verb: str) -> Button:
    """One button; reporting does not compete with a decision, nor handing in with what is still to do."""
    label, style, confirm = _BUTTONS[verb]
    if (verb == "checkin" and shown.asked) or (verb == "submit" and shown.findings):
        style = Style.PLAIN
    plan = shown.plan
    return Button(t(label), f"plan.{verb}", plan.id, plan.version, style, t(confirm) if confirm else "")
