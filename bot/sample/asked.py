"""What people of the sample company ask: HR, other departments, and what HR asks of heads."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

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
from models.opinion import BITS, Opinion
from models.request import Request, request_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Who asked HR: one waits, one was answered; which heads got the task, the first one is done.
WAITING, ANSWERED = "ana", "bo"
HEADS = ("marketing", "sales", "operations")
SEED = 20261125
LINK = "https://intranet.harbourlight.example/headcount"


@dataclass(slots=True)
class Asked:
    """Two cases that run and one that was settled and rated, a request that is late, one that is new and one that was
    answered twice, and a task for three heads."""

    db: Session
    vault: Vault
    organisation: Organisation
    trail: Trail
    cycle: Cycle

    def play(self, now: datetime) -> None:
        """Everything lies shortly before `now`, so that clocks run whenever the company is made."""
        self._settled("mei", now - 12 * DAY)
        self._twice("oliver", "finance", now - 20 * DAY)
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
            owner = self._at_desk(case.waits_for_id)
            self._keep(case.answer(self.db, owner, at + 3 * HOUR), "body", answer, handle)
            self.trail.write(owner.id, at + 3 * HOUR)
        return case

    def _settled(self, handle: str, at: datetime) -> None:
        """Answered, settled, and rated in a word."""
        case, asker = self._case(handle, "search", at, "found"), self._actor(handle)
        case.satisfied(self.db, asker, case.version, at + DAY)
        case.rate(self.db, asker, case.version)
        number = Random(SEED).getrandbits(BITS)  # noqa: S311 - made-up data, the same every time
        self._keep(Opinion(id=number, owner_id=case.waits_for_id, score=5), "word", "thanks", handle)
        self.trail.write(asker.id, at + DAY)

    def _twice(self, handle: str, code: str, at: datetime) -> None:
        """The first answer was given back with a reason, the second one is accepted."""
        made, asker = self._request(handle, code, "need_old", at, at + 5 * DAY), self._actor(handle)
        self._answer(made, "partly", handle, at + DAY)
        reason = self._sealed(made, "reason", "lacking", handle)
        made.return_(self.db, asker, made.version, at + 2 * DAY, at + 7 * DAY, reason)
        self.trail.write(asker.id, at + 2 * DAY)
        self._answer(made, "wholly", handle, at + 4 * DAY)
        made.accept(self.db, asker, made.version, at + 5 * DAY)
        self.trail.write(asker.id, at + 5 * DAY)

    def _answer(self, made: Request, answer: str, handle: str, at: datetime) -> None:
        """Whoever is asked says where it lies."""
        head = self._at_desk(made.waits_for_id)
        made.give(self.db, head, made.version, at)
        self._keep(made, "answer", answer, handle)
        made.link = self.vault.seal((made.noun, "link", made.id), LINK)
        self.trail.write(head.id, at)

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
        head = self._at_desk(first.waits_for_id)
        first.give(self.db, head, first.version, at + DAY)
        self._keep(first, "answer", "named", "helen")
        self.trail.write(head.id, at + DAY)

    def _actor(self, handle: str) -> Actor:
        return self._at_desk(self.organisation.people[handle].id)

    def _at_desk(self, person_id: int | None) -> Actor:
        """Whoever something waits for."""
        return Actor(person_id or 0, self.organisation.roles[person_id or 0])

    def _keep(self, row: Row, column: str, kind: str, handle: str) -> None:
        setattr(row, column, self._sealed(row, column, kind, handle))
        self.db.add(row)

    def _sealed(self, row: Row, column: str, kind: str, handle: str) -> bytes:
        """In the language of who asked: who answers writes so that they can read it."""
        text: str = said("words")[self.organisation.people[handle].locale][kind][0]
        return self.vault.seal((str(row.__tablename__), column, row.id), text)
