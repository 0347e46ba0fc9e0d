"""Small ledgers for the tests, and what processes of their own do to them.

Rights are squares of land in a row, with 1,000 kg in each of some vintages.
"""

import random
from datetime import UTC, date, datetime

import shapely

from ecogis.core.errors import StageRefusedError
from ecogis.registry.claims import Claim, Registration, Right, Survey
from ecogis.registry.ledger import Ledger

DAY = date(2026, 8, 31)
NOW = datetime(2026, 9, 1, 4, tzinfo=UTC)
WHY = {"day": DAY, "reason": "测试"}
YIELD = 1000
VINTAGES = (2027, 2028, 2029)
SIDE = 0.001


def clock():
    return NOW


def right(number, kind="forest_ownership"):
    return Right(f"441899101207JE{number:05d}L00000001", kind, f"证{number}")


def square(number, side=SIDE):
    """Every other square of a row, so that no two touch."""
    west = 113 + 2 * SIDE * (number % 500)
    south = 24 + 2 * SIDE * (number // 500)
    return shapely.box(west, south, west + side, south + side)


def surveyed(number, geometry=None, **fields):
    fields = {"yields": dict.fromkeys(VINTAGES, YIELD)} | fields
    return Survey(right(number), square(number) if geometry is None else geometry, **fields)


def claim(number=0, vintage=2027, kg=600, party="甲", **fields):
    return Claim(right(number), vintage, kg, party, **fields)


def registration(number="中登1", ends=date(2031, 6, 30), **fields):
    return Registration(number, ends, **fields)


def made(url="sqlite://", rights=3, key=None):
    """A ledger of A, who may do everything, with B who approves, and some rights."""
    ledger = Ledger.create(url, "A", key=key, clock=clock)
    ledger.appoint("B", ["propose", "approve"], **WHY)
    ledger.survey([surveyed(number) for number in range(rights)], **WHY)
    return ledger


def as_person(ledger, person):
    """The same ledger opened by somebody else, on the same connections."""
    return Ledger(ledger._store, person, ledger._signer, clock)


def proposed(ledger, *claims):
    return [event.claim for event in ledger.propose(list(claims), **WHY)]


def registered(ledger, *claims):
    """Claims that went all the way: proposed by A, approved by B, registered."""
    numbers = proposed(ledger, *claims)
    as_person(ledger, "B").approve(numbers, **WHY)
    ledger.confirm(numbers, registration(), **WHY)
    return numbers


def contend(url, key, number, plans, start, results):
    """One of several processes that want the same tonnes at the same time.

    A plan is a list of claims to be made together. Told are the plans that were granted, and the
    codes of those that were not.
    """
    random.Random(number).shuffle(plans)
    granted, refused = [], []
    with Ledger.open(url, "A", key=key, clock=clock) as ledger:
        start.wait()
        for name, claims in plans:
            try:
                ledger.propose([claim(**fields) for fields in claims], **WHY)
                granted.append(name)
            except StageRefusedError as fault:
                refused.append((name, fault.code))
    results.put((number, granted, refused))


def write_until_killed(url, number, acknowledged):
    """Append without end; each event is told only after the ledger has returned it."""
    with Ledger.open(url, "A", clock=clock) as ledger:
        step = 0
        while True:
            step += 1
            event = ledger.step("D", {"writer": number, "step": step}, **WHY)
            acknowledged.send((event.seq, event.hash))


def claim_until_killed(url, number, acknowledged):
    """Propose and release without end, so that every table is written."""
    random_ = random.Random(number)
    with Ledger.open(url, "A", clock=clock) as ledger:
        other = as_person(ledger, "B")
        while True:
            which = random_.randrange(3)
            try:
                event = ledger.propose([claim(which, kg=1 + random_.randrange(400))], **WHY)[0]
            except StageRefusedError:
                for held in ledger.claims()["claim"]:
                    acknowledged.send(_head(other.refuse([held], **WHY)))
                continue
            acknowledged.send((event.seq, event.hash))


def _head(events):
    return events[-1].seq, events[-1].hash
