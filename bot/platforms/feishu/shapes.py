"""Which properties an object of card JSON 2.0 may have and what they may hold: tag → property → check.

A check returns "" or what is wrong. Feishu refuses unknown properties, so what is not written here is wrong.
"""

import re
from collections.abc import Callable, Mapping

Check = Callable[[object], str]
_CODES = "zh_cn en_us zh_hk zh_tw ja_jp id_id vi_vn th_th pt_br es_es ko_kr de_de fr_fr it_it ru_ru ms_my"
LANGUAGES = frozenset(_CODES.split())
COLORS = "neutral blue turquoise lime orange violet indigo wathet green yellow red purple carmine"


def text(value: object) -> str:
    """Any text."""
    return "" if isinstance(value, str) else "text expected"


def said(most: int) -> Check:
    """A text of 1 to `most` characters."""

    def check(value: object) -> str:
        return "" if isinstance(value, str) and 0 < len(value) <= most else f"text of 1..{most} characters expected"

    return check


def one_of(words: str) -> Check:
    """One of the words."""
    known = frozenset(words.split())

    def check(value: object) -> str:
        return "" if isinstance(value, str) and value in known else f"one of {words} expected"

    return check


def like(pattern: str) -> Check:
    """A text of that form."""
    compiled = re.compile(pattern)

    def check(value: object) -> str:
        return "" if isinstance(value, str) and compiled.fullmatch(value) else f"{pattern} expected"

    return check


def whole(low: int, high: int) -> Check:
    """A whole number."""

    def check(value: object) -> str:
        fits = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return "" if fits else f"{low}..{high} expected"

    return check


def flag(value: object) -> str:
    """True or false."""
    return "" if isinstance(value, bool) else "true or false expected"


def always(wanted: object) -> Check:
    """Exactly this."""

    def check(value: object) -> str:
        return "" if value is wanted or value == wanted else f"{wanted} expected"

    return check


def objects(value: object) -> str:
    """A list of objects; `rules` looks into those that have a tag."""
    return "" if isinstance(value, list) and all(isinstance(one, dict) for one in value) else "objects expected"


def values(value: object) -> str:
    """A list of texts."""
    return "" if isinstance(value, list) and all(isinstance(one, str) for one in value) else "texts expected"


def thing(value: object) -> str:
    """An object; `rules` looks into it."""
    return "" if isinstance(value, dict) else "object expected"


def by_language(value: object) -> str:
    """Texts by language."""
    fits = isinstance(value, dict) and value.keys() <= LANGUAGES and all(isinstance(one, str) for one in value.values())
    return "" if fits else "texts by language expected"


def tagged(*tags: str) -> Check:
    """An object with one of the tags."""

    def check(value: object) -> str:
        return "" if isinstance(value, dict) and value.get("tag") in tags else f"{' or '.join(tags)} expected"

    return check


PLAIN, WORDS, ICON = tagged("plain_text"), tagged("plain_text", "lark_md"), tagged("standard_icon", "custom_icon")
PIXELS = like(r"-?[0-9]{1,3}(px)?( -?[0-9]{1,3}(px)?){0,3}")
SPACING = like(r"small|medium|large|extra_large|[0-9]{1,2}px")
WIDTH = like(r"default|fill|[1-9][0-9]{2,}px")
SIZES = like(r"heading(-[0-4])?|normal|notation|x{0,4}-?(large|small)|medium")
NAME = said(100)
DAY = like(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
COMMON: Mapping[str, Check] = {"element_id": like(r"[A-Za-z][A-Za-z0-9_]{0,19}"), "margin": PIXELS}
BOX: Mapping[str, Check] = {
    **COMMON,
    "name": NAME,
    "required": flag,
    "disabled": flag,
    "width": WIDTH,
    "placeholder": PLAIN,
    "behaviors": objects,
    "confirm": thing,
}
LIST: Mapping[str, Check] = {**BOX, "type": one_of("default text"), "options": objects}
FLOW: Mapping[str, Check] = {
    **COMMON,
    "elements": objects,
    "direction": one_of("vertical horizontal"),
    "padding": PIXELS,
    "horizontal_spacing": SPACING,
    "vertical_spacing": SPACING,
    "horizontal_align": one_of("left center right"),
    "vertical_align": one_of("top center bottom"),
}
BUTTONS = "default primary danger text primary_text danger_text primary_filled danger_filled laser"
SHAPES: Mapping[str, Mapping[str, Check]] = {
    "plain_text": {
        "content": text,
        "i18n_content": by_language,
        "text_size": SIZES,
        "text_color": like("default|grey|" + COLORS.replace(" ", "|")),
        "text_align": one_of("left center right"),
        "lines": whole(1, 100),
    },
    "lark_md": {"content": text, "i18n_content": by_language, "text_size": SIZES},
    "markdown": {
        **COMMON,
        "content": said(30_000),
        "i18n_content": by_language,
        "text_align": one_of("left center right"),
        "text_size": SIZES,
        "icon": ICON,
    },
    "div": {**COMMON, "text": WORDS, "width": like("fill|auto|[0-9]{2,3}px"), "icon": ICON},
    "hr": COMMON,
    "text_tag": {"element_id": COMMON["element_id"], "text": PLAIN, "color": one_of(COLORS)},
    "standard_icon": {"token": said(100), "color": text},
    "custom_icon": {"img_key": said(200)},
    "img": {
        **COMMON,
        "img_key": said(200),
        "i18n_img_key": by_language,
        "alt": PLAIN,
        "title": PLAIN,
        "corner_radius": like("[0-9]+(px|%)"),
        "scale_type": one_of("crop_center crop_top fit_horizontal"),
        "size": like("large|medium|small|tiny|stretch|[0-9]{1,4}px [0-9]{1,4}px"),
        "transparent": flag,
        "preview": flag,
    },
    "chart": {
        **COMMON,
        "chart_spec": thing,
        "aspect_ratio": one_of("1:1 2:1 4:3 16:9"),
        "color_theme": one_of("brand rainbow complementary converse primary"),
        "height": like("auto|[0-9]{1,3}px"),
        "preview": flag,
    },
    "table": {
        **COMMON,
        "columns": objects,
        "rows": objects,
        "page_size": whole(1, 10),
        "row_height": like("low|medium|middle|high|auto|[0-9]{2,3}px"),
        "row_max_height": like("[0-9]{2,3}px"),
        "freeze_first_column": flag,
        "header_style": thing,
    },
    "column_set": {
        **COMMON,
        "columns": objects,
        "flex_mode": one_of("none flow bisect trisect stretch"),
        "horizontal_spacing": SPACING,
        "horizontal_align": one_of("left center right"),
        "background_style": text,
    },
    "column": {**FLOW, "width": like("auto|weighted|[0-9]{2,3}px"), "weight": whole(1, 5), "background_style": text},
    "collapsible_panel": {**FLOW, "expanded": flag, "header": thing, "border": thing, "background_color": text},
    "form": {**FLOW, "name": NAME},
    "input": {
        **BOX,
        "label": PLAIN,
        "label_position": one_of("top left"),
        "default_value": said(1000),
        "i18n_default_value": by_language,
        "input_type": one_of("text multiline_text password"),
        "max_length": whole(1, 1000),
        "rows": whole(1, 100),
        "auto_resize": flag,
        "max_rows": whole(1, 100),
    },
    "select_static": {**LIST, "initial_option": text},
    "multi_select_static": {
        **LIST,
        "selected_values": lambda value: "" if isinstance(value, list) else "list expected",
    },
    "select_person": {**LIST, "initial_option": like("ou_[A-Za-z0-9_]+")},
    "multi_select_person": {
        **LIST,
        "selected_values": lambda value: "" if isinstance(value, list) else "list expected",
    },
    "date_picker": {**BOX, "initial_date": DAY},
    "button": {
        **COMMON,
        "name": NAME,
        "form_action_type": one_of("submit reset"),
        "text": PLAIN,
        "type": one_of(BUTTONS),
        "size": one_of("tiny small medium large"),
        "width": WIDTH,
        "disabled": flag,
        "disabled_tips": PLAIN,
        "hover_tips": PLAIN,
        "icon": ICON,
        "confirm": thing,
        "behaviors": objects,
    },
}
_NEEDS = {
    "plain_text lark_md markdown": "content",
    "div text_tag button": "text",
    "standard_icon": "token",
    "custom_icon": "img_key",
    "img": "img_key alt",
    "chart": "chart_spec",
    "table": "columns rows",
    "column_set": "columns",
    "column": "elements",
    "collapsible_panel": "header elements",
    "form": "name elements",
    "select_static multi_select_static select_person multi_select_person": "options",
}
NEEDS = {tag: frozenset(keys.split()) for tags, keys in _NEEDS.items() for tag in tags.split()}
# Objects without a tag, by the property that holds them.
PARTS: Mapping[str, Mapping[str, Check]] = {
    "card": {"schema": always("2.0"), "config": thing, "card_link": thing, "header": thing, "body": thing},
    "config": {
        "update_multi": always(True),
        "enable_forward": flag,
        "enable_forward_interaction": flag,
        "width_mode": one_of("default compact fill"),
        "locales": values,
        "summary": thing,
        "use_custom_translation": flag,
        "streaming_mode": flag,
        "style": thing,
    },
    "summary": {"content": text, "i18n_content": by_language},
    "header": {
        "title": WORDS,
        "subtitle": WORDS,
        "text_tag_list": objects,
        "i18n_text_tag_list": thing,
        "template": one_of("blue wathet turquoise green yellow orange red carmine violet purple indigo grey default"),
        "icon": ICON,
        "padding": PIXELS,
    },
    "body": {key: check for key, check in FLOW.items() if key not in ("element_id", "margin")},
    "confirm": {"title": PLAIN, "text": PLAIN},
    "column of a table": {
        "name": NAME,
        "display_name": text,
        "data_type": one_of("text lark_md markdown options number persons date"),
        "width": like("auto|[0-9]{2,3}px|[0-9]{1,3}%"),
        "horizontal_align": one_of("left center right"),
        "vertical_align": one_of("top center bottom"),
        "format": thing,
        "date_format": said(40),
    },
    "header_style": {
        "text_align": one_of("left center right"),
        "text_size": one_of("normal heading"),
        "background_style": one_of("none grey"),
        "text_color": one_of("default grey"),
        "bold": flag,
        "lines": whole(1, 100),
    },
    "open_url": {key: like("(https?|lark)://.+") for key in ("default_url", "pc_url", "ios_url", "android_url")},
    "callback": {"value": thing},
}
