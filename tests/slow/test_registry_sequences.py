"""Two thousand sequences of entries against the model.

``pytest -m slow tests/slow/test_registry_sequences.py``
"""

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "registry"))
from machine import LedgerMachine

SEQUENCES = 2_000


@pytest.mark.slow
def test_two_thousand_sequences():
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
