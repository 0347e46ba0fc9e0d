"""The order of the house: each stage reads what earlier ones left in the run."""

from collections.abc import Callable
from typing import NamedTuple

from ecogis.pipeline.balancing import account
from ecogis.pipeline.crediting import credit
from ecogis.pipeline.doubting import doubt
from ecogis.pipeline.forecasting import grow
from ecogis.pipeline.judging import join, judge
from ecogis.pipeline.reading import look, read
from ecogis.pipeline.run import Progress, Run
from ecogis.pipeline.valuing import value

__all__ = ["STAGES", "Stage", "run_stages"]


class Stage(NamedTuple):
    """A step of the run: what it is called and what it does to the run."""

    name: str
    function: Callable[[Run], None]


STAGES = (
    Stage("read", read),  # files to layers and tables in the vocabulary's names
    Stage("look", look),  # findings; refused here when the policy says so
    Stage("overlay", join),  # pieces = stand ∩ parcel, areas exact
    Stage("grow", grow),  # volume and carbon of every stand, every year
    Stage("judge", judge),  # verdict per piece, condition and clause
    Stage("credit", credit),  # removals to reductions by vintage
    Stage("doubt", doubt),  # quantiles of the forecast, draws of reductions
    Stage("value", value),  # price, cash flow, distribution, pledge, loan
    Stage("account", account),  # opening + additions - reductions = closing
)
"""Every stage, in order."""


def run_stages(
    run: Run, last: str, progress: Progress | None, *, refuse: bool = True, after: int = 2
) -> None:
    """Run the stages up to and with `last`, each stopped by the policy once data were looked at.

    `after` steps are still to come behind them; they count for the progress only.
    """
    names = [stage.name for stage in STAGES]
    chosen = STAGES[: names.index(last) + 1]
    if len(chosen) > names.index("grow"):
        run.require_assessed()
    for number, stage in enumerate(chosen, start=1):
        if progress is not None:
            progress(stage.name, number, len(chosen) + after)
        stage.function(run)
        if refuse and stage.name != "read":
            run.refuse()
