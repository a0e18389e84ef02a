"""How well everybody performs: spread so that ratings come out as a company would expect them."""

from random import Random

from bot.sample.cast import said
from bot.sample.organisation import Organisation

USUAL, SPREAD = 0.93, 0.1
# In the departments whose leads rate generously, everybody is measured below the middle.
MODEST, CLOSE = 0.87, 0.03
# Those that tours know are neither at the top nor at the end.
KNOWN = {"ana": 0.98, "bo": 0.95, "mei": 0.93, "kenji": 0.94, "wang": 0.96, "dana": 0.99, "oliver": 0.95}


def generous(organisation: Organisation) -> frozenset[int]:
    """The departments, by id, whose ratings are above what is measured: the rules about scores have to find them."""
    return frozenset(organisation.departments[code].id for code in said("company")["generous"])


def skills(organisation: Organisation, rng: Random) -> dict[int, float]:
    """By person id, 1 is exactly as planned."""
    places, made = generous(organisation), {}
    for handle, person in organisation.people.items():
        drawn = rng.gauss(0, 1)
        modest = person.department_id in places
        made[person.id] = KNOWN.get(handle) or (MODEST + CLOSE * drawn if modest else USUAL + SPREAD * drawn)
    return made
