"""Growth curves from a county's own stands: space for time, robust, refused where data are thin."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.growth.curves import FORMS, JOINT, Curve, CurveSet
from ecogis.growth.fit_laws import LAWS
from ecogis.growth.fit_search import Demands, Found, Group, search

__all__ = ["Demands", "Fits", "fit"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fits:
    """Curves fitted to groups of stands, how well they hold, and what was refused.

    Attributes
    ----------
    form : str
        Form of every curve.
    keys : tuple of str
        Columns the stands were grouped by.
    table : DataFrame, one row per group
        ``curve``, the keys, ``stands``, ``age_low age_high`` [yr], the coefficients in the order
        of `FORMS` and their standard errors (``…_se``); ``rmse bias`` in the sample and
        ``rmse_held_out bias_held_out`` [m3 ha-1]; ``r2``; ``rmse_mean``, the held-out error of
        the group's mean volume; ``refused``, the code of the finding or ``""``. Bias is predicted
        less observed.
    curves : tuple of Curve
        Those that were not refused.
    covariances : mapping of str to array (coefficient, coefficient)
        By curve.
    edition : str
        Hash of the stands and the policy: the same data give the same edition.
    """

    form: str
    keys: tuple[str, ...]
    table: pd.DataFrame
    curves: tuple[Curve, ...]
    covariances: Mapping[str, Floats]
    edition: str

    def curve_set(self) -> CurveSet:
        """The fitted curves, each for its group."""
        kept = self.table[self.table["refused"] == ""]
        follows = {
            JOINT.join(map(str, group)): name
            for *group, name in kept[[*self.keys, "curve"]].itertuples(index=False)
        }
        return CurveSet("fit", self.edition, self.curves, MappingProxyType(follows), self.keys)

    def covariance(self, name: str) -> Floats:
        """Covariance of a curve's coefficients, rows and columns as `FORMS` lists them.

        Raises
        ------
        ConfigError
            No curve of that name was fitted.
        """
        if name not in self.covariances:
            raise ConfigError("E662", what=name, expected=", ".join(self.covariances) or "—")
        return self.covariances[name].copy()

    def coefficients(self) -> dict[str, Floats]:
        """Coefficients of each curve, in the order of `FORMS`."""
        terms = FORMS[self.form]
        return {curve.name: np.array([curve.values[t] for t in terms]) for curve in self.curves}

    def volumes(self, name: str, draws: Floats) -> Floats:
        """Volume at whole ages from zero for other coefficients of a curve, as draws give them.

        Parameters
        ----------
        name : str
            Curve; its ages hold for every draw.
        draws : array (draw, coefficient)
            Coefficients, in the order of `FORMS`.

        Returns
        -------
        array (draw, age)
            Up to the curve's last age; not finite where the coefficients make no curve. [m3 ha-1]

        Raises
        ------
        ConfigError
            No curve of that name was fitted.
        """
        self.covariance(name)  # refuses a name that was not fitted
        curve = next(each for each in self.curves if each.name == name)
        terms = FORMS[self.form]
        drawn = [
            replace(curve, values=dict(zip(terms, row, strict=True)))
            for row in np.asarray(draws, dtype=np.float64).tolist()
        ]
        ages = np.arange(np.ceil(curve.last_age) + 1.0)
        with np.errstate(over="ignore", invalid="ignore"):  # a wild draw is no curve
            return np.stack([each.at(ages) for each in drawn])


def fit(
    stands: pd.DataFrame,
    findings: Findings,
    *,
    by: Sequence[str] = ("species", "site_class", "origin"),
    form: str = "richards",
    demands: Demands | None = None,
    seed: int = 0,
) -> Fits:
    r"""Fit one curve to each group of stands, every stand a point of (age, volume).

    Stands of all ages stand in for one stand through time: right where the ages of a group grew
    under like conditions, wrong where old stands are what cutting left. Residuals are weighted by
    the spread expected at their volume and their loss is :math:`2 s^2 (\sqrt{1 + r^2/s^2} - 1)`,
    so that a miscoded stand pulls no harder than a common one. The covariance is the sandwich of
    that loss. Errors held out come from folds keyed by seed and stand: the order of the
    stands changes nothing.

    Parameters
    ----------
    stands : DataFrame, one row per stand
        Columns ``stand age_yr standing_volume`` and those of `by`. [1, yr, m3 ha-1]
    findings : Findings
        Grows by the findings below.
    by : sequence of str
        Columns that make the groups.
    form : str
        A form of `FORMS` other than ``plateau``.
    demands : Demands, optional
        Our policy: what data must show before a curve is believed.
    seed : int
        Seed of the folds.

    Returns
    -------
    Fits
        Curves valid between the lowest and highest age of their stands.

    Raises
    ------
    ConfigError
        The form cannot be fitted, or there is nothing to group by.

    Findings
    --------
    E657
        Too few stands, or ages too few or too close.
    E658
        A coefficient ends at its bound, or the search does not end.
    E659
        The coefficients are not determined: covariance not positive definite, or too wide.
    E660
        The curve predicts stands held out no better than the mean volume of the others.
    E661
        Stands without age, volume or group, that no curve can use; one note.

    References
    ----------
    P. J. Huber and E. M. Ronchetti, "Robust Statistics," 2nd ed., Wiley, 2009, chapter 7.

    Examples
    --------
    >>> age = np.arange(1, 61)
    >>> stands = pd.DataFrame(
    ...     {
    ...         "stand": age.astype(str),
    ...         "species": "pine",
    ...         "age_yr": age,
    ...         "standing_volume": 300.0 * np.exp(-9.0 / age),
    ...     }
    ... )
    >>> fits = fit(stands, Findings(), by=["species"], form="schumacher")
    >>> fits.table[["asymptote", "decay"]].round(3).to_numpy().tolist()
    [[300.0, 9.0]]
    """
    if form not in LAWS or not by:
        raise ConfigError("E662", what=form if by else "by", expected=", ".join(LAWS))
    keys = tuple(by)
    require(stands, ("stand", "age_yr", "standing_volume", *keys), "stands")
    demands = demands or Demands()
    usable = _usable(stands, keys, findings)
    rows, curves, covariances = [], [], {}
    for group, members in _groups(usable, keys):
        name = "fit:" + JOINT.join(group)
        found = search(form, members, demands, seed)
        rows.append(_row(name, dict(zip(keys, group, strict=True)), form, found))
        if found.refusal is not None:
            _report(findings, name, found)
            continue
        values = dict(zip(FORMS[form], found.coefficients.tolist(), strict=True))
        curves.append(
            Curve(
                name,
                form,
                MappingProxyType(values),
                found.age_low,
                found.age_high,
                source="fit",
                confidence="inferred",
            )
        )
        covariances[name] = found.covariance
    table = pd.DataFrame(rows, columns=_columns(keys, form))
    edition = _edition(usable, keys, (form, demands, seed))
    return Fits(form, keys, table, tuple(curves), MappingProxyType(covariances), edition)


def _usable(stands: pd.DataFrame, keys: tuple[str, ...], findings: Findings) -> pd.DataFrame:
    """Stands with age, volume and group, in the order of their ids."""
    columns = {key: stands[key].astype("string") for key in keys}
    age = pd.to_numeric(stands["age_yr"]).astype("Float64").to_numpy(np.float64, na_value=np.nan)
    volume = stands["standing_volume"].astype("Float64").to_numpy(np.float64, na_value=np.nan)
    table = pd.DataFrame({"stand": stands["stand"].astype("string"), **columns})
    table = table.assign(age_yr=age, standing_volume=volume)
    sound = np.isfinite(age) & (age > 0) & np.isfinite(volume) & (volume >= 0)
    sound &= table[list(keys)].notna().all(axis=1).to_numpy(dtype=bool)
    if not sound.all():
        findings.add(
            "E661",
            layer="stands",
            column="standing_volume",
            observed=int((~sound).sum()),
            number=len(table),
        )
    return table[sound].sort_values("stand", kind="stable", ignore_index=True)


def _groups(usable: pd.DataFrame, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Group]]:
    for group, members in usable.groupby(list(keys), sort=True):
        yield (
            tuple(map(str, group)),
            Group(
                tuple(members["stand"]),
                members["age_yr"].to_numpy(),
                members["standing_volume"].to_numpy(),
            ),
        )


_QUALITY = ("rmse", "bias", "r2", "rmse_held_out", "bias_held_out", "rmse_mean")


def _columns(keys: tuple[str, ...], form: str) -> list[str]:
    names = [part for name in FORMS[form] for part in (name, f"{name}_se")]
    return ["curve", *keys, "stands", "age_low", "age_high", *names, *_QUALITY, "refused"]


def _row(name: str, group: Mapping[str, str], form: str, found: Found) -> dict[str, object]:
    errors = np.sqrt(np.diag(found.covariance))
    coefficients: dict[str, float] = {}
    for term, value, error in zip(FORMS[form], found.coefficients, errors, strict=True):
        coefficients |= {term: float(value), f"{term}_se": float(error)}
    return {
        "curve": name,
        **group,
        "stands": found.stands,
        "age_low": found.age_low,
        "age_high": found.age_high,
        **coefficients,
        **{quality: getattr(found, quality) for quality in _QUALITY},
        "refused": found.refusal.code if found.refusal else "",
    }


def _report(findings: Findings, name: str, found: Found) -> None:
    refusal = found.refusal
    if refusal is not None:
        findings.add(
            refusal.code,
            layer="stands",
            feature=name,
            column="standing_volume",
            observed=refusal.observed,
            expected=refusal.expected,
            wanted=refusal.expected,
            number=found.stands,
            reason_zh=refusal.zh,
            reason_en=refusal.en,
        )


def _edition(usable: pd.DataFrame, keys: tuple[str, ...], policy: tuple[object, ...]) -> str:
    digest = hashlib.sha256(repr((keys, policy)).encode())
    for column in ("stand", *keys):
        digest.update("\0".join(usable[column]).encode())
    for column in ("age_yr", "standing_volume"):
        digest.update(usable[column].to_numpy(dtype="<f8").tobytes())
    return digest.hexdigest()[:12]
