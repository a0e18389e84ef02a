"""What the bot says outside of any subject: questions of a form, single lines, closed cards, and words to strangers."""

from collections.abc import Iterator, Mapping

from pydantic import TypeAdapter

from bot.cards import Card
from bot.conversation import FORM, question_card
from bot.dispatch import CHANGED, PRIVATELY
from bot.drawing import GONE, closed_card, line_card
from bot.faults import BROKEN
from bot.faults import SENTENCES as OUTAGES
from bot.forms import SENTENCES, Form, Sheet
from bot.handling import CANCELLED, IN_GROUP, NO_QUESTION
from bot.strangers import UNKNOWN, WELCOME, stranger_card
from bot.text import LOCALES, Texts
from handlers.cards.planforms import AddForm, ReturnForm
from handlers.cards.wizardforms import CourseForm, PeriodForm
from handlers.plans import router
from handlers.samples.company import AUTHOR, HOSTILE, NOW, OWNER, REASONS, Company, said
from handlers.samples.planforms import PLAN
from models.access import NOT_FOUND
from models.draft import LIFE, Draft

Samples = Iterator[tuple[str, Card]]
Given = Mapping[str, str | list[str]]
LINES = {
    "not_found": NOT_FOUND,
    "changed": CHANGED,
    "left": GONE,
    "privately": PRIVATELY,
    "cancelled": CANCELLED,
    "no_question": NO_QUESTION,
    "no_files": IN_GROUP,
}


def conversation_samples(t: Texts) -> Samples:
    """(name, card) of questions, lines and what strangers are told."""
    company = Company(t)
    yield from _adding(t, company)
    yield from _opening(t)
    yield from _lines(t, company)


def _asked(t: Texts, sheet: Sheet, answers: Given, errors: Mapping[str, str] | None = None) -> Card:
    """The question that is open after these answers."""
    written = TypeAdapter(Sheet).dump_python(sheet, mode="json")
    state = {"sheet": written, "answers": dict(answers), "errors": dict(errors or {})}
    return question_card(t, Draft(identity_id=1, kind=FORM, state=state, expires_at=NOW + LIFE))


def _adding(t: Texts, company: Company) -> Samples:
    offered = [(str(one.id), one.name(t.locale)) for one in company.indicators()]
    sheet = AddForm.sheet(t, **PLAN, options={"indicator": offered, "goal": company.goal_options()})
    answers: Given = {"indicator": "105", "weight": "12.5", "target": "", "goal": "2", "reason": said(REASONS, t)}
    names = list(answers)
    for number, name in enumerate(names):
        yield f"question.plan.add.{name}", _asked(t, sheet, {done: answers[done] for done in names[:number]})
    wrong = {"weight": t(SENTENCES["decimal_parsing"])}
    yield "question.plan.add.wrong", _asked(t, sheet, {"indicator": "105"}, wrong)
    yield "question.plan.add.done", _asked(t, sheet, answers)
    kept = AddForm.sheet(t, **PLAN, values={"indicator": "105", "weight": "20"}, options={"indicator": offered})
    yield "question.plan.add.kept", _asked(t, kept, {"indicator": "105"})
    yield "question.plan.return", _asked(t, ReturnForm.sheet(t, **PLAN), {})
    yield "question.plan.return.hostile", _asked(t, ReturnForm.sheet(t, **PLAN), {"reason": HOSTILE})


def _opening(t: Texts) -> Samples:
    form: type[Form] = CourseForm
    values = {"chain": ("manager",), "languages": LOCALES}
    answers: dict[str, str | list[str]] = {"setter": "manager"}
    days = PeriodForm.sheet(t)
    yield "question.cycle.period.date", _asked(t, days, {"kind": "quarter", "name": HOSTILE})
    yield "question.cycle.course.chain", _asked(t, form.sheet(t), answers)
    yield "question.cycle.course.chain.kept", _asked(t, form.sheet(t, values=values), answers)
    whole = {**answers, "chain": ["manager", "head"], "languages": [*LOCALES], "late": "yes"}
    yield "question.cycle.course.done", _asked(t, form.sheet(t), whole)


def _lines(t: Texts, company: Company) -> Samples:
    for name, sentence in LINES.items():
        yield f"line.{name}", line_card(t(sentence))
    yield "line.broken", line_card(t(BROKEN, reference="5f3a9c01"))
    for why, sentence in OUTAGES.items():
        yield f"line.{why}", line_card(t(sentence))
    yield "line.hostile", line_card(HOSTILE)
    yield "closed", closed_card(t, "")
    approved = t(router.past["plan.approved"], who=company.name(AUTHOR), when=NOW)
    yield "closed.approved", closed_card(t, approved)
    yield "stranger.unknown", stranger_card(t(UNKNOWN))
    yield "stranger.welcome", stranger_card(t(WELCOME, name=company.name(OWNER)))
