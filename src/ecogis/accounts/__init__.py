"""Physical accounts: opening, additions, reductions, closing, for land, timber and carbon.

In: the stands of two surveys, with area and carbon in whole numbers, and the area each opening
stand has in each closing one. Out: `Balance`, whose sums have all been checked.
"""

from ecogis.accounts.balance import Balance, physical_balance
from ecogis.accounts.lines import Line, lines, not_separated
from ecogis.accounts.tables import WHOLE

__all__ = ["WHOLE", "Balance", "Line", "lines", "not_separated", "physical_balance"]
