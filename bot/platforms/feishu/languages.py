"""One card in several languages: the reader's own client chooses (`i18n_content` beside every `content`)."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.platforms.feishu.elements import Json

CODES: Mapping[str, tuple[str, ...]] = {
    "en": ("en_us",),
    "zh_Hans": ("zh_cn",),
    "zh_Hant": ("zh_tw", "zh_hk"),
    "ja": ("ja_jp",),
}


class Differs(Exception):
    """The cards are not the same but for their words."""


def together(card: Json, locale: str, others: Mapping[str, Json]) -> Json:
    """The card with the words of the others beside its own; raises Differs if anything but words differs.

    The locales are ours; every one is in CODES.
    """
    drawn = [(CODES[locale], card), *((CODES[other], same) for other, same in others.items())]
    merged: Json = _merged([tree for _, tree in drawn], [codes for codes, _ in drawn])
    merged["config"] = merged["config"] | {"locales": [code for codes, _ in drawn for code in codes]}
    return merged


def _merged(trees: Sequence[Any], codes: Sequence[tuple[str, ...]]) -> Any:
    first = trees[0]
    match first:
        case dict():
            if any(not isinstance(tree, dict) or tree.keys() != first.keys() for tree in trees):
                raise Differs
            return _object(trees, codes)
        case list():
            if any(not isinstance(tree, list) or len(tree) != len(first) for tree in trees):
                raise Differs
            return [_merged(parts, codes) for parts in zip(*trees, strict=True)]
    if any(tree != first for tree in trees):
        raise Differs
    return first


def _object(trees: Sequence[Json], codes: Sequence[tuple[str, ...]]) -> Json:
    merged = {key: _merged([tree[key] for tree in trees], codes) for key in trees[0] if key != "content"}
    if "content" in trees[0]:
        said = [tree["content"] for tree in trees]
        merged["content"] = said[0]
        if any(one != said[0] for one in said):
            pairs = zip(codes, said, strict=True)
            merged["i18n_content"] = {code: content for some, content in pairs for code in some}
    return merged
