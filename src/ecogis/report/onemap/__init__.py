"""生态资源一张图: land, titles, verdicts and forecast as a page that needs no network.

In: `Land`, the layers and tables of a run. Out: one HTML file, or a folder for a whole county.
"""

from ecogis.report.onemap.page import write_folder, write_page
from ecogis.report.onemap.public import COARSE_M, require_coarse
from ecogis.report.onemap.source import Land

__all__ = ["COARSE_M", "Land", "require_coarse", "write_folder", "write_page"]
