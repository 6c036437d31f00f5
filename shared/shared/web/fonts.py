"""The pages' fonts: `python -m shared.web.fonts` makes them of what Python packages carry.

Two files, since each is a request: Atkinson Hyperlegible (regular, with its bold inside as
the stylistic set `ss20`) for text, and Source Serif 4 at one weight for titles and figures.
Pages work without: then the reader's own fonts stand in.
"""

import sys
from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

FOLDER: Final = Path(__file__).parent / "static" / "fonts"
TEXT: Final = "fonts/atkinson-hyperlegible.woff2"
TITLES: Final = "fonts/source-serif-4.woff2"
_FACE = (
    "@font-face{{font-family:'{family}';src:url({path}) format('woff2');"
    "font-weight:{weight};font-display:swap}}\n"
)
# Latin letters of Europe's languages, and the punctuation of French and English.
_CHARACTERS: Final = [
    *(*range(0x20, 0x7F), *range(0xA0, 0x180)),
    *(0x0218, 0x0219, 0x021A, 0x021B),
    *(0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2018, 0x2019, 0x201A, 0x201C, 0x201D, 0x201E),
    *(0x2020, 0x2022, 0x2026, 0x2030, 0x2039, 0x203A, 0x2009, 0x202F, 0x20AC, 0x2122),
    *(0x2190, 0x2192, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265),
]
_BOLD: Final = ".bold"


def faces(made: Collection[str]) -> str:
    """The `@font-face` rules of those fonts that were made."""
    families = ((TEXT, "Atkinson", "400 700"), (TITLES, "Source Serif", "400 700"))
    return "".join(
        _FACE.format(path=path, family=family, weight=weight)
        for path, family, weight in families
        if path in made
    )


def make(folder: Path) -> list[Path]:
    """Write the fonts that are not there yet; those that were written."""
    written = []
    for path, build in ((TEXT, _text_font), (TITLES, _title_font)):
        file = folder / Path(path).name
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            font = build()
            font.flavor = "woff2"
            font.save(file)
            written.append(file)
    return written


def _source(package: str, file: str) -> "TTFont":
    from fontTools.ttLib import TTFont

    found = find_spec(package)
    if found is None or found.origin is None:
        sys.exit(f"{package} is not installed: pip install 'comptoir-shared[fonts]'")
    return TTFont(Path(found.origin).parent / "files" / file)


def _subset(font: "TTFont", features: list[str]) -> None:
    from fontTools.subset import Options, Subsetter

    options = Options(layout_features=features, hinting=False, name_IDs=[0, 1, 2, 13, 14])
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=_CHARACTERS)
    subsetter.subset(font)


def _title_font() -> "TTFont":
    """Source Serif 4, semibold, cut for the size of titles."""
    from fontTools.varLib.instancer import instantiateVariableFont

    font = _source("fontpkg_source_serif_4", "SourceSerif4[opsz,wght].ttf")
    font = instantiateVariableFont(font, {"wght": 600, "opsz": 28})
    _subset(font, ["kern", "tnum", "lnum"])
    return font


def _text_font() -> "TTFont":
    """Atkinson Hyperlegible, whose bold glyphs stand beside the regular ones as `ss20`."""
    from fontTools.feaLib.builder import addOpenTypeFeaturesFromString

    package = "fontpkg_atkinson_hyperlegible"
    regular = _source(package, "AtkinsonHyperlegible-Regular.ttf")
    bold = _source(package, "AtkinsonHyperlegible-Bold.ttf")
    for font in (regular, bold):
        _add_narrow_space(font)
        _subset(font, ["kern", "tnum"])
    tabular = {name: to for name, to in _substitutions(regular, "tnum").items()}
    names = [name for name in regular.getGlyphOrder() if name in bold["glyf"].glyphs]
    _take_in(regular, bold, names)
    rules = [
        "feature ss20 {",
        *(f"sub {name} by {name}{_BOLD};" for name in names if name != ".notdef"),
        "} ss20;",
        "feature tnum {",
        *(f"sub {name} by {to};" for name, to in tabular.items()),
        *(f"sub {name}{_BOLD} by {to}{_BOLD};" for name, to in tabular.items()),
        "} tnum;",
    ]
    addOpenTypeFeaturesFromString(regular, "\n".join(rules), tables=["GSUB"])
    return regular


def _add_narrow_space(font: "TTFont") -> None:
    """Give it the narrow no-break space and its like, which French needs and it lacks."""
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    empty, width = Glyph(), font["hmtx"]["space"][0] * 7 // 10
    empty.numberOfContours = 0
    font["glyf"]["narrowspace"] = empty
    font["hmtx"]["narrowspace"] = (width, 0)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap |= {0x202F: "narrowspace", 0x2009: "narrowspace"}
            table.cmap.setdefault(0x2011, table.cmap[0x2D])


def _substitutions(font: "TTFont", feature: str) -> dict[str, str]:
    """What a feature puts in place of what, one glyph for one."""
    table = font["GSUB"].table
    found: dict[str, str] = {}
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag == feature:
            for index in record.Feature.LookupListIndex:
                for part in table.LookupList.Lookup[index].SubTable:
                    found |= getattr(part, "ExtSubTable", part).mapping
    return found


def _take_in(font: "TTFont", other: "TTFont", names: list[str]) -> None:
    """Put another font's glyphs beside a font's own, under names of their own."""
    order = [*font.getGlyphOrder(), *(name + _BOLD for name in names)]
    for name in names:
        glyph: Any = other["glyf"][name]
        if glyph.isComposite():
            for part in glyph.components:
                part.glyphName += _BOLD
        font["glyf"].glyphs[name + _BOLD] = glyph
        font["hmtx"].metrics[name + _BOLD] = other["hmtx"][name]
    font.setGlyphOrder(order)
    font["glyf"].glyphOrder = order
    font["maxp"].numGlyphs = len(order)


if __name__ == "__main__":
    for made in make(FOLDER):
        print(f"{made.name}: {made.stat().st_size} bytes")
