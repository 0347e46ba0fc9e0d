"""Writers that are killed at random moments, and what is left of what they were told.

``python killing.py FILE ROUNDS SEED`` prints the counts as one JSON object.
"""

import json
import multiprocessing
import os
import random
import sys
import time
from pathlib import Path

from ledgers import claim_until_killed, clock, made, write_until_killed

from ecogis.registry.ledger import Ledger

LONGEST_S = 0.08  # some appends
ON_ONE = 50  # kills on one ledger


def killed(path, rounds, seed):
    """Start a writer and kill it, again and again.

    Returns
    -------
    dict
        ``acknowledged``; ``lost``: acknowledged events that are not in the chain; ``unsound``:
        findings after each kill, added up; ``kept``: events in the chains at the end.
    """
    random_ = random.Random(seed)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["warm"])
    url, chain = "", {}
    acknowledged, lost, unsound, kept = 0, 0, 0, 0
    for round_ in range(rounds):
        if round_ % ON_ONE == 0:  # each round goes through all of it
            kept += len(chain)
            url = f"{path}.{round_}"
            made(url).close()
        receive, send = context.Pipe(duplex=False)
        work = write_until_killed if round_ % 2 else claim_until_killed
        writer = context.Process(target=work, args=(url, round_, send))
        writer.start()
        send.close()
        told = [receive.recv()]  # it is writing
        time.sleep(random_.uniform(0.0, LONGEST_S))
        writer.kill()
        writer.join()
        told += _rest(receive)
        with Ledger.open(url, "A", clock=clock) as ledger:
            chain = {event.seq: event.hash for event in ledger.history()}
            unsound += ledger.verify([ledger.head()]).count()
        acknowledged += len(told)
        lost += sum(chain.get(seq) != digest for seq, digest in told)
    kept += len(chain)
    return {"acknowledged": acknowledged, "lost": lost, "unsound": unsound, "kept": kept}


def _rest(receive):
    """What the writer told before it was killed; its last words may be cut short."""
    told = []
    try:
        while receive.poll():
            told.append(receive.recv())
    except (EOFError, OSError):
        receive.close()
    return told


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)  # where the server of processes looks
    file, rounds, seed = sys.argv[1:]
    sys.stdout.write(json.dumps(killed(file, int(rounds), int(seed))))
