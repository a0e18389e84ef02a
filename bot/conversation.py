"""Forms and menus on platforms that have none: one question at a time, numbers for buttons, kept in a draft row."""

import re
import zlib
from dataclasses import asdict, replace
from datetime import datetime
from enum import Enum
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import Session, select

from bot.cards import Block, Button, Card, Choice, Note, Style, facts, text
from bot.degrade import Press
from bot.events import Answers, Click, Said, Submitted
from bot.forms import Field, Invalid, Kind, Sheet
from bot.router import Router
from bot.steps import Steps, block
from bot.text import N_, Texts, clean
from models.draft import LIFE, Draft

FORM, MENU = "form", "menu"
QUESTION = "form.question"
ANSWER = "form.answer"
BACK, SKIP, CLEAR, CANCEL, SEND = "form.back", "form.skip", "form.clear", "form.cancel", "form.send"
CHANGE, RESUME = "form.change", "form.resume"
WORDS = {
    BACK: N_("back"),
    SKIP: N_("skip"),
    CLEAR: N_("clear"),
    CANCEL: N_("cancel"),
    SEND: N_("submit"),
    RESUME: N_("continue"),
}
CHANGES = N_("change")
AT_ONCE = 3  # questions of a form from which on a block of answers is offered
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
    """Takes a line as the answer to the open question, or several numbered ones; gives the whole form once it is
    confirmed."""
    word = _word(said.text, t)
    if word == CANCEL:
        return Step.CANCELLED
    sheet = _SHEET.validate_python(draft.state["sheet"])
    steps = Steps(sheet, router.forms[sheet.action].form.check, _answers(draft))
    errors: dict[str, str] = {}
    try:
        _take(steps, word, said.text, t)
    except Invalid as fault:
        errors = {name: t(sentence) for name, sentence in fault.errors.items()}
    if word == SEND and steps.asking is None:
        return Submitted(said.key, said.who, said.where, sheet.action, sheet.subject, sheet.version, steps.answers)
    asked = _SHEET.dump_python(steps.sheet, mode="json")
    draft.state = {**draft.state, "sheet": asked, "answers": dict(steps.answers), "errors": errors}
    return Step.ASKING


def offered(db: Session, draft: Draft, said: Said, now: datetime) -> Said | None:
    """What a bare number means once everything is answered: what the summary offers under it, in words."""
    sheet = _SHEET.validate_python(draft.state["sheet"])
    if Steps(sheet, _unchecked, _answers(draft)).asking is not None:
        return None
    click = pressed(db, draft.identity_id, said, now)
    return clicked(click) if click is not None else None


def refuse(draft: Draft, errors: dict[str, str]) -> None:
    """The whole form was refused: the questions concerned are asked again with the reason, the rest is kept."""
    answers = {name: value for name, value in draft.state["answers"].items() if name not in errors}
    draft.state = {**draft.state, "answers": answers, "errors": errors}


def drop(db: Session, draft: Draft) -> None:
    """Ends a draft."""
    db.delete(draft)
    db.flush()


def question_card(t: Texts, draft: Draft) -> Card:
    """The next question, or everything answered with change, submit and cancel."""
    return _asked(t, _SHEET.validate_python(draft.state["sheet"]), _answers(draft), draft.state["errors"])


def opening_card(t: Texts, sheet: Sheet) -> Card:
    """The first question of a form."""
    return _asked(t, sheet, {}, {})


def _asked(t: Texts, sheet: Sheet, answers: Answers, errors: dict[str, str]) -> Card:
    steps = Steps(sheet, _unchecked, answers)
    asking = steps.asking
    return _summary(t, sheet, steps) if asking is None else _question(t, sheet, steps, asking, errors)


def _question(t: Texts, sheet: Sheet, steps: Steps, field: Field, errors: dict[str, str]) -> Card:
    fault = errors.get(field.name) or errors.get("", "")
    place = t("Question {n} of {total}", n=steps.place, total=len(sheet.fields))
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
    foot: list[Block] = [Note(t("You can also say “{back}” or “{cancel}”.", back=t("back"), cancel=t("cancel")))]
    foot += _at_once(t, sheet) if not steps.answers and len(sheet.fields) >= AT_ONCE else []
    offered = field.options and field.kind is not Kind.CHOICES
    actions = (Choice(field.label, ANSWER, field.options, steps.place, _mark(sheet)),) if offered else ()
    return Card(f"{sheet.title} · {place}", (*lines, *foot), actions, summary=sheet.title)


def _at_once(t: Texts, sheet: Sheet) -> list[Block]:
    """How to answer everything in one message."""
    asked = " · ".join(f"{number} {field.label}" for number, field in enumerate(sheet.fields, 1))
    return [Note(t("Or answer all at once, each on a line of its own after its number: {questions}", questions=asked))]


def _summary(t: Texts, sheet: Sheet, steps: Steps) -> Card:
    given = [(field, steps.answers[field.name]) for field in sheet.fields]
    pairs = [(field.label, _shown(field, value)) for field, value in given]
    numbered = tuple((str(number), field.label) for number, field in enumerate(sheet.fields, 1))
    actions = (  # the numbers of a menu are the questions' own
        Choice(t("Change an answer"), CHANGE, numbered),
        Button(sheet.submit, SEND, style=Style.PRIMARY),
        Button(t("Cancel"), CANCEL),
    )
    words = {"submit": t("submit"), "change": f"{t(CHANGES)} 2", "cancel": t("cancel")}
    foot = Note(t("You can also say “{submit}”, “{change}” or “{cancel}”.", **words))
    return Card(t("{title}: is this right?", title=sheet.title), (facts(pairs), foot), actions, summary=sheet.title)


def _shown(field: Field, value: str | tuple[str, ...]) -> str:
    labels = dict(field.options)
    parts = value if isinstance(value, tuple) else (value,)
    return ", ".join(labels.get(part, part) for part in parts)


def _take(steps: Steps, word: str | None, line: str, t: Texts) -> None:
    number = _changed(steps, line, t)
    if word == BACK:
        steps.back()
    elif number:
        steps.change(number)
    elif steps.asking is None or word == RESUME:
        return
    elif word == SKIP:
        steps.skip()
    elif word == CLEAR and steps.asking.value and steps.asking.clears:
        steps.clear()
    else:
        _answer(steps, line, t)


def _answer(steps: Steps, said: str, t: Texts) -> None:
    """One answer, or a block of them: those that do not fit are asked again, the others are kept."""
    answers = block(steps, said)
    if not answers:
        steps.answer(said)
        return
    errors: dict[str, str] = {}
    for field in steps.sheet.fields:
        try:
            if field.name in answers and _word(answers[field.name], t) == SKIP:
                steps.keep(field)
            elif field.name in answers:
                steps.give(field, answers[field.name])
        except Invalid as fault:
            errors |= fault.errors
            steps.answers.pop(field.name, None)
    if errors:
        raise Invalid(errors)


def _changed(steps: Steps, line: str, t: Texts) -> int:
    """The number of the answered question that somebody wants to change ("change 2", "修改第2项", and just "2" once all
    are answered), 0 if none."""
    words = "|".join(re.escape(word) for word in (CHANGES, clean(t(CHANGES)).casefold()))
    named = rf"(?:{words})\s*(?:第|#|no\.?)?" if steps.asking is not None else rf"(?:{words})?\s*(?:第|#|no\.?)?"
    said = re.fullmatch(rf"{named}\s*([0-9]{{1,2}})\s*[项項番条條题題目]*", _bare(line))
    return _answered(steps, said[1]) if said else 0


def _answered(steps: Steps, number: str) -> int:
    """The number of a question, if it is one that was answered; else 0."""
    at = int(number) if number.isdecimal() and len(number) < 3 else 0
    return at if 0 < at <= len(steps.sheet.fields) and steps.sheet.fields[at - 1].name in steps.answers else 0


def _word(line: str, t: Texts) -> str | None:
    """The control word somebody said, in their language or in English."""
    said = _bare(line)
    return next((name for name, word in WORDS.items() if said in (word, clean(t(word)).casefold())), None)


def _bare(line: str) -> str:
    """A line without its width, its case and the sign at its end."""
    return clean(line).casefold().rstrip(" .。!！")


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


def misplaced(draft: Draft, click: Click) -> bool:
    """Whether a pressed button belongs to a question, or a summary, that is not open any more."""
    sheet = _SHEET.validate_python(draft.state["sheet"])
    steps = Steps(sheet, _unchecked, _answers(draft))
    if click.action == ANSWER:
        return steps.asking is None or (click.subject, click.version) != (steps.place, _mark(sheet))
    if click.action == CHANGE:
        return not _answered(steps, click.value)
    return click.action == SEND and steps.asking is not None


def _mark(sheet: Sheet) -> int:
    """Tells the questions of one form from another's."""
    return zlib.crc32(f"{sheet.action}:{sheet.subject}".encode())


def clicked(click: Click) -> Said | None:
    """A pressed button of the conversation, as the words it stands for."""
    word = {ANSWER: click.value, CHANGE: f"{CHANGES} {click.value}"}.get(click.action) or WORDS.get(click.action)
    return Said(click.key, click.who, replace(click.where, message=""), word) if word else None
