"""What people wrote, cut to the length of an option in a list."""

LENGTH = 70


def brief(said: str) -> str:
    """At most 70 characters, ending in "…" where something was left out."""
    return said if len(said) <= LENGTH else f"{said[: LENGTH - 1].rstrip()}…"
