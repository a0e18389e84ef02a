"""Forms and menus on platforms that have none: one question at a time, numbers for buttons, kept in a draft row."""

from dataclasses import asdict, replace
from datetime import datetime
from enum import Enum
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import Session, select

from bot.cards import Button, Card, Choice, Note, Style, facts, text
from bot.degrade import Press
from bot.events import Click, Said, Submitted
from bot.forms import Field, Invalid, Kind, Sheet
from bot.router import Router
from bot.steps import Steps
from bot.text import N_, Texts, clean
from models.draft import LIFE, Draft

FORM, MENU = "form", "menu"
QUESTION = "form.question"
ANSWER = "form.answer"
BACK, SKIP, CLEAR, CANCEL, SEND = "form.back", "form.skip", "form.clear", "form.cancel", "form.send"
WORDS = {BACK: N_("back"), SKIP: N_("skip"), CLEAR: N_("clear"), CANCEL: N_("cancel"), SEND: N_("submit")}
_SHEET = TypeAdapter(Sheet)


def begin(db: Session, identity_id: int, sheet: Sheet, now: datetime) -> None:
    """Starts asking; a form that was open before is given up."""
    state = {"sheet": _SHEET.dump_python(sheet, mode="json"), "answers": {}, "errors": {}}
    _keep(db, identity_id, FORM, state, now)


def remember(db: Session, identity_id: int, presses: tuple[Press, ...], now: datetime) -> None:
    """What the numbers of the message shown last mean."""
    _keep(db, identity_id, MENU, {"presses": [asdict(press) for press in presses]}, now)


def draft_of(db: Session, identity_id: int, kind: str, now: datetime) -> Draft | None:
    """The open draft of an account, unless it expired."""
    draft = db.exec(select(Draft).where(Draft.identity_id == identity_id, Draft.kind == kind)).first()
    return draft if draft is not None and draft.expires_at > now else None


def pressed(db: Session, identity_id: int, said: Said, now: datetime) -> Click | None:
    """The button that a bare number means, if a menu was shown."""
    number = clean(said.text)
    menu = draft_of(db, identity_id, MENU, now)
    if menu is None or not number.isdecimal() or len(number) > 3:
        return None
    presses = menu.state["presses"]
    if not 0 < int(number) <= len(presses):
        return None
    press = Press(**presses[int(number) - 1])
    return Click(said.key, said.who, said.where, press.action, press.subject, press.version, press.value)


class Step(Enum):
    """How a conversation goes on."""

    ASKING = "asking"
    CANCELLED = "cancelled"


CANCELLED = Step.CANCELLED


def continued(router: Router, t: Texts, draft: Draft, said: Said) -> Submitted | Step:
    """Takes a line as the answer to the open question; gives the whole form once it is confirmed."""
    word = _word(said.text, t)
    if word == CANCEL:
        return Step.CANCELLED
    sheet = _SHEET.validate_python(draft.state["sheet"])
    steps = Steps(sheet, router.forms[sheet.action].form.check, _answers(draft))
    errors: dict[str, str] = {}
    try:
        _take(steps, word, said.text)
    except Invalid as fault:
        errors = {name: t(sentence) for name, sentence in fault.errors.items()}
    if word == SEND and steps.asking is None:
        return Submitted(said.key, said.who, said.where, sheet.action, sheet.subject, sheet.version, steps.answers)
    draft.state = {**draft.state, "answers": dict(steps.answers), "errors": errors}
    return Step.ASKING


def refuse(draft: Draft, errors: dict[str, str]) -> None:
    """The whole form was refused: the questions concerned are asked again with the reason, the rest is kept."""
    answers = {name: value for name, value in draft.state["answers"].items() if name not in errors}
    draft.state = {**draft.state, "answers": answers, "errors": errors}


def drop(db: Session, draft: Draft) -> None:
    """Ends a draft."""
    db.delete(draft)
    db.flush()


def question_card(t: Texts, draft: Draft) -> Card:
    """The next question, or everything answered with submit, back and cancel."""
    sheet = _SHEET.validate_python(draft.state["sheet"])
    steps = Steps(sheet, _unchecked, _answers(draft))
    asking = steps.asking
    return _summary(t, sheet, steps) if asking is None else _question(t, sheet, steps, asking, draft.state["errors"])


def _question(t: Texts, sheet: Sheet, steps: Steps, field: Field, errors: dict[str, str]) -> Card:
    fault = errors.get(field.name) or errors.get("", "")
    place = t("Question {n} of {total}", n=len(steps.answers) + 1, total=len(sheet.fields))
    lines = [text(fault)] if fault else []
    lines.append(text(field.label + (f"\n{field.hint}" if field.hint else "")))
    if field.kind is Kind.CHOICES:
        lines += [text(f"{number}. {label}") for number, (_value, label) in enumerate(field.options, 1)]
    if field.value:
        now = _shown(field, field.value)
        lines.append(text(t("Now: {value} (say “{skip}” to keep it)", value=now, skip=t("skip"))))
        lines += [text(t("Say “{clear}” to empty it.", clear=t("clear")))] if field.clears else []
    elif not field.required:
        lines.append(text(t("Not required: say “{skip}” to leave it empty.", skip=t("skip"))))
    if field.kind is Kind.CHOICES:
        lines.append(text(t("Several are possible, with commas between them.")))
    foot = t("You can also say “{back}” or “{cancel}”.", back=t("back"), cancel=t("cancel"))
    offered = field.options and field.kind is not Kind.CHOICES
    actions = (Choice(field.label, ANSWER, field.options),) if offered else ()
    return Card(f"{sheet.title} · {place}", (*lines, Note(foot)), actions, summary=sheet.title)


def _summary(t: Texts, sheet: Sheet, steps: Steps) -> Card:
    fields = {field.name: field for field in sheet.fields}
    pairs = [(fields[name].label, _shown(fields[name], value)) for name, value in steps.answers.items()]
    actions = (
        Button(sheet.submit, SEND, style=Style.PRIMARY),
        Button(t("Back"), BACK),
        Button(t("Cancel"), CANCEL),
    )
    return Card(t("{title}: is this right?", title=sheet.title), (facts(pairs),), actions, summary=sheet.title)


def _shown(field: Field, value: str | tuple[str, ...]) -> str:
    labels = dict(field.options)
    parts = value if isinstance(value, tuple) else (value,)
    return ", ".join(labels.get(part, part) for part in parts)


def _take(steps: Steps, word: str | None, line: str) -> None:
    if word == BACK:
        steps.back()
    elif steps.asking is not None and word == SKIP:
        steps.skip()
    elif steps.asking is not None and word == CLEAR and steps.asking.value and steps.asking.clears:
        steps.clear()
    elif steps.asking is not None:
        steps.answer(line)


def _word(line: str, t: Texts) -> str | None:
    """The control word somebody said, in their language or in English."""
    said = clean(line).casefold()
    return next((name for name, word in WORDS.items() if said in (word, clean(t(word)).casefold())), None)


def _answers(draft: Draft) -> dict[str, str | tuple[str, ...]]:
    stored: dict[str, Any] = draft.state["answers"]
    return {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}


def _keep(db: Session, identity_id: int, kind: str, state: dict[str, Any], now: datetime) -> None:
    draft = db.exec(select(Draft).where(Draft.identity_id == identity_id, Draft.kind == kind)).first()
    draft = draft or Draft(identity_id=identity_id, kind=kind, state={}, expires_at=now)
    draft.state, draft.expires_at = state, now + LIFE
    db.add(draft)
    db.flush()


def _unchecked(_name: str, _value: str | tuple[str, ...]) -> None:
    """A summary shows what was already accepted."""


def clicked(click: Click) -> Said | None:
    """A pressed button of the conversation, as the words it stands for."""
    word = click.value if click.action == ANSWER else WORDS.get(click.action)
    return Said(click.key, click.who, replace(click.where, message=""), word) if word else None
