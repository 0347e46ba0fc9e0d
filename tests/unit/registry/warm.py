"""Loaded once before processes are made: the ledger, and what its first survey would load."""

from ledgers import claim, made, square, surveyed

with made() as ledger:
    ledger.survey([surveyed(9, square(0))], day=ledger.history()[-1].day, reason="预热")
    ledger.propose([claim(0)], day=ledger.history()[-1].day, reason="预热")
    ledger.alerts(ledger.history()[-1].day)
    ledger.verify()
