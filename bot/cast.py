"""Who can be played in the console of a sample company."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from bot.app import Bot
from bot.platforms.web import Player, Role
from bot.sample.cast import cast
from models.department import Department
from models.person import Person, active
from models.person import Role as PersonRole
from models.position import Position

FEATURED = frozenset(member.handle for member in cast("full"))


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
                    department.name(self.locale) if department else "",
                    position.name(self.locale) if position else "",
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
