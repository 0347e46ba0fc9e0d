"""Adjusted figures that contradict one another are found before a report is written."""

from types import SimpleNamespace

import pandas as pd
import pytest

from ecogis.core.findings import Findings
from ecogis.pipeline.adjusting import look_at_adjusted
from ecogis.pipeline.config_report import Adjustment, Report
from ecogis.report.adjusting import contradictions

# 100 t credited, 90 issued, 60 of them pledged; CNY 1,000 of value, 800 to pledge, half is lent
VALUED = SimpleNamespace(
    pledge=SimpleNamespace(cash_flow_fen=100_000, value_fen=80_000),
    loan=SimpleNamespace(pledge_rate=0.5, principal_fen=40_000),
)


def found(*adjusted, valued=VALUED, project=True):
    entries = tuple(
        Adjustment(figure=figure, value=value, because="参照同类成交", by="签字评估师甲")
        for figure, value in adjusted
    )
    issued = [pd.DataFrame({"issued_t": [tonnes]}) for tonnes in (90, 60)]
    run = SimpleNamespace(
        config=SimpleNamespace(report=Report(adjustments=entries)),
        findings=Findings(),
        left={
            "project": SimpleNamespace(
                vintages=pd.DataFrame({"credit_kg": [60_000, 40_000]}),
                issuances=issued[0],
                pledgeable_issuances=issued[1],
            )
            if project
            else None
        },
    )
    look_at_adjusted(run, valued)
    return run.findings.table()


def codes(*adjusted, **more):
    return found(*adjusted, **more)["code"].tolist()


def test_figures_as_computed_contradict_nothing():
    assert codes() == []


@pytest.mark.parametrize(
    ("adjusted", "expected"),
    [
        ([("pledge_value", 1_000)], []),
        ([("pledge_value", 1_000.01)], ["E923"]),
        ([("npv", 799.99)], ["E923"]),
        ([("npv", 799.99), ("pledge_value", 799.99)], ["E924"]),
        ([("principal", 400)], []),
        ([("principal", 400.01)], ["E924"]),
        ([("pledge_value", 790), ("principal", 395)], []),
        ([("pledge_issued", 91), ("npv", 1_200)], ["E925"]),
        ([("issued", 101), ("npv", 1_200)], ["E926"]),
        ([("credit", 89.999), ("npv", 1_200)], ["E926"]),
        ([("issued", 80)], ["E927"]),
        ([("issued", 50)], ["E925", "E927"]),
    ],
)
def test_each_relation_of_the_computed_figures(adjusted, expected):
    assert codes(*adjusted) == expected


def test_the_finding_names_both_amounts_and_weighs_as_it_should():
    row = found(("principal", 500)).iloc[0]
    assert row["severity"] == "error"
    assert row["message_en"] == (
        "[[report.adjustments]]: as adjusted, the principal (500.00) is above pledge value times "
        "pledge rate (400.00)."
    )
    assert found(("pledge_value", 5_000)).iloc[0]["severity"] == "warning"


def test_a_figure_the_run_does_not_have_is_left_to_the_report():
    assert codes(("npv", 5), ("issued", 101), valued=None) == ["E926"]
    assert codes(("npv", 5), ("issued", 101), valued=None, project=False) == []


def test_a_principal_at_its_limit_is_no_contradiction():
    """0.29 of 30,000 yuan are 8,700 yuan, which a product of floats falls short of."""
    given = {"valuation.pledge_value_fen": 3_000_000, "valuation.pledge_rate": 0.29}
    for principal, told in ((870_000, ()), (870_001, ("above_limit",))):
        concluded = given | {"valuation.principal_fen": principal}
        assert contradictions(concluded.get, {"valuation.principal_fen": principal}) == told
