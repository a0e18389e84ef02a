"""How everything about questions, requests and tasks is tried for the table of rights: on Ana's, and on one of HR's."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session, select

from models.assignment import assign
from models.base import Row
from models.case import open_case
from models.department import Department
from models.request import request_of
from tests.models.sampled import Sample
from tests.security import company

ACTIVE = ("active",)
CASE, REQUEST, TASK = Sample(ACTIVE, "case"), Sample(ACTIVE, "request"), Sample(ACTIVE, "assignment")
HERE = Sample(ACTIVE)
DUE = "2026-12-31"
BUTTONS: Mapping[str, Sample] = {
    "case.ask": HERE,
    "case.list": HERE,
    "case.show": CASE,
    "case.pick": Sample(ACTIVE, value="case"),
    "case.page": Sample(ACTIVE, "case", "0"),
    "case.reply": CASE,
    "case.answer": CASE,
    "case.hand": CASE,
    "case.take": Sample(ACTIVE, value="case"),
    "case.close": CASE,
    "case.satisfied": CASE,
    "case.rate": Sample(ACTIVE, "case", "5"),
    "case.word": CASE,
    "case.opinions": HERE,
    "request.ask": HERE,
    "request.list": HERE,
    "request.show": REQUEST,
    "request.pick": Sample(ACTIVE, value="part"),
    "request.answer": REQUEST,
    "request.hand": REQUEST,
    "request.decline": REQUEST,
    "request.accept": REQUEST,
    "request.return": REQUEST,
    "request.withdraw": REQUEST,
    "assignment.open": HERE,
    "assignment.pick": Sample(ACTIVE, value="assignment"),
    "assignment.page": Sample(ACTIVE, "assignment", "0"),
    "assignment.withdraw": TASK,
    "todo.list": HERE,
    "todo.page": Sample(ACTIVE, value="0"),
    "todo.other": Sample(ACTIVE, value="case 1"),
}
FORMS: Mapping[str, Sample] = {
    "case.ask": Sample(ACTIVE, answers={"question": "q"}),
    "case.reply": Sample(ACTIVE, "case", answers={"said": "s"}),
    "case.answer": Sample(ACTIVE, "case", answers={"said": "s"}),
    "case.hand": Sample(ACTIVE, "case", answers={"to": "1"}),
    "case.close": Sample(ACTIVE, "case", answers={"note": "n"}),
    "case.word": Sample(ACTIVE, "case", answers={"score": "5"}),
    "request.ask": Sample(ACTIVE, answers={"department": "1", "what": "w", "due": DUE}),
    "request.answer": Sample(ACTIVE, "request", answers={"answer": "a"}),
    "request.hand": Sample(ACTIVE, "request", answers={"person": "@bo"}),
    "request.decline": Sample(ACTIVE, "request", answers={"reason": "r"}),
    "request.return": Sample(ACTIVE, "request", answers={"reason": "r", "due": DUE}),
    "assignment.open": HERE,
}
VIEWS: Mapping[str, Sample] = {
    "case.card": CASE,
    "case.list": HERE,
    "case.opinions": HERE,
    "request.card": REQUEST,
    "request.list": HERE,
    "assignment.card": TASK,
    "todo.list": HERE,
}


def asked(db: Session, now: datetime) -> Mapping[str, Row]:
    """Ana's question to HR and her request to her own department, and a task of Helen's for its head."""
    ana, helen, due_at = company.actor(db, "ana"), company.actor(db, "helen"), now + timedelta(days=5)
    sales = db.exec(select(Department).where(Department.code == "S")).one()
    case, _message = open_case(db, ana, now, None)
    task, parts = assign(db, helen, [sales], now, due_at, None)
    db.flush()
    request = request_of(db, ana, sales, now, due_at, None)
    return {"case": case, "request": request, "assignment": task, "part": parts[0]}
