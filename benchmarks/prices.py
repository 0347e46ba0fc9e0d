"""What many pieces are worth on many price paths, beside the same sums in NumPy.

``python benchmarks/prices.py --size small|medium|full``

Prices return to a level and jump; a path has a price for every vintage, drawn in the kernel. Every
piece's reductions of every vintage are valued on every path, discounted, rounded to the fen and
added up by path and by piece. The peer is the same in NumPy: a matrix product in blocks of paths,
rounded and added up. Both take turns in one process on all processors; the median of the rounds is
told by the clock, which is what the promise names, and by CPU.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

import measuring
from ecogis.valuation import PriceProcess, drawn_prices, worth_of_pieces

Ints = npt.NDArray[np.int64]

# paths, vintages, pieces, rounds
SIZES = {
    "small": (1_000, 40, 200, 3),
    "medium": (10_000, 40, 1_000, 7),
    "full": (10_000, 40, 1_000, 15),
}
SEED, BLOCK = 40, 1_000
PROCESS = PriceProcess(
    0.46, "benchmark", "assumed", reversion=0.68, jump_rate=0.2, jump_mean=-0.1, jump_spread=0.2
)


def case(vintages: int, pieces: int) -> tuple[Ints, npt.NDArray[np.float64], list[str]]:
    """Kilograms (piece, vintage), years after the valuation date, and names of the vintages."""
    rng = np.random.default_rng(SEED)
    kg = rng.integers(0, 50_000, (pieces, vintages))
    return kg, np.arange(1.0, vintages + 1), [f"{2026 + v}-12-31" for v in range(1, vintages + 1)]


def ours(kg: Ints, years: npt.NDArray[np.float64], names: list[str], paths: int) -> Any:
    """Draw the paths, then value every piece on them."""
    path_fen = np.full(years.size, 8_500.0)
    price = drawn_prices(PROCESS, path_fen, years, names, seed=SEED, draws=paths)
    return price, *worth_of_pieces(kg, price, 1.09**-years)


def peer(kg: Ints, price: Ints, factors: npt.NDArray[np.float64]) -> tuple[Ints, Ints]:
    """The same sums in NumPy, from prices that are there."""
    by_path, by_piece = np.zeros(len(price), np.int64), np.zeros(len(kg), np.int64)
    weights = kg.astype(np.float64)
    for low in range(0, len(price), BLOCK):
        at = slice(low, low + BLOCK)
        worth = np.rint(weights @ (price[at] * factors / 1000.0).T).astype(np.int64)
        by_path[at] = worth.sum(axis=0)
        by_piece += worth.sum(axis=1)
    return by_path, by_piece


def digest(found: Any) -> str:
    """SHA-256 of all arrays."""
    return hashlib.sha256(b"".join(array.tobytes() for array in found)).hexdigest()


def timed(call: Any) -> tuple[float, float]:
    """Seconds by the clock, and of CPU."""
    clock, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - clock, time.process_time() - cpu


def main(given: list[str] | None = None) -> None:
    """Run one size; the last line is the summary."""
    size = measuring.arguments(__doc__, given).size
    paths, vintages, pieces, rounds = SIZES[size]
    measuring.row(**measuring.versions())
    kg, years, names = case(vintages, pieces)
    price, by_path, _ = ours(kg, years, names, paths)
    factors = 1.09**-years
    apart = int(np.abs(peer(kg, price, factors)[0] - by_path).max())
    methods = {
        "ecogis.valuation": lambda: ours(kg, years, names, paths),
        "NumPy, prices given": lambda: peer(kg, price, factors),
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in methods}
    for _ in range(rounds):
        for name, call in methods.items():
            taken[name].append(timed(call))
    clock = {name: measuring.median([each[0] for each in runs]) for name, runs in taken.items()}
    for name, runs in taken.items():
        measuring.row(
            method=name, paths=paths, vintages=vintages, pieces=pieces, wall_s=clock[name],
            cpu_s=measuring.median([each[1] for each in runs]),
        )  # fmt: skip
    digests = []
    for threads in sorted(
        {1, min(2, numba.config.NUMBA_NUM_THREADS), numba.config.NUMBA_NUM_THREADS}
    ):
        numba.set_num_threads(threads)
        digests.append(digest(ours(kg, years, names, paths)))
    measuring.summary(
        "prices",
        size,
        seconds=clock["ecogis.valuation"],
        same_bytes=len(set(digests)) == 1,
        speedup=clock["NumPy, prices given"] / clock["ecogis.valuation"],
        max_abs_diff_fen=apart,
    )


if __name__ == "__main__":
    main()
