"""The few web pages of an installation, in the language of the browser: text that is escaped, and no script."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape

from aiohttp import web

from bot.text import Texts, negotiate, texts

STYLE = "body{font:16px/1.5 sans-serif;max-width:36em;margin:15vh auto;padding:0 1em;color:#222;background:#fff}"
_STYLES = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
# The address holds a code and a state: it goes to nobody else, and is kept nowhere.
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLES}'; frame-ancestors 'none'; "
    "form-action 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
TAGS = {"zh_Hans": "zh-Hans", "zh_Hant": "zh-Hant"}
LANGUAGES = 20  # looked at


def reader(languages: str) -> Texts:
    """The texts for a browser that says Accept-Language."""
    ranked = [_weighed(part) for part in languages.split(",")[:LANGUAGES]]
    tags = [tag for _weight, tag in sorted(ranked, key=lambda one: -one[0])]
    return texts(next((found for found in (negotiate(tag, default="") for tag in tags) if found), "en"))


def page(t: Texts, said: Sequence[str], status: int = 200, link: tuple[str, str] | None = None) -> web.Response:
    """A page that says a few sentences; `link` is a label and an address of ours or Slack's."""
    told = "".join(f"<p>{escape(sentence)}</p>" for sentence in said)
    if link is not None:
        told += f'<p><a href="{escape(link[1])}">{escape(link[0])}</a></p>'
    text = (
        f'<!doctype html><html lang="{TAGS.get(t.locale, t.locale)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>Pandian</title><style>{STYLE}</style></head>'
        f"<body><main><h1>Pandian</h1>{told}</main></body></html>"
    )
    return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)


def _weighed(part: str) -> tuple[float, str]:
    tag, _, weight = part.strip().partition(";q=")
    try:
        return (float(weight) if weight else 1.0), tag
    except ValueError:
        return 0.0, tag
