"""A score worked out before the reader's eyes: the rule with this person's numbers in it."""

from decimal import Decimal

from bot.text import Texts
from handlers.cards.amounts import points
from models.rules.scoring import score
from models.rules.standards import ZERO, Standard, falls, milestones


def working(t: Texts, standard: Standard, value: Decimal) -> list[str]:
    """The formula with the numbers filled in and what it gives, then what a bound makes of it; empty if the value
    cannot be scored."""
    scored = score(standard, value)
    if scored.points is None or scored.raw is None:
        return []
    filled = _filled(t, standard, value)
    lines = [f"{filled} = {points(t, scored.raw)}"] if filled else []
    if not filled:
        lines.append(_named(t, standard, value, scored.raw))
    if scored.raw > scored.points:
        lines.append(t("More than {points} counts as {points}.", points=points(t, scored.points)))
    if scored.raw < scored.points:
        lines.append(t("Less than 0 counts as 0."))
    return lines


def _filled(t: Texts, standard: Standard, value: Decimal) -> str:
    """The formula; "" where the rule is no formula at this value."""
    match _rule(standard):
        case "ratio" | "count":
            return _ratio(t, standard, value)
        case "anchored":
            return _anchored(t, standard, value)
        case "range":
            return _range(t, standard, value)
        case "milestone":
            return f"100 × {_number(t, value)} / {_number(t, milestones(standard)[0])}"
        case "deduction":
            return f"100 − {_number(t, value)}"
        case "okr":
            return f"100 × {_number(t, value)}"
        case _:
            return ""


def _rule(standard: Standard) -> str:
    return "range" if standard.direction == "range" and standard.rule in ("ratio", "anchored") else standard.rule


def _ratio(t: Texts, standard: Standard, value: Decimal) -> str:
    target = standard.target or ZERO
    if not target:
        return ""
    v, aim = _number(t, value), _number(t, target)
    if (target > 0) != falls(standard):
        return f"100 × {v} / {aim}"
    return f"100 × (2 − {v} / {aim})"


def _anchored(t: Texts, standard: Standard, value: Decimal) -> str:
    floor, target, stretch = standard.floor or ZERO, standard.target or ZERO, standard.stretch
    sign = -1 if falls(standard) else 1
    if sign * value < sign * floor:
        return ""
    if stretch is not None and sign * value > sign * target:
        return f"100 + 20 × {_way(t, sign, target, value)} / {_way(t, sign, target, stretch)}"
    return f"60 + 40 × {_way(t, sign, floor, value)} / {_way(t, sign, floor, target)}"


def _range(t: Texts, standard: Standard, value: Decimal) -> str:
    low, high = standard.floor or ZERO, standard.stretch or ZERO
    if low <= value <= high:
        return ""
    outside = _way(t, 1, value, low) if value < low else _way(t, 1, high, value)
    return f"100 − 100 × {outside} / {_way(t, 1, low, high)}"


def _way(t: Texts, sign: int, start: Decimal, end: Decimal) -> str:
    """How far it is from start to end, as a difference that is positive."""
    first, second = (end, start) if sign > 0 else (start, end)
    return f"({_number(t, first)} − {_number(t, second)})"


def _named(t: Texts, standard: Standard, value: Decimal, raw: Decimal) -> str:
    """Where there is nothing to calculate: on which side of which number the value is."""
    shown = {"value": t.number(value), "points": points(t, raw)}
    match _rule(standard):
        case "steps":
            return t("{value} reaches the step that gives {points} points.", **shown)
        case "range":
            return t("{value} is inside the range: {points} points.", **shown)
        case "anchored":
            return t("{value} does not reach the floor: {points} points.", **shown)
        case _ if raw:
            return t("{value} reaches the target: {points} points.", **shown)
        case _:
            return t("{value} does not reach the target: {points} points.", **shown)


def _number(t: Texts, value: Decimal) -> str:
    return t.number(value) if value >= 0 else f"(−{t.number(-value)})"
