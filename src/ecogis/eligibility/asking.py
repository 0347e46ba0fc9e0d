"""Which rights a reason of clause 4.1 a is about: whose paper is asked for."""

import numpy as np
import pandas as pd

from ecogis.eligibility.chain import LINKS
from ecogis.eligibility.holdings import Holdings
from ecogis.eligibility.kinds import MANAGEMENT, WITH_TERM

__all__ = ["rights_asked"]

_COLUMNS = ["parcel", "reason", "right", "holder"]


def rights_asked(holdings: Holdings) -> pd.DataFrame:
    """The rights each reason is about, parcel by parcel, with their holders.

    Returns
    -------
    DataFrame
        ``parcel reason right holder``, one row per right a paper is asked for. Reasons that are
        about the parcel as a whole have a row without a right, with the holders of its yield right
        joined by ``;``, under the reason ``""``.
    """
    rights = holdings.rights
    yields = rights["gives_yield"]
    shared = rights["co_ownership"].isin(["joint", "shares"])
    lasts = rights["active"].fillna(True).astype(bool)
    endless = rights["end"].isna() & rights["right_kind"].isin(WITH_TERM)
    unable = yields & rights["capacity"].isna()
    held = rights["holder_kind"]
    differ = rights["parcel"].map(holdings.parcels["holders_differ"]).eq(True).fillna(False)
    asked = {
        "consent_missing": yields & shared & rights["consent"].isna(),
        "guardian_missing": unable & held.eq("minor").fillna(False),
        "decision_missing": unable & held.eq("collective").fillna(False),
        "holder_missing": yields & rights["holder"].isna(),
        "holders_differ": differ & lasts & rights["right_kind"].isin(MANAGEMENT),
        "co_ownership_missing": yields & rights["co_ownership"].isna(),
        "co_owner_missing": yields & rights["co_ownership"].eq("joint").fillna(False),
        "shares_disagree": yields & rights["co_ownership"].eq("shares").fillna(False),
        "end_not_known": lasts & endless,
        "term_unknown": yields & rights["active"].isna(),
        "right_excluded": rights["excluded"],
    } | {fault: yields & rights["link_fault"].eq(fault) for fault in LINKS}
    found = [
        rights.loc[where.fillna(False).to_numpy(dtype=bool), ["parcel", "right", "holder"]].assign(
            reason=name
        )
        for name, where in asked.items()
    ]
    whole = holdings.parcels["holders"].dropna().rename("holder").reset_index()
    found.append(whole[whole["holder"].ne("")].assign(reason="", right=np.nan))
    return pd.concat(found, ignore_index=True)[_COLUMNS].astype("string")
