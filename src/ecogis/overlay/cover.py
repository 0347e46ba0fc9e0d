"""How far stands cover the parcels: the residual that a survey tolerance forgives."""

import numpy as np

from ecogis.core.findings import Findings
from ecogis.overlay.pieces import Overlay

__all__ = ["parcel_cover"]


def parcel_cover(overlay: Overlay, findings: Findings, *, tolerance: float = 0.01) -> None:
    """Report parcels of which more than a tolerance lies in no stand.

    Parameters
    ----------
    overlay : Overlay
        From `pieces`.
    findings : Findings
        Receives E354 for each such parcel.
    tolerance : float
        Share of the parcel's area that survey differences explain. A policy. [1]

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> import pandas as pd
    >>> rest = pd.DataFrame({"parcel": ["Z1"], "area_dm2": [50], "parcel_dm2": [100]})
    >>> findings = Findings()
    >>> parcel_cover(SimpleNamespace(parcel_remainder=rest), findings)
    >>> findings.count("E354")
    1
    """
    table = overlay.parcel_remainder
    whole = table["parcel_dm2"].to_numpy()
    rest = table["area_dm2"].to_numpy()
    share = rest / np.maximum(whole, 1)
    findings.add(
        "E354",
        layer="parcels",
        where=(share > tolerance) & (whole > 0),
        feature=table["parcel"],
        observed=np.round(share, 4),
        expected=f"<= {tolerance}",
        area_ha=rest * 1e-6,
        m=np.round(rest / 100.0, 2),
        p=np.round(100.0 * share, 1),
        limit=round(100.0 * tolerance, 3),
    )
