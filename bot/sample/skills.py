"""How well everybody performs: spread so that ratings come out as a company would expect them."""

from random import Random

from bot.sample.cast import said
from bot.sample.organisation import Organisation

USUAL, SPREAD = 0.935, 0.1
# In the departments whose leads rate generously, everybody is measured below the middle.
MODEST, CLOSE = 0.9, 0.03


def generous(organisation: Organisation) -> frozenset[int]:
    """The departments, by id, whose ratings are above what is measured: the rules about scores have to find them."""
    return frozenset(organisation.departments[code].id for code in said("company")["generous"])


def skills(organisation: Organisation, rng: Random) -> dict[int, float]:
    """By person id, 1 is exactly as planned."""
    places, made = generous(organisation), {}
    for person in organisation.people.values():
        drawn = rng.gauss(0, 1)
        modest = person.department_id in places
        made[person.id] = MODEST + CLOSE * drawn if modest else USUAL + SPREAD * drawn
    return made
