"""The page itself: one file with everything inside, or a folder that reads its layers on demand."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, StrictUndefined

from ecogis.core.errors import ConfigError
from ecogis.io import whole, whole_folder
from ecogis.report.onemap.content import BLOCKS, blocks, words_of
from ecogis.report.onemap.packing import as_text
from ecogis.report.onemap.public import COARSE_M, made_public, require_coarse
from ecogis.report.onemap.source import Land

__all__ = ["write_folder", "write_page"]

_PACKAGE: Final = "ecogis.report.onemap"
_SCRIPTS: Final = ("blocks.js", "draw.js", "find.js", "popup.js", "panel.js", "start.js")
_MARK: Final = b'<meta name="generator" content="ecogis map">'
_HEAD: Final = 4096  # bytes of a page that the mark stands in
_MAP: Final = "//# sourceMappingURL="


def write_page(
    land: Land, path: Path, *, lang: str = "zh", public: bool = False, coarsen_m: float = COARSE_M
) -> Path:
    """Write the map as one HTML file that needs no second file and no network.

    Parameters
    ----------
    land : Land
        What is shown.
    path : Path
        File to write, ending in ``.html``; there whole or not at all.
    lang : {"zh", "en"}
        Language of the page.
    public : bool
        The edition for everybody: no persons, titles or amounts, shapes on a coarse grid, a blank
        for the number of the map review.
    coarsen_m : float
        Width of that grid. A policy. [m]

    Returns
    -------
    Path
        The file written; the same land gives the same bytes.

    Raises
    ------
    ConfigError
        E561: another ending. E473: the grid is too narrow, or not finite.
    InputError
        E472: no stand has a shape.
    """
    if path.suffix.lower() != ".html":
        raise ConfigError("E561", value=path.suffix.removeprefix("."), expected="html")
    found = _blocks(land, lang, public, coarsen_m)
    inside = [(name, as_text(content)) for name, content in found.items()]
    with whole(path) as draft:
        draft.write_bytes(_html(land, lang, public, inside, beside=False))
    return path


def write_folder(
    land: Land, folder: Path, *, lang: str = "zh", public: bool = False, coarsen_m: float = COARSE_M
) -> Path:
    """Write the map as a folder: ``index.html`` and a file of data for each layer.

    A layer is read when its theme is first shown, so that the map of a whole county opens at once.
    The folder works from a disk and from any web server. Parameters and errors are those of
    `write_page`.

    Returns
    -------
    Path
        The page within the folder.

    Raises
    ------
    ConfigError
        E551: the folder holds files that are no earlier map's, or a page that is none.
    """
    _may_replace(folder)
    found = _blocks(land, lang, public, coarsen_m)
    start = [("start", as_text(found.pop("start")))]
    with whole_folder(folder) as draft:
        (draft / "data").mkdir()
        for name, content in found.items():
            text = f'ecogisBlock("{name}","{as_text(content)}");\n'
            (draft / "data" / f"{name}.js").write_text(text, encoding="ascii")
        (draft / "index.html").write_bytes(_html(land, lang, public, start, beside=True))
    return folder / "index.html"


def _may_replace(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ConfigError("E546", file=folder, detail="not a folder")
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    ours = {"index.html", "data", *(f"data/{name}.js" for name in BLOCKS)}
    if names and (names - ours or not _is_a_map(folder / "index.html")):
        raise ConfigError("E551", file=folder)


def _is_a_map(index: Path) -> bool:
    """Whether a page bears the mark that this program writes into its maps."""
    try:
        with index.open("rb") as page:
            return _MARK in page.read(_HEAD)
    except OSError:
        return False


def _blocks(land: Land, lang: str, public: bool, coarsen_m: float) -> dict[str, bytes]:
    if not public:
        return dict(blocks(land, lang=lang, public=False))
    require_coarse(coarsen_m)
    words, metres = words_of(lang), f"{coarsen_m:g}"
    bare, swallowed = made_public(land, coarsen_m)
    notes = [str(words["coarse"]).format(m=metres)]
    if swallowed:
        notes.append(str(words["swallowed"]).format(n=swallowed, m=metres))
    return dict(blocks(bare, lang=lang, public=True, notes=notes, swallowed=swallowed))


def _html(
    land: Land, lang: str, public: bool, inside: list[tuple[str, str]], *, beside: bool
) -> bytes:
    words = words_of(lang)
    vendor = [_asset("vendor", name) for name in ("maplibre-gl.js", "pmtiles.js")]
    own = "\n".join(_asset("assets", name) for name in _SCRIPTS)
    scripts = [*vendor, own]
    page: str = _template().render(
        language="zh-CN" if lang == "zh" else "en",
        title=f"{words['title']} · {land.project['name']}",
        words=words,
        public=public,
        policy=_policy(scripts, beside),
        styles=[_asset("vendor", "maplibre-gl.css"), _asset("assets", "page.css")],
        scripts=scripts,
        blocks=inside,
        licences=[_asset("vendor", f"{name}.LICENSE.txt") for name in ("maplibre-gl", "pmtiles")],
    )
    return page.encode()


def _policy(scripts: list[str], beside: bool) -> str:
    """What the browser may do: run these scripts, nothing from the network."""
    known = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    folder = " 'self' file:" if beside else ""
    return (
        f"default-src 'none'; script-src {known}{folder}; worker-src blob:; child-src blob:; "
        "style-src 'unsafe-inline'; img-src data: blob:; connect-src 'none'; base-uri 'none'; "
        "form-action 'none'"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")


@cache
def _asset(folder: str, name: str) -> str:
    """A file of the page; without the note that names a file for debugging."""
    text = files(f"{_PACKAGE}.{folder}").joinpath(name).read_text(encoding="utf-8")
    return text.partition(_MAP)[0].rstrip() if name.endswith(".js") else text


@cache
def _template() -> Any:
    environment = Environment(
        undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_asset("assets", "page.html"))
