"""The gallery: every sample as each platform would be sent it, every chart as a picture, and a page that shows them."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.cards import Card, Chart
from bot.charts import Charts
from bot.forms import Sheet
from bot.gallery.page import FONT, index
from bot.gallery.walls import WALLS, Json, Wall
from bot.text import LOCALES, texts
from handlers.samples import samples

ZONE = "Asia/Shanghai"
Samples = Mapping[str, Card | Sheet]


@dataclass(frozen=True, slots=True)
class Picture:
    """One chart of a sample; `file` is its name without folders."""

    chart: Chart
    locale: str
    file: str

    @property
    def path(self) -> str:
        """Where it lies in the gallery."""
        return f"charts/{self.locale}/{self.file}"


async def write(folder: Path, locales: Sequence[str] = LOCALES) -> None:
    """Writes the gallery into a folder, which is made if it is missing; two runs write equal bytes.

    Raises bot.charts.NoPicture if a chart cannot be drawn, OSError if the folder cannot be written.
    """
    shown = {locale: samples(texts(locale, ZONE)) for locale in locales}
    pictures = [picture for locale in locales for picture in pictures_of(shown[locale], locale)]
    await asyncio.to_thread(_write_texts, folder, shown)
    await asyncio.to_thread(_write_font, folder / FONT)
    await _draw(folder, pictures)


def drawings(shown: Samples, locale: str) -> dict[str, dict[str, Json]]:
    """What each platform would be sent in a locale: platform → name of the sample → JSON."""
    return {wall.name: {name: _hung(wall, name, one, locale) for name, one in shown.items()} for wall in WALLS}


def _hung(wall: Wall, name: str, sample: Card | Sheet, locale: str) -> Json:
    if isinstance(sample, Sheet):
        return wall.asks(sample, locale)
    links = {picture.chart: f"../../{picture.path}" for picture in pictures_of({name: sample}, locale)}
    return wall.hangs(name, sample, locale, links)


def pictures_of(shown: Samples, locale: str) -> list[Picture]:
    """The charts of all cards, each with the name of its file: the sample's, numbered from the second one on."""
    found = []
    for name, sample in shown.items():
        charts = sample.charts() if isinstance(sample, Card) else ()
        for number, chart in enumerate(charts, 1):
            found.append(Picture(chart, locale, f"{name}.png" if number == 1 else f"{name}-{number}.png"))
    return found


def text_of(drawn: Json) -> str:
    """A JSON file's text."""
    return json.dumps(drawn, ensure_ascii=False, indent=2) + "\n"


def _write_texts(folder: Path, shown: Mapping[str, Samples]) -> None:
    drawn = {locale: drawings(cards, locale) for locale, cards in shown.items()}
    for locale, platforms in drawn.items():
        for platform, cards in platforms.items():
            place = folder / platform / locale
            place.mkdir(parents=True, exist_ok=True)
            for name, card in cards.items():
                (place / f"{name}.json").write_text(text_of(card), encoding="utf-8")
    (folder / "index.html").write_text(index(drawn), encoding="utf-8")


def _write_font(path: Path) -> None:
    """Machines without Chinese and Japanese fonts show boxes otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((files("noto_cjk_sans_otc") / "NotoSansCJK-Regular.ttc").read_bytes())


async def _draw(folder: Path, pictures: Sequence[Picture]) -> None:
    for picture in pictures:
        (folder / picture.path).parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as fonts:
        charts = Charts(Path(fonts))
        await charts.start()
        try:
            for picture in pictures:
                png = await charts.png(picture.chart)
                await asyncio.to_thread((folder / picture.path).write_bytes, png)
        finally:
            await charts.stop()
