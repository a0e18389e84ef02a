"""How sends ended: where the copies stand now, what is tried again and when, and who is left alone for a while."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from bot import conversation
from bot.capability import Expired, Gone, Later, Ref
from bot.ops import SENT_MESSAGES
from bot.outbox.claiming import Claims
from bot.outbox.drawing import Drawn
from bot.outbox.gate import Gate
from bot.outbox.sending import Outcome
from models import budget
from models.budget import instant
from models.delivery import DEAD, PAGED, SENT, SKIPPED, Delivery
from models.identity import moved
from models.leases import close_all, more_for, postpone, renew
from models.upkeep import LONGEST, RATE_LIMITED

TRIES = 8
PATIENT = 1000
UNKNOWN_END = "an attempt before ended nobody knows how"
Ended = Sequence[tuple[Drawn, Outcome]]
log = structlog.get_logger()


class Ending:
    """Writes down how sends ended."""

    def __init__(self, claims: Claims, gate: Gate, clock: Callable[[], datetime]) -> None:
        self._claims, self._gate, self._clock = claims, gate, clock

    def __call__(self, db: Session, ended: Ended) -> tuple[bool, float]:
        """Ends sends, all at once; whether their accounts have more to be sent, and after how many seconds."""
        now = self._clock()
        self._renew(db, ended, now)
        over = [
            (one, self._over(one, outcome, now))
            for one, outcome in ended
            if isinstance(outcome, Ref | Gone | None) and not _expired(one, outcome)
        ]
        kinds: dict[tuple[str, ...], list[tuple[Delivery, Mapping[str, object]]]] = {}
        for one, values in over:
            kinds.setdefault((one.account.platform, str(values["state"]), *values), []).append((one.row, values))
        for (platform, state, *_names), rows in kinds.items():
            SENT_MESSAGES.labels(platform, state).inc(close_all(db, rows))
        gap = self._learn(db, ended, now)
        for one, outcome in ended:
            if isinstance(outcome, Exception) and not isinstance(outcome, Gone):
                self._again(db, one, outcome, now)
        self._pause(db, now)
        told = {one.account.id for one, outcome in ended if isinstance(outcome, Ref | Gone | None)}
        return more_for(db, sorted(told)), gap

    def _renew(self, db: Session, ended: Ended, now: datetime) -> None:
        for one, outcome in ended:
            if _expired(one, outcome):
                renew(db, one.row, now)

    def _pause(self, db: Session, now: datetime) -> None:
        """Tells the other replicas whom to leave alone."""
        for (platform, method), seconds in self._gate.news():
            log.warning("platform is left alone", platform=platform, method=method, seconds=round(seconds, 1))
            until = now + timedelta(seconds=seconds)
            budget.pause(db, platform, [method], instant(now), instant(until))

    def give_up(self, db: Session, drawn: Drawn, fault: Exception) -> None:
        """One whose end could not be written down: tried again, because it is not known what came of it."""
        self._retry(db, drawn, type(fault).__name__, self._clock(), TRIES, doubt=True)

    def _over(self, drawn: Drawn, outcome: Ref | Gone | None, now: datetime) -> Mapping[str, object]:
        row = drawn.row
        match outcome:
            case Ref(channel, message):
                place = {"channel": channel, "message": message, "drawn": drawn.digest, "sent_at": row.sent_at or now}
                error = UNKNOWN_END if row.doubt and not row.message else ""
                return {"state": _stands(row, SENT), "error": error, "attempts": 0, "doubt": False, **place}
            case Gone():
                late = {"not_after": now} if row.state == PAGED else {}  # until its reader opens it again
                return {"state": _stands(row, DEAD), "error": str(outcome), "doubt": False, **late}
            case None:
                return {"state": _stands(row, SKIPPED), "doubt": False}

    def _learn(self, db: Session, ended: Ended, now: datetime) -> float:
        """Where the private conversations are, that they rest now, and what the numbers of the newest menus mean."""
        sent = [(one, outcome) for one, outcome in ended if isinstance(outcome, Ref)]
        for one, outcome in sent:
            if outcome.channel and one.account.channel != outcome.channel:
                moved(db, one.account, outcome.channel)
            if one.presses:
                conversation.remember(db, one.account.id, one.presses, now)
        return self._claims.rest(db, [one.account for one, _outcome in sent if not one.row.message], now)

    def _again(self, db: Session, drawn: Drawn, no: Exception, now: datetime) -> None:
        row = drawn.row
        if isinstance(no, Later):
            until = now + timedelta(seconds=no.seconds)
            postpone(db, row, until, RATE_LIMITED, row.attempts - 1, doubt=row.doubt)
            return
        passing = isinstance(no, OSError)
        self._retry(db, drawn, type(no).__name__, now, PATIENT if passing else TRIES, doubt=passing or row.doubt)

    def _retry(self, db: Session, drawn: Drawn, error: str, now: datetime, tries: int, *, doubt: bool) -> None:
        """Tried again ever more slowly, never all at the same moment; a platform that is down is waited for, for days
        (T5)."""
        row = drawn.row
        if row.attempts >= tries:
            values = {"state": _stands(row, DEAD), "error": error, "doubt": False}
            SENT_MESSAGES.labels(drawn.account.platform, values["state"]).inc(close_all(db, [(row, values)]))
            return
        most = min(int(LONGEST.total_seconds()), 2 ** min(row.attempts, 9))
        wait = most * (0.5 + secrets.randbelow(501) / 1000)
        postpone(db, row, now + timedelta(seconds=wait), error, row.attempts, doubt=doubt)


def _stands(row: Delivery, other: str) -> str:
    """The state of a copy that stands somewhere, whatever came of its redrawing; `other` for what does not."""
    return PAGED if row.state == PAGED else SENT if row.message else other


def _expired(drawn: Drawn, outcome: Outcome) -> bool:
    """Whether a copy can never be redrawn, so that a new message takes its place."""
    return isinstance(outcome, Expired) and bool(drawn.row.message)
