"""GeoJSON, read as text before a driver opens it: a coordinate system must not be an address."""

import json
import re
from pathlib import Path
from typing import Any, Final, NoReturn

from ecogis.core.errors import InputError

__all__ = ["feature_count"]

_NAMED: Final = re.compile(r"^(urn:ogc:def:crs:[A-Za-z]+:[^/]*:\w+|EPSG:\d+|OGC:CRS84)$")


def feature_count(file: Path) -> int:
    """Number of features, of a collection whose coordinate system is named, not linked to.

    Raises
    ------
    InputError
        E104 not valid JSON, E108 a coordinate system that is a link, E109 not a FeatureCollection.
    """
    try:
        found = json.loads(file.read_bytes(), parse_constant=_refuse)
    except (ValueError, RecursionError) as fault:
        raise InputError("E104", file=file.name, detail=f"JSON: {fault}"[:200]) from None
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or found.get("type") != "FeatureCollection":
        raise InputError("E109", file=file.name, what="GeoJSON FeatureCollection")
    _check_crs(file, found)
    for feature in features:
        _check_crs(file, feature)
        _check_crs(file, feature.get("geometry") if isinstance(feature, dict) else None)
    return len(features)


def _check_crs(file: Path, member: Any) -> None:
    crs = member.get("crs") if isinstance(member, dict) else None
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if crs.get("type") != "name" if isinstance(crs, dict) else True:
        raise InputError("E108", file=file.name)
    if not isinstance(name, str) or not _NAMED.match(name):
        raise InputError("E108", file=file.name)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
