"""Progress on a terminal, nothing in a pipe."""

import sys
import time
from types import TracebackType
from typing import Self

import click

__all__ = ["Steps"]

_NAMES = {
    "read": ("读取图层和表格", "reading layers and tables"),
    "look": ("检查数据", "checking the data"),
    "overlay": ("叠加小班与宗地", "joining stands and parcels"),
    "grow": ("预测蓄积与碳储量", "projecting volume and carbon"),
    "judge": ("逐条核对资格", "judging clause by clause"),
    "credit": ("核算减排量", "computing reductions"),
    "doubt": ("评估预测的不确定性", "drawing the forecast's uncertainty"),
    "value": ("估值与质押", "valuing and pledging"),
    "account": ("编制实物资产负债表", "balancing the accounts"),
    "present": ("汇总结果", "gathering results"),
    "write": ("写出报告、地图和表格", "writing report, map and tables"),
}


class Steps:
    """Called with a stage's name, number and count; rewrites one line of standard error.

    Parameters
    ----------
    lang : str
        Language of the names.
    quiet : bool
        Say nothing; also when standard error is not a terminal.
    """

    def __init__(self, lang: str, *, quiet: bool = False) -> None:
        self._lang = 0 if lang == "zh" else 1
        self._live = not quiet and sys.stderr.isatty()
        self._start = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __call__(self, name: str, number: int, count: int) -> None:
        """Show that stage `number` of `count` begins."""
        if self._live:
            done = "█" * number + "░" * (count - number)
            label = _NAMES.get(name, (name, name))[self._lang]
            elapsed = time.monotonic() - self._start
            line = f"{done} {number}/{count} {label} {elapsed:.0f} s"
            click.echo(f"\r\x1b[2K{line}", err=True, nl=False)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            click.echo("\r\x1b[2K", err=True, nl=False)
