"""A user's own curves: what is right is read, what is wrong is refused by its line."""

from datetime import date

import pytest

from ecogis.core.errors import ConfigError, NotInForceError
from ecogis.growth import read_curves

LAWS = """\
curve,species,site_class,form,first_age_yr,last_age_yr,asymptote,rate,shape,source,confidence
fir I,杉木,I,richards,3,40,300,0.1,2.5,plots 2024,inferred
fir,杉木,,richards,3,40,200,0.1,2.5,plots 2024,inferred
"""


def written(folder, text, name="own.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_laws(tmp_path):
    curves = read_curves(written(tmp_path, LAWS))
    assert dict(curves.by_species) == {"杉木|I": "fir I", "杉木|*": "fir"}
    assert curves.keys == ("species", "site_class")
    assert (curves.id, len(curves.edition)) == ("own", 12)
    first = curves.curves[0]
    assert (first.form, first.first_age, first.last_age) == ("richards", 3.0, 40.0)
    assert dict(first.values) == {"asymptote": 300.0, "rate": 0.1, "shape": 2.5}
    assert (first.source, first.confidence) == ("plots 2024", "inferred")


def test_points_in_any_order(tmp_path):
    head = "curve,species,age_yr,standing_volume,source,confidence,interpolation\n"
    rows = [f"own,pine,{age},{age * 3},plots,quoted,linear\n" for age in (30, 10, 20)]
    (curve,) = read_curves(written(tmp_path, head + "".join(rows))).curves
    assert curve.points == ((10.0, 30.0), (20.0, 60.0), (30.0, 90.0))
    assert curve.interpolation == "linear"


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("source,", "", "E663", 1),
        ("site_class", "site", "E663", 1),
        ("plots 2024,inferred\nfir,", ",inferred\nfir,", "E663", 2),
        ("plots 2024,inferred\nfir,", "plots 2024,certain\nfir,", "E663", 2),
        ("fir,杉木,,", "fir,杉木,I,", "E663", 3),
        ("300", "many", "E233", 2),
        ("richards,3,40,200,0.1,2.5", "richards,3,40,200,0.1,", "E268", 3),
        ("richards,3,40,200", "sigmoid,3,40,200", "E250", 3),
    ],
)
def test_what_is_wrong_is_named(tmp_path, old, new, code, line):
    text = LAWS.replace(old, new, 1)
    if old == "source,":
        text = text.replace("plots 2024,", "")
    with pytest.raises(ConfigError) as caught:
        read_curves(written(tmp_path, text))
    assert caught.value.code == code
    if code == "E663":
        assert caught.value.where["line"] == line
        assert "?" not in caught.value.zh + caught.value.en


SET = """
[set]
id = "own"
edition = "1"
title_zh = "自有曲线"
title_en = "own curves"
checked_on = 2025-01-01
[sources.plots]
title_zh = "样地"
title_en = "plots"
publisher = "own"
year = 2024
[tables.curves]
file = "own.csv"
keys = ["curve"]
meaning_zh = "曲线"
meaning_en = "curves"
from = 2024-01-01
source = "plots"
locator_zh = "表"
locator_en = "table"
confidence = "inferred"
[tables.species]
file = "species.csv"
keys = ["species"]
meaning_zh = "树种"
meaning_en = "species"
from = 2024-01-01
source = "plots"
locator_zh = "表"
locator_en = "table"
confidence = "inferred"
[tables.species.columns.curve]
unit = "text"
meaning_zh = "曲线"
meaning_en = "curve"
"""
COLUMNS = {
    "form": "text",
    "valid_from_age": "yr",
    "valid_to_age": "yr",
    "gompertz_a": "m3 ha-1",
    "gompertz_b": "1",
    "gompertz_k": "yr-1",
}


def test_a_parameter_set_of_ones_own(tmp_path):
    columns = "".join(
        f'[tables.curves.columns.{name}]\nunit = "{unit}"\nmeaning_zh = "值"\nmeaning_en = "v"\n'
        for name, unit in COLUMNS.items()
    )
    written(tmp_path, f"curve,{','.join(COLUMNS)}\nfir,gompertz,2,40,250,5,0.08\n")
    written(tmp_path, "species,curve\n杉木,fir\n", "species.csv")
    path = written(tmp_path, SET + columns, "own.toml")
    curves = read_curves(path, date(2025, 1, 1))
    assert dict(curves.curves[0].values) == {"asymptote": 250.0, "offset": 5.0, "rate": 0.08}
    assert (curves.label, curves.curves[0].confidence) == ("own@1", "inferred")
    with pytest.raises(NotInForceError):
        read_curves(path, date(2020, 1, 1))
    with pytest.raises(ConfigError) as caught:
        read_curves(path)
    assert caught.value.code == "E663"
