"""Make the demo county: `python data/demo/make.py --help`.

The township is the committed demo: about 2,000 stands, 3,500 parcels and 2,800 rights. The county
is fifty times that, for benchmarks, and is never committed; a province is some such counties beside
one another, with the file of their batch. Layers only are stands and parcels over
one square, at any size, clean or dirty, for benchmarks. The same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from maker import bare, catalogue, county, province  # noqa: E402

PACKAGED = HERE.parents[1] / "src" / "ecogis" / "demo"
SIZES = {
    "township": (2_000, 3_500),
    "county": (100_000, 200_000),
    "province": (100_000, 200_000),  # in each county
}
SEED = 20260831


def main(arguments: list[str] | None = None) -> int:
    """Make the files asked for and say what they hold."""
    asked = _arguments(arguments)
    stands, parcels = SIZES[asked.scale]
    if asked.stands:
        stands, parcels = asked.stands, round(asked.stands * (2 if asked.layers_only else 1.75))
    parcels = asked.parcels or parcels
    asked.out.mkdir(parents=True, exist_ok=True)
    make = _layers if asked.layers_only else _province if asked.scale == "province" else _demo
    counts = make(asked, stands, parcels)
    sys.stdout.write("".join(f"{name}: {value}\n" for name, value in counts.items()))
    return 0


def _layers(asked: argparse.Namespace, stands: int, parcels: int) -> dict[str, Any]:
    return bare.make(
        asked.out, asked.seed, stands, parcels, dirty=asked.dirty, epsg=asked.epsg or [bare.EPSG]
    )


def _demo(asked: argparse.Namespace, stands: int, parcels: int) -> dict[str, Any]:
    parquet = asked.format == "parquet" or (asked.format == "auto" and stands > 20_000)
    counts = county.make(
        asked.out,
        asked.seed,
        stands,
        parcels,
        surveys=asked.surveys,
        parquet=parquet,
        faults=not asked.clean,
    )
    if asked.install:
        install(asked.out, PACKAGED)
    return counts


def _province(asked: argparse.Namespace, stands: int, parcels: int) -> dict[str, Any]:
    parquet = asked.format == "parquet" or (asked.format == "auto" and stands > 20_000)
    return province.make(
        asked.out,
        asked.seed,
        asked.counties,
        stands,
        parcels,
        parquet=parquet,
        faults=not asked.clean,
    )


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", choices=sorted(SIZES), default="township")
    parser.add_argument("--stands", type=int, help="number of stands; parcels are 1.75 times it")
    parser.add_argument("--parcels", type=int, help="number of parcels")
    parser.add_argument("--counties", type=int, default=20, help="province only: how many")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to")
    parser.add_argument("--surveys", type=int, choices=(1, 2), default=2)
    parser.add_argument("--format", choices=("auto", "gpkg", "parquet"), default="auto")
    parser.add_argument("--clean", action="store_true", help="plant no faults")
    parser.add_argument("--install", action="store_true", help="copy into the package")
    parser.add_argument(
        "--layers-only", action="store_true", help="stands and parcels alone; twice as many parcels"
    )
    parser.add_argument("--dirty", action="store_true", help="layers only: strew faults of shape")
    parser.add_argument(
        "--epsg", type=int, nargs="+", help=f"layers only: systems to write (default {bare.EPSG})"
    )
    asked = parser.parse_args(arguments)
    if asked.out == HERE and (
        asked.scale != "township"
        or asked.stands
        or asked.parcels
        or asked.clean
        or asked.surveys == 1
        or asked.layers_only
    ):
        parser.error("only the township is written to data/demo; name another folder with --out")
    if (asked.dirty or asked.epsg) and not asked.layers_only:
        parser.error("--dirty and --epsg go with --layers-only")
    if asked.scale == "province" and (
        asked.layers_only or asked.surveys == 1 or not 1 <= asked.counties <= province.MOST
    ):
        parser.error(f"a province has 1 to {province.MOST} counties, with layers of two surveys")
    if asked.install and (asked.out != HERE or asked.seed != SEED):
        parser.error("only the demo of data/demo and its own seed goes into the package")
    return asked


def install(source: Path, target: Path) -> None:
    """Copy the files of the demo into the package, byte for byte, and catalogue them."""
    target.mkdir(parents=True, exist_ok=True)
    for name in county.FILES:
        shutil.copyfile(source / name, target / name)
    catalogue.write(HERE.parent / "catalogue.toml", source)


if __name__ == "__main__":
    raise SystemExit(main())
