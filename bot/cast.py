"""Who can be played in the console of a sample company."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bot.app import Bot
from bot.platforms.web import Player, Role, Web
from bot.platforms.web.inbound import TENANT
from bot.sample.cast import cast
from models.base import put
from models.delivery import adopt
from models.department import Department
from models.identity import Identity
from models.person import Person, active
from models.person import Role as PersonRole
from models.position import Position

WEB = Web.name
FEATURED = frozenset(member.handle for member in cast("full"))


def link_everybody(db: Session, now: datetime) -> None:
    """Gives everybody who works there an account in the console, so that what is sent to them is seen at once."""
    linked = select(Identity.person_id).where(Identity.platform == WEB, Identity.tenant == TENANT)
    for person in db.exec(select(Person).where(active(), col(Person.id).not_in(linked))).all():
        account = Identity(platform=WEB, tenant=TENANT, user=person.number, person_id=person.id, seen_at=now)
        put(db, account)
        adopt(db, person.id, account.id, now)


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of a sample company, for the console's switcher."""

    bot: Bot
    locale: str

    async def __call__(self) -> Sequence[Player]:
        """Everybody who works there."""
        return await self.bot.db.read(self._players)

    def _players(self, db: Session) -> list[Player]:
        people = db.exec(select(Person).where(active())).all()
        departments = {one.id: one for one in db.exec(select(Department))}
        positions = {one.id: one for one in db.exec(select(Position))}
        roles: dict[int, str] = {role.person_id: role.name for role in db.exec(select(PersonRole))}
        names = {one.id: one.name for one in people}
        heads = {one.head_id for one in departments.values()}
        managers = {one.manager_id for one in people}
        players = []
        for one in people:
            department, position = departments.get(one.department_id or 0), positions.get(one.position_id or 0)
            players.append(
                Player(
                    one.number,
                    one.name,
                    _role(one.id, roles, heads, managers),
                    department.name(one.locale or self.locale) if department else "",
                    position.name(one.locale or self.locale) if position else "",
                    one.locale or self.locale,
                    one.zone,
                    names.get(one.manager_id or 0, ""),
                    one.email or "",
                    vouched=True,
                    featured=one.handle in FEATURED,
                )
            )
        return players


def _role(person_id: int, roles: Mapping[int, str], heads: set[int | None], managers: set[int | None]) -> Role:
    if roles.get(person_id) in ("executive", "hr"):
        return Role(roles[person_id])
    if person_id in heads:
        return Role.HEAD
    return Role.MANAGER if person_id in managers else Role.EMPLOYEE
