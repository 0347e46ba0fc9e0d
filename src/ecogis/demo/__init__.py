"""The small demo as packaged data: a township of a county that does not exist."""

from importlib.resources import files
from pathlib import Path

__all__ = ["folder"]


def folder() -> Path:
    """Folder of the packaged demo: `project.toml` and the layers and tables it names.

    Examples
    --------
    >>> (folder() / "stands.gpkg").is_file()
    True
    """
    return Path(str(files("ecogis.demo")))
