"""Who sends what: messages that are due are leased in batches, and given back when their sending has ended."""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import instance_dict
from sqlmodel import Session, col

from models.base import batches, execute
from models.budget import METHOD_OF, METHODS, PAGE, REDRAW, SEND, Budget, instant
from models.delivery import ADDRESSED, ANSWER, BULK, FEW, ORDINARY, PAGED, QUEUED, Addressed, Delivery, addressed
from models.direct import run_all
from models.identity import Identity

LEASE = timedelta(seconds=60)
BATCH = 200
PRIORITIES = (ANSWER, ORDINARY, BULK)
# Which of the messages that were locked may go now, in their order; the others stay.
Grant = Callable[[Sequence[Addressed]], Sequence[Addressed]]
Arm = tuple[str, str, int]  # a platform, a state, a priority
Limits = Mapping[Arm, int]


def due(
    db: Session,
    platforms: Sequence[str],
    now: datetime,
    most: int,
    limits: Limits | None = None,
    paged: Collection[str] | None = None,
) -> list[int]:
    """The ids of what could be sent now, what is urgent first; `limits` are of a platform, state and priority, `paged`
    the platforms that have pages (every one unless it is given).

    A new message waits for every older one of its account that is as urgent, also for one that is put off, and for any
    in flight, so that order is kept whatever the other replicas do; redrawn messages do not wait. Nothing is locked.
    """
    if not platforms:
        return []
    given = limits or {}
    arms = _arms(tuple(platforms), frozenset(platforms if paged is None else paged))
    most_of = {f"most_{number}": given.get(arm, most) for number, arm in enumerate(arms)}
    rows = execute(db, _due(arms), now=now, moment=instant(now), **most_of)
    return [row.id for row in sorted(rows, key=lambda row: (row.priority, row.not_before, row.id))[:most]]


def claim(
    db: Session,
    owner: str,
    platforms: Sequence[str],
    now: datetime,
    most: int = BATCH,
    *,
    found: Sequence[int] | None = None,
    grant: Grant | None = None,
    lanes: bool = False,
) -> list[Addressed]:
    """Leases at most so many of what is due (or of `found`, as far as it still is), the most urgent first. `lanes`: the
    accounts are locked as well, since `grant` lets them rest."""
    ids = due(db, platforms, now, most) if found is None else found
    rows = [row for some in batches(ids) for row in execute(db, _locked(lanes), ids=some, now=now)]
    return _leased(db, owner, [addressed(db, row) for row in rows], now, grant)


def take(
    db: Session,
    owner: str,
    platforms: Sequence[str],
    now: datetime,
    most: int,
    grant: Grant | None = None,
    *,
    lanes: bool = False,
) -> list[Addressed]:
    """Leases a few of what is due and no broadcast: the same by one statement, for the transaction of a handler."""
    given = {"platforms": list(platforms), "states": list(METHODS.values())}
    rows = execute(db, _few(lanes), now=now, moment=instant(now), most=most, **given) if platforms else ()
    return _leased(db, owner, [addressed(db, row) for row in rows], now, grant)


def _leased(db: Session, owner: str, found: Sequence[Addressed], now: datetime, grant: Grant | None) -> list[Addressed]:
    ordered = sorted(found, key=lambda one: (one[0].priority, one[0].not_before, one[0].id))
    taken = list(grant(ordered) if grant and ordered else ordered)
    if not taken:
        return []
    leased = {"lease": f"{owner}.{secrets.token_hex(4)}", "lease_until": now + LEASE, "dirty": False}
    for some in batches(taken):
        execute(db, _LEASE, ids=[one[0].id for one in some], **leased)
    for delivery, *_whom in taken:
        more = {"attempts": delivery.attempts + 1, "doubt": delivery.doubt or bool(delivery.lease)}
        instance_dict(delivery).update(leased | more)  # as loaded: they are stored already
    return taken


def close(db: Session, delivery: Delivery, /, **values: object) -> bool:
    """Ends a send unless another owner took it over; a change that came meanwhile makes it due again."""
    return execute(db, _CLOSE, **_ended(delivery), **values).rowcount > 0


def close_all(db: Session, ended: Sequence[tuple[Delivery, Mapping[str, object]]]) -> int:
    """The same for many at once, each with values for the same columns; how many were not another owner's."""
    if len(ended) <= FEW:
        return sum(close(db, delivery, **values) for delivery, values in ended)
    db.flush()
    return run_all(db, _CLOSE, [{**_ended(delivery), **values} for delivery, values in ended])


def postpone(db: Session, delivery: Delivery, until: datetime, error: str, attempts: int, *, doubt: bool) -> None:
    """Gives a send back, to be tried again later; `doubt`: it may have got through all the same."""
    put_off = {"not_before": until, "error": error, "attempts": attempts, "doubt": doubt}
    execute(db, _POSTPONE, **put_off, **_ended(delivery))


def renew(db: Session, delivery: Delivery, now: datetime) -> None:
    """A copy that can never be redrawn becomes a new message, which is paid for and drawn like one; its deadline as a
    message was kept long ago. No two of them were sent at the same instant, which tells their keys apart."""
    sent_at = max(now, (delivery.sent_at or now) + timedelta(milliseconds=1))
    nowhere = {"channel": "", "message": "", "drawn": "", "error": "", "doubt": False, "attempts": 0}
    again = {"state": QUEUED, "due": True, "dirty": False, "not_before": now, "not_after": None, "sent_at": sent_at}
    execute(db, _POSTPONE, **again, **nowhere, **_ended(delivery))


def more_for(db: Session, identity_ids: Sequence[int]) -> bool:
    """Whether something else is to be sent or redrawn for one of these accounts, that nobody is sending."""
    return any(execute(db, _MORE, accounts=some).first() is not None for some in batches(identity_ids))


def rest(db: Session, identity_ids: Sequence[int], until: datetime) -> None:
    """No new message goes to these accounts before an instant."""
    for some in batches(identity_ids):
        execute(db, _REST, accounts=some, free_at=until)


def _ended(delivery: Delivery) -> dict[str, object]:
    """The lease that was claimed, not another owner's and not a later one of the same; and that it ends."""
    return {"known_id": delivery.id, "known_lease": delivery.lease, "lease": "", "lease_until": None}


def _ready() -> list[sa.ColumnElement[bool]]:
    """What makes a row due."""
    now: sa.BindParameter[datetime] = sa.bindparam("now")
    free = sa.or_(col(Delivery.lease_until).is_(None), col(Delivery.lease_until) <= now)
    return [sa.and_(col(Delivery.due)), col(Delivery.not_before) <= now, free]


def _fresh() -> list[sa.ColumnElement[bool]]:
    """What a new message needs besides, with its account at hand."""
    now: sa.BindParameter[datetime] = sa.bindparam("now")
    other = aliased(Delivery)
    sooner = sa.or_(
        col(other.priority) < col(Delivery.priority),
        sa.and_(col(other.priority) == col(Delivery.priority), col(other.id) < col(Delivery.id)),
    )
    begun = sa.or_(col(other.not_before) <= now, col(other.error) != "")
    flying = sa.and_(col(other.lease) != "", col(other.lease_until) > now, col(other.id) != col(Delivery.id))
    waits = sa.exists().where(
        col(other.identity_id) == col(Delivery.identity_id),
        col(other.state) == QUEUED,
        col(other.due),
        sa.or_(flying, sa.and_(sooner, begun)),
    )
    return [_in_time(), sa.or_(col(Identity.free_at).is_(None), col(Identity.free_at) <= now), ~waits]


def _in_time() -> sa.ColumnElement[bool]:
    """A message is not too late, a page was looked at lately."""
    return sa.or_(col(Delivery.not_after).is_(None), col(Delivery.not_after) > sa.bindparam("now"))


def _may_go() -> sa.ColumnElement[bool]:
    """The same of any row: a message that was sent is redrawn whatever its time was."""
    fresh, seen = sa.and_(*_fresh()), sa.and_(col(Delivery.state) == PAGED, _in_time())
    return sa.or_(col(Delivery.state).not_in([QUEUED, PAGED]), seen, fresh)


def _open(platform: Any, method: Any) -> sa.ColumnElement[bool]:
    """Whether the platform did not ask to wait with a method."""
    asked = (col(Budget.platform) == platform, col(Budget.method) == method, col(Budget.span) == 0)
    return ~sa.exists().where(*asked, col(Budget.paused) > sa.bindparam("moment"))


@lru_cache(maxsize=16)
def _arms(platforms: tuple[str, ...], paged: frozenset[str]) -> tuple[Arm, ...]:
    """What is looked for by itself: each platform, state and priority. Nobody sends a page as one ordinary message."""
    arms = [(place, state, rank) for place in platforms for state in METHODS.values() for rank in PRIORITIES]
    return tuple(arm for arm in arms if arm[1] != PAGED or (arm[0] in paged and arm[2] != ORDINARY))


@lru_cache(maxsize=16)
def _due(arms: tuple[Arm, ...]) -> sa.Executable:
    """Each arm walks the index in its order, and stops."""
    parts: list[sa.Select[Any]] = []
    for number, (place, state, rank) in enumerate(arms):
        what = sa.select(col(Delivery.id), col(Delivery.priority), col(Delivery.not_before))
        here = (col(Delivery.platform) == place, col(Delivery.state) == state, col(Delivery.priority) == rank)
        part: sa.Select[Any] = what.where(*here)  # type: ignore[assignment]
        if state == QUEUED:
            part = part.join(Identity, col(Identity.id) == col(Delivery.identity_id)).where(*_fresh())
        if state == PAGED:
            part = part.where(_in_time())
        part = part.where(*_ready(), _open(place, METHOD_OF[state])).order_by(col(Delivery.not_before))
        first = part.limit(sa.bindparam(f"most_{number}")).subquery()
        parts.append(sa.select(*first.columns))
    return sa.union_all(*parts)


@lru_cache(maxsize=2)
def _locked(lanes: bool) -> sa.Executable:
    wanted = ADDRESSED.where(col(Delivery.id).in_(sa.bindparam("ids", expanding=True)), *_ready(), _may_go())
    return wanted.with_for_update(skip_locked=True, key_share=True, of=[Delivery, Identity] if lanes else Delivery)


@lru_cache(maxsize=2)
def _few(lanes: bool) -> sa.Executable:
    method = sa.case((col(Delivery.state) == QUEUED, SEND), (col(Delivery.state) == PAGED, PAGE), else_=REDRAW)
    return (
        ADDRESSED.where(
            col(Delivery.platform).in_(sa.bindparam("platforms", expanding=True)),
            col(Delivery.state).in_(sa.bindparam("states", expanding=True)),
            col(Delivery.priority) <= ORDINARY,
            *_ready(),
            _may_go(),
            _open(col(Delivery.platform), method),
        )
        .order_by(col(Delivery.priority), col(Delivery.not_before), col(Delivery.id))
        .limit(sa.bindparam("most"))
        .with_for_update(skip_locked=True, key_share=True, of=[Delivery, Identity] if lanes else Delivery)
    )


_HELD = sa.and_(col(Delivery.id) == sa.bindparam("known_id"), col(Delivery.lease) == sa.bindparam("known_lease"))
_LEASE = (
    sa.update(Delivery)
    .where(col(Delivery.id).in_(sa.bindparam("ids", expanding=True)))
    .values(attempts=col(Delivery.attempts) + 1, doubt=sa.or_(col(Delivery.doubt), col(Delivery.lease) != ""))
)
_CLOSE = sa.update(Delivery).where(_HELD).values(due=col(Delivery.dirty))
_POSTPONE = sa.update(Delivery).where(_HELD)
_ACCOUNTS: sa.BindParameter[Any] = sa.bindparam("accounts", expanding=True)
_MORE = (
    sa.select(col(Delivery.id))
    .where(col(Delivery.identity_id).in_(_ACCOUNTS), col(Delivery.due), col(Delivery.lease) == "")
    .limit(1)
)
_REST = sa.update(Identity).where(col(Identity.id).in_(_ACCOUNTS))
