"""Who installed the bot, where a platform lets many companies do so: what a platform sees of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Installed:
    """What a platform gave us for one tenant, which is what accounts there are kept under.

    `enterprise` is the organisation that the tenant is, or is a part of, "" for none; `whole`: it is the organisation.
    `app`, `bot` and `bot_user` are who we are there, `name` what the tenant calls itself, `scopes` what was granted,
    comma separated, `by` the account of who installed it.
    """

    tenant: str
    token: str = field(repr=False)
    app: str = ""
    bot: str = ""
    bot_user: str = ""
    name: str = ""
    scopes: str = ""
    by: str = ""
    enterprise: str = ""
    whole: bool = False


class Tenants(Protocol):
    """Where the installations of one platform are kept. Every method may raise bot.vault.Unreadable, where a key is
    missing."""

    async def find(self, tenant: str) -> Installed | None:
        """The installation of a tenant, None if there is none any more."""

    async def all(self) -> Sequence[Installed]:
        """Every installation there is, the oldest first."""

    async def save(self, installed: Installed) -> None:
        """Keeps an installation; one of the same tenant gives way to it."""

    async def end(self, tenant: str, token: str, why: str) -> bool:
        """Forgets a token that does not work any more; False if it is another one by now. `why` is the platform's own
        word for it."""

    async def used(self, key: str) -> bool:
        """Whether `use` was told of a key in the last days."""

    async def use(self, *keys: str) -> bool:
        """Notes keys as used, in their order; False, and not the rest of them, if one was used before."""
