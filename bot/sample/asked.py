"""What people of the sample company ask: HR, other departments, and what HR asks of heads."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.sample.cast import said
from bot.sample.organisation import Organisation
from bot.sample.trail import Trail
from bot.vault import Vault
from models.access import Actor
from models.assignment import assign
from models.base import Row
from models.case import Case, open_case
from models.cycle import Cycle
from models.request import Request, request_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Who asked HR: one waits, one was answered; which heads got the task, the first one is done.
WAITING, ANSWERED = "ana", "bo"
HEADS = ("marketing", "sales", "operations")


@dataclass(slots=True)
class Asked:
    """Two cases, a request that is late and one that is new, and a task for three heads."""

    db: Session
    vault: Vault
    organisation: Organisation
    trail: Trail
    cycle: Cycle

    def play(self, now: datetime) -> None:
        """Everything lies shortly before `now`, so that clocks run whenever the company is made."""
        self._task(now - 2 * DAY, now + 3 * DAY)
        self._case(ANSWERED, "doubt", now - 27 * HOUR, "reply")
        self._case(WAITING, "wonder", now - 5 * HOUR)
        self._request("dana", "finance", "need_late", now - 9 * DAY, now - 2 * DAY)
        self._request("oliver", "risk", "need_fresh", now - 3 * HOUR, now + 6 * DAY)

    def _case(self, handle: str, question: str, at: datetime, answer: str = "") -> Case:
        case, message = open_case(self.db, self._actor(handle), at, self.cycle.id)
        self._keep(message, "body", question, handle)
        self.trail.write(case.person_id, at)
        if answer:
            owner = Actor(case.waits_for_id, self.organisation.roles[case.waits_for_id])
            self._keep(case.answer(self.db, owner, at + 3 * HOUR), "body", answer, handle)
            self.trail.write(owner.id, at + 3 * HOUR)
        return case

    def _request(self, handle: str, code: str, what: str, at: datetime, due_at: datetime) -> Request:
        made = request_of(self.db, self._actor(handle), self.organisation.departments[code], at, due_at, None)
        self._keep(made, "what", what, handle)
        self.trail.write(made.person_id, at)
        return made

    def _task(self, at: datetime, due_at: datetime) -> None:
        places = [self.organisation.departments[code] for code in HEADS]
        task, parts = assign(self.db, self._actor("helen"), places, at, due_at, self.cycle.id)
        self._keep(task, "what", "duty", "helen")
        self.trail.write(task.person_id, at)
        first = next(one for one in parts if one.department_id == places[0].id)
        head = Actor(first.waits_for_id or 0, self.organisation.roles[first.waits_for_id or 0])
        first.give(self.db, head, first.version, at + DAY)
        self._keep(first, "answer", "named", "helen")
        self.trail.write(head.id, at + DAY)

    def _actor(self, handle: str) -> Actor:
        person = self.organisation.people[handle]
        return Actor(person.id, self.organisation.roles[person.id])

    def _keep(self, row: Row, column: str, kind: str, handle: str) -> None:
        """In the language of who asked: who answers writes so that they can read it."""
        text: str = said("words")[self.organisation.people[handle].locale][kind][0]
        setattr(row, column, self.vault.seal((str(row.__tablename__), column, row.id), text))
        self.db.add(row)
