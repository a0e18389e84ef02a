"""What differs between two versions of a text, passage by passage."""

import re
from difflib import SequenceMatcher

# A sentence ends at a full stop with space behind it, at a Chinese or Japanese one, or with its line.
_ENDS = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])\s*|\n+")


def sentences(said: str) -> list[str]:
    """The sentences of a text in order, without the space around them."""
    return [part.strip() for part in _ENDS.split(said) if part.strip()]


def differences(before: str, after: str) -> list[tuple[str, str]]:
    """Every passage that changed, in order, as it was and as it is; "" where nothing stood, or stands any more."""
    old, new = sentences(before), sentences(after)
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(" ".join(old[a:b]), " ".join(new[c:d])) for tag, a, b, c, d in steps if tag != "equal"]
