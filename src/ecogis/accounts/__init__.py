"""Physical accounts: opening, additions, reductions, closing, for land, timber and carbon.

In: the stands of two surveys, with area and carbon in whole numbers, and the area each opening
stand has in each closing one. Out: `Balance`, whose sums have all been checked; all its sheets are
pivots of one table of postings.
"""

from ecogis.accounts.balance import Balance, physical_balance
from ecogis.accounts.checking import check
from ecogis.accounts.event_balance import event_balance
from ecogis.accounts.grades import graded
from ecogis.accounts.limits import Limits
from ecogis.accounts.lines import Line, lines, not_separated
from ecogis.accounts.other_land import extent_postings, water_postings
from ecogis.accounts.owners import parcel_owners, stand_owners
from ecogis.accounts.postings import ACCOUNTS, POSTING_COLUMNS, UNITS, joined, sheet_of, summed
from ecogis.accounts.tables import WHOLE, line_table

__all__ = [
    "ACCOUNTS",
    "POSTING_COLUMNS",
    "UNITS",
    "WHOLE",
    "Balance",
    "Limits",
    "Line",
    "check",
    "event_balance",
    "extent_postings",
    "graded",
    "joined",
    "line_table",
    "lines",
    "not_separated",
    "parcel_owners",
    "physical_balance",
    "sheet_of",
    "stand_owners",
    "summed",
    "water_postings",
]
