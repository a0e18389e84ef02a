"""The units that indicators are measured in: a short closed list, so that every reader sees them in their language."""

N_ = str  # marks a sentence for extraction; rules import nothing of ours

# Code stored in tables → English label. Signs that are the same in every language need no translation.
UNITS: dict[str, str] = {
    "%": "%",
    "‰": "‰",
    "ppm": "ppm",
    "points": N_("points"),
    "ratio": N_("ratio"),
    "items": N_("items"),
    "times": N_("times"),
    "people": N_("people"),
    "units": N_("units"),
    "days": N_("days"),
    "hours": N_("hours"),
    "minutes": N_("minutes"),
    "seconds": N_("seconds"),
    "ms": "ms",
    "CNY": N_("CNY"),
    "10k CNY": N_("× 10k CNY"),
    "kWh": "kWh",
}

# Amounts that grow with the length of the period: a year's target is four times a quarter's.
ADDITIVE = frozenset({"items", "times", "people", "units", "10k CNY"})
