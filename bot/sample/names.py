"""Made-up people: names in the script of their office, handles in Latin letters, each used once."""

from dataclasses import dataclass, field
from random import Random

from bot.sample.cast import said


@dataclass(frozen=True, slots=True)
class Named:
    """A made-up person: `name` as their office writes it, `other_name` in Latin letters ("" if that is the name)."""

    name: str
    other_name: str
    handle: str
    locale: str


@dataclass(slots=True)
class Names:
    """Gives out names; a handle that is taken gets a number, as companies do."""

    rng: Random
    taken: set[str] = field(default_factory=set)
    full: set[str] = field(default_factory=set)

    def one(self, zone: str) -> Named:
        """A person of the office in this zone whose full name nobody else has."""
        office = said("names")[zone]
        for _attempt in range(500):
            family, given = self.rng.choice(office["families"]), self.rng.choice(office["givens"])
            if f"{family} {given}" not in self.full:
                break
        self.full.add(f"{family} {given}")
        locale: str = office["locale"]
        if locale == "en":
            return Named(f"{given} {family}", "", self._handle(given, family), locale)
        (family, latin_family), (given, latin_given) = family.split(" "), given.split(" ")
        handle = self._handle(latin_given, latin_family)
        return Named(f"{family}{given}", f"{latin_given} {latin_family}", handle, locale)

    def _handle(self, given: str, family: str) -> str:
        """Given and family name in plain lower letters: Jianguo Lü is jianguo.lv, as typed on a keyboard."""
        plain = f"{given}.{family}".replace("ü", "v").replace("-", "").replace(" ", "").lower()
        handle, number = plain, 2
        while handle in self.taken:
            handle, number = f"{plain}{number}", number + 1
        self.taken.add(handle)
        return handle
