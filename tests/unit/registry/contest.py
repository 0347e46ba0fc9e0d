"""Many processes that want the same tonnes at once: by id, quantity, overlap and vintage.

``python contest.py ADDRESS KEY PROCESSES RIGHTS`` prints who won what as one JSON object.
"""

import json
import multiprocessing
import os
import sys
from pathlib import Path

from ledgers import WHY, contend, made, square, surveyed

KINDS = ("id", "quantity", "overlap", "vintage")
FAR = 10_000  # numbers of the rights that processes have of their own


def plans(kind, number, writer):
    """What a process asks for: a name for what is at stake, and the claims made together."""
    party = f"银行{writer}"
    if kind == "id":
        return [{"number": number, "vintage": 2027, "kg": 1, "party": party}]
    if kind == "quantity":
        return [{"number": number, "vintage": 2027, "kg": 501, "party": party, "use": "sale"}]
    if kind == "overlap":
        own = FAR + number * 20 + writer
        return [{"number": own, "vintage": 2027, "kg": 1, "party": party}]
    both = 2028, 2027 + 2 * (writer % 2)  # all want 2028, and one of its neighbours
    return [{"number": number, "vintage": vintage, "kg": 1, "party": party} for vintage in both]


def contested(url, key, writers, rights):
    """Let processes contend for rights, a quarter of them by each kind; tell who won what.

    Returns
    -------
    dict
        ``granted`` and ``refused`` by what was at stake; ``attempts``; ``double``, what was
        granted more than once; ``none``, what nobody got; ``findings``, ``least_free_kg`` and
        ``claims`` of the ledger afterwards.
    """
    kinds = {number: KINDS[number % 4] for number in range(rights)}
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["warm"])
    with made(url, rights=rights, key=key) as ledger:
        lying = [number for number, kind in kinds.items() if kind == "overlap"]
        ledger.survey(
            [
                surveyed(FAR + number * 20 + writer, square(number))
                for number in lying
                for writer in range(writers)
            ],
            **WHY,
        )
        start, results = context.Barrier(writers), context.Queue()
        processes = [
            context.Process(
                target=contend,
                args=(
                    url,
                    key,
                    writer,
                    [(number, plans(kind, number, writer)) for number, kind in kinds.items()],
                    start,
                    results,
                ),
            )
            for writer in range(writers)
        ]
        for process in processes:
            process.start()
        told = [results.get(timeout=900) for _ in processes]
        for process in processes:
            process.join(timeout=60)
        return judged(ledger, kinds, told)


def judged(ledger, kinds, told):
    granted = {number: [] for number in kinds}
    refused = {number: [] for number in kinds}
    for writer, won, lost in told:
        for number in won:
            granted[number].append(writer)
        for number, code in lost:
            refused[number].append(code)
    return {
        "granted": granted,
        "refused": refused,
        "attempts": sum(len(won) + len(lost) for _, won, lost in told),
        "double": [number for number, writers in granted.items() if len(writers) > 1],
        "none": [number for number, writers in granted.items() if not writers],
        "findings": ledger.verify([ledger.head()]).count(),
        "least_free_kg": int(ledger.balances()["free_kg"].min()),
        "claims": ledger.claims()[["right", "party", "kg"]].to_dict("records"),
    }


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)  # where the server of processes looks
    address, key, writers, rights = sys.argv[1:]
    sys.stdout.write(json.dumps(contested(address, Path(key), int(writers), int(rights))))
