"""Any sequence of entries leaves the ledger as a small model says, sound and never overdrawn."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "registry"))
from machine import LedgerMachine

TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(stateful_step_count=15, deadline=None)
