"""Many areas in one call: each by its own project file, added up to county and province.

In: a batch file that names areas and tasks. Out: a folder with the files of every area, sums that
equal the sums of their parts, and who failed and why. Steps run in worker processes of this machine
or of Dask, and a batch goes on after any crash.
"""

from ecogis.pipeline.batching.running import Batched, BatchProgress, batch
from ecogis.pipeline.batching.tasks import TASKS

__all__ = ["TASKS", "BatchProgress", "Batched", "batch"]
