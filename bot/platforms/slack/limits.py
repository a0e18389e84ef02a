"""Slack's limits of size and of pace, and the functions that cut texts to them."""

from bot.capability import Rate, Rates

# Block Kit reference and the doc comments of @slack/types; characters unless said otherwise.
BLOCKS_MESSAGE, BLOCKS_VIEW = 50, 100
BUDGET_MESSAGE = 11_000  # all text of a message's blocks; Slack refuses about 13,200 (msg_blocks_too_long)
BUDGET_HOME = 30_000  # a home page has only the limit of the whole view, 250 kB of JSON (6 bytes a character)
VIEW_BYTES = 240_000
BUDGET_ACTIONS = 8_000
HEADER, SECTION, FALLBACK = 150, 3000, 3000
RICH_TEXT, RICH_ELEMENT = 9_000, 3000
BUTTON, VALUE, URL = 75, 2000, 3000
OPTION, OPTION_VALUE, OPTIONS, GROUPS = 75, 150, 100, 100
CONFIRM_TEXT, CONFIRM_BUTTON, PLACEHOLDER = 300, 30, 150
ELEMENTS = 25
ALT, ALT_FILE = 2000, 1000  # of an image block; of a file, as the error list of files.getUploadURLExternal says
ID = 255
METADATA = 3000
TITLE = 24
LABEL, HINT, INPUT = 2000, 2000, 3000
ROWS, COLUMNS, CELL, TABLE = 100, 20, 1000, 9_000

NOT_SHOWN = frozenset({"type", "block_id", "action_id"})
EMPTY = "–"  # stands where Slack refuses an empty text

POSTS, REDRAWS, GAP = 300, 50, 1.0  # "several hundred" a minute, tier 3, one a second in a conversation
PAGES = 100  # tier 4
AT_ONCE = 0.4  # of the redraws or pages of a minute: presses come in bursts, and wait for nothing then


def rates(posts: int = POSTS, redraws: int = REDRAWS, gap: float = GAP, pages: int = PAGES) -> Rates:
    """What a workspace takes: messages, redraws and home pages a minute (0: any number), and the seconds between two
    messages to one person."""
    return Rates((Rate(posts, 60),) if posts else (), _bursts(redraws), gap, _bursts(pages))


def _bursts(calls: int) -> tuple[Rate, ...]:
    return (Rate(calls, 60, max(1, int(calls * AT_ONCE))),) if calls else ()


def size(text: str) -> int:
    """Length in UTF-16 units, the larger of the two ways to count; an emoji is two."""
    return len(text) if text.isascii() else len(_units(text)) // 2


def cut(text: str, most: int) -> str:
    """The text in at most `most` UTF-16 units, ending in "…" if something was left out."""
    if 2 * len(text) <= most or size(text) <= most:
        return text
    kept = _units(text)[: 2 * (most - 1)].decode("utf-16-le", "ignore")
    return f"{kept.rstrip()}…"


def cut_words(text: str, most: int) -> str:
    """Like `cut`, but between words where there are any."""
    if size(text) <= most:
        return text
    kept = cut(text, most)[:-1]
    at = kept.rfind(" ")
    broken = at > most // 2 and not text[len(kept) : len(kept) + 1].isspace()
    return f"{kept[:at].rstrip() if broken else kept}…"


def whole(text: str) -> str:
    """The text without lone surrogates, which no JSON reader accepts."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def shown(text: str, most: int) -> str:
    """A text that Slack accepts: never blank, never too long."""
    return cut(whole(text), most) if text.strip() else EMPTY


def weight(value: object) -> int:
    """Characters of every text in a piece of JSON."""
    if isinstance(value, str):
        return size(value)
    if isinstance(value, dict):
        parts = [part for key, part in value.items() if key not in NOT_SHOWN]
    else:
        parts = value if isinstance(value, list) else []
    return sum([len(part) if isinstance(part, str) and part.isascii() else weight(part) for part in parts])


def _units(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")
