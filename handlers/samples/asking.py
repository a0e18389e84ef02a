"""Questions to HR, requests between departments, tasks for heads and the list of all tasks, in every state."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.cards import Card
from bot.forms import Sheet
from bot.text import Texts
from handlers.cards.assignments import ShownPart, ShownTask, assignment_card
from handlers.cards.caseforms import CaseAnswerForm, CloseForm, HandForm, OpinionForm, QuestionForm, ReplyForm
from handlers.cards.cases import ListedCase, ShownCases, ShownMessage, ShownThread, case_card, cases_card, opinions_card
from handlers.cards.requestforms import (
    EVERY,
    AnswerRequestForm,
    DeclineRequestForm,
    HandRequestForm,
    RequestForm,
    ReturnRequestForm,
    TaskForm,
)
from handlers.cards.requests import (
    ListedRequest,
    ShownAssignment,
    ShownRequest,
    ShownRequests,
    request_card,
    requests_card,
)
from handlers.cards.tasks import ShownTasks, ShownWaiting, tasks_card
from handlers.samples.company import (
    APPROVER,
    AUTHOR,
    BLOCKERS,
    DEPARTMENTS,
    DUE,
    HOSTILE,
    LATE,
    LONG,
    NOW,
    OWNER,
    REASONS,
    REVIEWER,
    Company,
    said,
)
from handlers.samples.home import todos

Samples = Iterator[tuple[str, Card | Sheet]]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CHARGE = ("answer", "hand", "close")


def asking_samples(t: Texts) -> Samples:
    """(name, card or sheet) of everything that people ask of each other."""
    company = Company(t)
    yield from _threads(t, company)
    yield from _case_lists(t, company)
    yield from _requests(t, company)
    yield from _tasks_of_heads(t, company)
    yield from _all_tasks(t, company)
    yield from _forms(t, company)


def _thread(t: Texts, company: Company, **changes: object) -> ShownThread:
    question = ShownMessage(company.name(OWNER), NOW - 5 * HOUR, said(REASONS, t))
    known: dict[str, object] = {
        "id": 3,
        "version": 1,
        "name": company.name(OWNER),
        "owner": company.name(REVIEWER),
        "mine": False,
        "state": "open",
        "due_at": NOW + 19 * HOUR,
        "now": NOW,
        "cycle": company.cycle.name,
        "messages": [question],
        "verbs": CHARGE,
    }
    return ShownThread(**{**known, **changes})  # type: ignore[arg-type]


def _threads(t: Texts, company: Company) -> Samples:
    asked = _thread(t, company)
    answer = ShownMessage(company.name(REVIEWER), NOW - HOUR, said(BLOCKERS, t))
    both = [*asked.messages, answer]
    mine = replace(asked, mine=True, verbs=("reply", "satisfied"))
    yield "case.open.hr", case_card(t, asked)
    yield "case.open.owner", case_card(t, mine)
    yield "case.late.hr", case_card(t, replace(asked, now=NOW + DAY))
    yield "case.late.owner", case_card(t, replace(mine, now=NOW + DAY, cycle=""))
    answered = replace(mine, state="answered", messages=both, verbs=("satisfied", "reply"))
    yield "case.answered.owner", case_card(t, answered)
    yield "case.answered.hr", case_card(t, replace(answered, mine=False, verbs=CHARGE))
    long = replace(answered, messages=[*both, *both], page=1, pages=3)
    yield "case.answered.page.owner", case_card(t, long)
    closed = replace(answered, state="closed", closed_at=NOW, until=NOW + 14 * DAY, verbs=("rate", "word", "reply"))
    yield "case.closed.owner", case_card(t, closed)
    yield "case.closed.over.owner", case_card(t, replace(closed, until=None, verbs=()))
    yield "case.closed.hr", case_card(t, replace(closed, mine=False, verbs=(), until=None))
    for name, words in (("hostile", HOSTILE), ("long", LONG)):
        texts = [ShownMessage(words, NOW, words)]
        yield f"case.open.{name}.hr", case_card(t, replace(asked, name=words, messages=texts))


def _case_lists(t: Texts, company: Company) -> Samples:
    about = said(BLOCKERS, t)
    waits = ListedCase(3, company.name(OWNER), about, "open", NOW + HOUR)
    late = ListedCase(4, company.name(AUTHOR), about, "open", NOW - HOUR)
    done = ListedCase(5, company.name(REVIEWER), about, "answered", NOW)
    yield "cases.none", cases_card(t, ShownCases(NOW))
    yield "cases.owner", cases_card(t, ShownCases(NOW, own=[done, replace(done, id=6, state="closed")]))
    charge = ShownCases(NOW, own=[done], charge=[late, waits], counts=(5, 3, 1))
    free = [ListedCase(9, company.name(REVIEWER), "", "open", NOW - 2 * HOUR)]
    yield "cases.hr", cases_card(t, charge)
    yield "cases.hr.free", cases_card(t, replace(charge, charge=(), own=(), free=free))
    yield (
        "cases.hr.many",
        cases_card(t, replace(charge, charge=[replace(waits, id=100 + number) for number in range(30)])),
    )
    words = [said(REASONS, t), said(BLOCKERS, t)]
    yield "case.opinions.few", opinions_card(t, None, None, ())
    yield "case.opinions", opinions_card(t, (25, Decimal("4.28")), (10, Decimal("4.5")), words)
    yield "case.opinions.others", opinions_card(t, (5, Decimal(4)), None, ())


def _request(t: Texts, company: Company, **changes: object) -> ShownRequest:
    known: dict[str, object] = {
        "id": 8,
        "version": 1,
        "name": company.name(OWNER),
        "department": DEPARTMENTS[t.locale][2],
        "what": said(REASONS, t),
        "state": "asked",
        "due_at": DUE,
        "now": NOW,
        "cycle": company.cycle.name,
        "answered_by": company.name(AUTHOR),
        "verbs": ("answer", "hand", "decline"),
    }
    return ShownRequest(**{**known, **changes})  # type: ignore[arg-type]


def _requests(t: Texts, company: Company) -> Samples:
    asked = _request(t, company)
    mine = replace(asked, mine=True, awaited=company.name(AUTHOR), verbs=("withdraw",))
    yield "request.asked.head", request_card(t, asked)
    yield "request.asked.owner", request_card(t, mine)
    yield "request.late.head", request_card(t, replace(asked, due_at=LATE))
    yield "request.late.owner", request_card(t, replace(mine, due_at=LATE))
    answered = {"state": "answered", "answer": said(BLOCKERS, t), "link": "https://bi.example/errors"}
    looked = replace(mine, verbs=("accept", "return", "withdraw"), **answered)  # type: ignore[arg-type]
    yield "request.answered.owner", request_card(t, looked)
    yield "request.answered.head", request_card(t, replace(looked, mine=False, awaited=mine.name, verbs=()))
    back = replace(asked, returns=2, reason=said(REASONS, t), answer=looked.answer)
    yield "request.returned.head", request_card(t, back)
    ended = replace(looked, verbs=(), ended_at=NOW, awaited="")
    for state in ("accepted", "declined", "withdrawn"):
        yield f"request.{state}.owner", request_card(t, replace(ended, state=state, reason=said(REASONS, t)))
    yield "request.task.head", request_card(t, replace(asked, task=True))
    yield "request.task.done.hr", request_card(t, replace(ended, task=True, state="accepted", verbs=("return",)))
    yield "request.asked.hostile.head", request_card(t, replace(asked, name=HOSTILE, what=HOSTILE))
    yield "request.asked.long.head", request_card(t, replace(asked, name=LONG, what=LONG, department=LONG))
    yield from _request_lists(t, company)


def _request_lists(t: Texts, company: Company) -> Samples:
    about, places = said(BLOCKERS, t), DEPARTMENTS[t.locale]
    waits = ListedRequest(8, company.name(OWNER), about, "asked", DUE)
    late = ListedRequest(9, company.name(APPROVER), about, "asked", LATE, company.name(AUTHOR))
    own = ListedRequest(10, places[1], about, "asked", DUE, company.name(AUTHOR))
    done = ListedRequest(11, places[2], about, "answered", LATE)
    task = ShownAssignment(2, said(REASONS, t), DUE, 12, 4, 0)
    tasks = [task, replace(task, id=3, late=2, due_at=LATE), replace(task, id=4, ended=True)]
    tasks.append(replace(task, id=5, done=12))
    yield "requests.none", requests_card(t, ShownRequests(NOW))
    yield "requests.employee", requests_card(t, ShownRequests(NOW, own=[own, done]))
    yield "requests.head", requests_card(t, ShownRequests(NOW, waiting=[late, waits], own=[own]))
    yield "requests.hr", requests_card(t, ShownRequests(NOW, own=[done], tasks=tasks, gives_tasks=True))
    many = [replace(waits, id=number) for number in range(20, 50)]
    yield "requests.head.many", requests_card(t, ShownRequests(NOW, waiting=many))


def _tasks_of_heads(t: Texts, company: Company) -> Samples:
    places = DEPARTMENTS[t.locale]
    parts = [
        ShownPart(21, places[0], company.name(AUTHOR), "asked", LATE),
        ShownPart(22, places[1], company.name(APPROVER), "asked", DUE),
        ShownPart(23, places[2], company.name(OWNER), "declined", DUE),
        ShownPart(24, places[3], company.name(REVIEWER), "accepted", DUE),
    ]
    task = ShownTask(
        2, 1, said(REASONS, t), company.name(REVIEWER), DUE, NOW, 4, 1, 1, 1, company.cycle.name, parts=parts
    )
    yield "assignment.running", assignment_card(t, task)
    fresh = [replace(one, state="asked", due_at=DUE) for one in parts]
    yield "assignment.fresh", assignment_card(t, replace(task, done=0, late=0, declined=0, parts=fresh, cycle=""))
    whole = [replace(one, state="accepted") for one in parts]
    yield "assignment.done", assignment_card(t, replace(task, done=4, late=0, declined=0, parts=whole))
    yield (
        "assignment.withdrawn",
        assignment_card(t, replace(task, ended=True, total=1, late=0, declined=0, parts=whole[:1])),
    )
    many = [replace(fresh[0], id=number) for number in range(100, 115)]
    yield "assignment.many", assignment_card(t, replace(task, total=40, parts=many, page=1, pages=3))
    yield "assignment.hostile", assignment_card(t, replace(task, what=HOSTILE, by=HOSTILE))


def _all_tasks(t: Texts, company: Company) -> Samples:
    others = [
        ShownWaiting("plan 31", t("My plan"), company.name(APPROVER)),
        ShownWaiting("case 3", t("My question to HR"), company.name(REVIEWER), NOW - HOUR),
        ShownWaiting("dispute 5", t("My dispute"), company.name(AUTHOR), NOW + HOUR),
    ]
    some = [*todos(company, 2, LATE), *todos(company, 1, NOW + HOUR, 3), *todos(company, 2, NOW + 3 * DAY, 4)]
    every = [*some, *todos(company, 2, DUE, 6), *todos(company, 1, None, 8)]
    yield "tasks.none", tasks_card(t, ShownTasks(NOW))
    yield "tasks.others", tasks_card(t, ShownTasks(NOW, others=others))
    yield "tasks.one", tasks_card(t, ShownTasks(NOW, todos(company, 1), others[:1]))
    yield "tasks.groups", tasks_card(t, ShownTasks(NOW, every, others))
    yield "tasks.many", tasks_card(t, ShownTasks(NOW, todos(company, 40), page=1))


def _forms(t: Texts, company: Company) -> Samples:
    cycles = {"cycle": [("7", company.cycle.name)]}
    yield "form.case.ask.empty", QuestionForm.sheet(t, options=cycles)
    yield "form.case.ask.filled", QuestionForm.sheet(t, options=cycles, values={"question": said(REASONS, t)})
    yield "form.case.reply.empty", ReplyForm.sheet(t)
    yield "form.case.reply.filled", ReplyForm.sheet(t, values={"said": said(REASONS, t)})
    yield "form.case.answer.empty", CaseAnswerForm.sheet(t)
    yield "form.case.answer.filled", CaseAnswerForm.sheet(t, values={"said": said(BLOCKERS, t)})
    to = {"to": [("4", company.name(REVIEWER))]}
    yield "form.case.hand.empty", HandForm.sheet(t, options=to)
    yield "form.case.hand.filled", HandForm.sheet(t, options=to, values={"to": "4"})
    yield "form.case.close.empty", CloseForm.sheet(t)
    yield "form.case.word.empty", OpinionForm.sheet(t)
    yield "form.case.word.filled", OpinionForm.sheet(t, values={"score": "4", "word": said(REASONS, t)})
    yield from _request_forms(t, company, cycles)


def _request_forms(t: Texts, company: Company, cycles: Mapping[str, Sequence[tuple[str, str]]]) -> Samples:
    reason = {"reason": said(REASONS, t)}
    places = [(str(number), name) for number, name in enumerate(DEPARTMENTS[t.locale], 1)]
    options = {"department": places, **cycles}
    values = {"department": "2", "what": said(REASONS, t), "due": DUE.date()}
    yield "form.request.ask.empty", RequestForm.sheet(t, options=options)
    yield "form.request.ask.filled", RequestForm.sheet(t, options=options, values=values)
    yield "form.request.answer", AnswerRequestForm.sheet(t)
    yield "form.request.hand.empty", HandRequestForm.sheet(t)
    yield "form.request.hand.filled", HandRequestForm.sheet(t, values={"person": company.name(OWNER)})
    yield "form.request.decline.empty", DeclineRequestForm.sheet(t)
    yield "form.request.decline.filled", DeclineRequestForm.sheet(t, values=reason)
    yield "form.request.return.empty", ReturnRequestForm.sheet(t)
    yield "form.request.return.filled", ReturnRequestForm.sheet(t, values={"due": DUE.date(), **reason})
    heads = {"departments": [(EVERY, t("All departments")), *places], **cycles}
    yield "form.assignment.open.empty", TaskForm.sheet(t, options=heads)
    given = {"what": said(REASONS, t), "due": DUE.date(), "departments": (EVERY,)}
    yield "form.assignment.open.filled", TaskForm.sheet(t, options=heads, values=given)
