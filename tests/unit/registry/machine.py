"""The ledger against a small model: a dictionary of claims and the rules told in a few lines."""

from dataclasses import dataclass, replace
from datetime import date

import hypothesis.strategies as st
import pandas as pd
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from ledgers import WHY, YIELD, as_person, claim, made, registration, right, square, surveyed

from ecogis.core.errors import EcogisError
from ecogis.registry import reading

RIGHTS = 3  # the last lies on the land of the first
VINTAGES = (2027, 2028)
LIVE = {"proposed", "approved", "registered"}
STANDING = {"approved", "registered"}

numbers = st.integers(0, RIGHTS - 1)
vintages = st.sampled_from(VINTAGES)
parties = st.sampled_from(["甲", "乙"])
kilograms = st.sampled_from([1, 250, 400, 600, YIELD])
uses = st.sampled_from(["pledge", "pledge", "sale"])
picks = st.integers(0, 30)


@dataclass(frozen=True)
class Known:
    """What the model knows of a claim."""

    number: int
    vintage: int
    kg: int
    party: str
    use: str
    state: str = "proposed"
    asked: tuple = ("propose",)


class LedgerMachine(RuleBasedStateMachine):
    """Each rule does the same to both, and both must say the same."""

    def __init__(self):
        super().__init__()
        self.ledger = made(rights=2)
        self.ledger.survey(
            [
                surveyed(n, square(n % 2), yields=dict.fromkeys(VINTAGES, YIELD))
                for n in range(RIGHTS)
            ],
            **WHY,
        )
        self.other = as_person(self.ledger, "B")
        self.yields = {(n, v): YIELD for n in range(RIGHTS) for v in VINTAGES}
        self.claims = {}
        self.heads = [self.ledger.head()]

    def teardown(self):
        self.the_balances_are_the_models()
        findings = self.ledger.verify(self.heads)
        assert findings.count() == 0, findings.table()
        self.ledger.close()

    # what the model says

    def live(self, number, vintage, use=None):
        return [
            known
            for known in self.claims.values()
            if (known.number, known.vintage) == (number, vintage)
            and known.state in LIVE
            and use in (None, known.use)
        ]

    def taken(self, number, vintage):
        return sum(known.kg for known in self.live(number, vintage))

    def beside(self, number):
        return [other for other in range(RIGHTS) if other != number and other % 2 == number % 2]

    def proposal(self, number, vintage, kg, party, use):
        if self.taken(number, vintage) + kg > self.yields[number, vintage]:
            return "E802"
        if any(self.live(other, vintage) for other in self.beside(number)):
            return "E803"
        lenders = {known.party for known in self.live(number, vintage, "pledge")}
        return "E801" if use == "pledge" and lenders - {party} else None

    def granted(self, known):
        kind, *words = known.asked
        if kind == "propose":
            return replace(known, state="approved", asked=())
        if kind == "release":
            return replace(known, state="released", asked=())
        if kind == "part_release":
            return replace(known, kg=known.kg - words[0], asked=())
        if kind == "transfer":
            return replace(known, party=words[0], asked=())
        return replace(known, kg=words[0], asked=())

    def approval(self, known):
        after = self.granted(known)
        more = after.kg - known.kg
        where = known.number, known.vintage
        if more > 0 and self.taken(*where) + more > self.yields[where]:
            return "E802"
        others = len(self.live(*where, "pledge")) - 1
        moved = after.party != known.party and known.use == "pledge"
        return "E809" if moved and others else None

    # what both do

    def both(self, expected, work):
        """The ledger refuses with the code the model expects, or does it."""
        events, code = None, None
        try:
            events = work()
            self.heads.append(self.ledger.head())
        except EcogisError as fault:
            code = fault.code
        assert code == expected
        return events

    def pick(self, at):
        claims = sorted(self.claims)
        return claims[at % len(claims)]

    @rule(number=numbers, vintage=vintages, kg=kilograms, party=parties, use=uses)
    def propose(self, number, vintage, kg, party, use):
        expected = self.proposal(number, vintage, kg, party, use)
        entry = claim(number, vintage, kg, party, use=use)
        events = self.both(expected, lambda: self.ledger.propose([entry], **WHY))
        if events:
            self.claims[events[0].claim] = Known(number, vintage, kg, party, use)

    @precondition(lambda self: self.claims)
    @rule(at=picks, person=st.sampled_from("AB"), yes=st.booleans())
    def answer(self, at, person, yes):
        number = self.pick(at)
        known = self.claims[number]
        expected = None if known.asked and known.state in LIVE else "E806"
        if expected is None and yes:
            expected = "E807" if person == "A" else self.approval(known)
        who = self.other if person == "B" else self.ledger
        work = who.approve if yes else who.refuse
        if self.both(expected, lambda: work([number], **WHY)):
            withdrawn = "withdrawn" if known.asked == ("propose",) else known.state
            refused = replace(known, state=withdrawn, asked=())
            self.claims[number] = self.granted(known) if yes else refused

    @precondition(lambda self: self.claims)
    @rule(at=picks)
    def confirm(self, at):
        number = self.pick(at)
        known = self.claims[number]
        ready = known.state == "approved" and not known.asked
        entry = registration()
        work = lambda: self.ledger.confirm([number], entry, **WHY)  # noqa: E731
        if self.both(None if ready else "E806", work):
            self.claims[number] = replace(known, state="registered")

    @precondition(lambda self: self.claims)
    @rule(at=picks, year=st.integers(2030, 2040))
    def extend(self, at, year):
        number = self.pick(at)
        known = self.claims[number]
        expected = None if known.state == "registered" and not known.asked else "E806"
        held = self.ledger.claims(live=False).set_index("claim").loc[number]
        ends = date(year, 1, 1)
        if expected is None and ends.isoformat() <= held["expires_on"]:
            expected = "E811"
        self.both(expected, lambda: self.ledger.extend([number], registration(ends=ends), **WHY))

    @precondition(lambda self: self.claims)
    @rule(at=picks, kind=st.sampled_from(["release", "part_release", "transfer", "correct"]),
          kg=kilograms, party=parties)  # fmt: skip
    def ask(self, at, kind, kg, party):
        number = self.pick(at)
        known = self.claims[number]
        expected = None if known.state in STANDING and not known.asked else "E806"
        if expected is None and kind == "part_release" and kg >= known.kg:
            expected = "E811"
        asked, words = {
            "release": (("release",), ([number],)),
            "part_release": (("part_release", kg), ({number: kg},)),
            "transfer": (("transfer", party), ([number], party)),
            "correct": (("correct", kg), ({number: {"kg": kg}},)),
        }[kind]
        if self.both(expected, lambda: getattr(self.ledger, kind)(*words, **WHY)):
            self.claims[number] = replace(known, asked=asked)

    @rule(number=numbers, vintage=vintages, kg=kilograms)
    def survey(self, number, vintage, kg):
        entry = surveyed(number, square(number % 2), yields={vintage: kg})
        clash = [
            at
            for at in VINTAGES
            if self.live(number, at) and any(self.live(other, at) for other in self.beside(number))
        ]
        assert not clash
        self.both(None, lambda: self.ledger.survey([entry], **WHY))
        self.yields[number, vintage] = kg

    @invariant()
    def the_tables_are_the_models(self):
        state = self.ledger._store.read(reading.state)
        told = [(at, held.kg, held.party, held.state) for at, held in state.claims.items()]
        known = [(at, each.kg, each.party, each.state) for at, each in self.claims.items()]
        assert sorted(told) == sorted(known)
        for (number, vintage), limit in self.yields.items():
            assert state.yields[right(number).id, vintage][0] == limit
            assert len({known.party for known in self.live(number, vintage, "pledge")}) <= 1

    def the_balances_are_the_models(self):
        table = self.ledger.balances().set_index(["right", "vintage"])
        for (number, vintage), limit in self.yields.items():
            row = table.loc[(right(number).id, vintage)]
            pledges = self.live(number, vintage, "pledge")
            sales = self.live(number, vintage, "sale")
            assert row["yield_kg"] == limit
            assert row["pledged_kg"] == sum(known.kg for known in pledges)
            assert row["sold_kg"] == sum(known.kg for known in sales)
            lenders = {known.party for known in pledges}
            assert lenders == ({row["lender"]} if lenders else set())
            assert lenders or row["lender"] is pd.NA
