"""Layers nobody here made: their own stated sums; and the broken files other projects collected."""

import re
import warnings
from contextlib import suppress

import geopandas
import numpy as np
import pyogrio
import pytest

from ecogis.core.errors import EcogisError, InputError
from ecogis.core.findings import Findings
from ecogis.core.units import factor
from ecogis.io import gate, layer_info, read_layer, read_table, vectors
from ecogis.overlay import unique_ids
from ecogis.quality import REPAIRS, repair, topology
from ecogis.spatial.area import ellipsoidal_area_m2
from ecogis.spatial.bounded import Bounds


def read(path, findings=None, **options):
    return read_layer(path, findings=findings or Findings(), **options)


def hectares(layer):
    return ellipsoidal_area_m2(layer.geometry.array) * factor("m2", "ha")


@pytest.fixture(scope="module")
def finland(shared_data):
    return read(
        shared_data / "fi_metsi_smk" / "fi_pieksamaki_60.gpkg", layer="stand", profile="fi-metsi"
    )


def test_finnish_stands_have_the_sums_of_their_source(finland):
    volume = finland["area_record_ha"] * finland["standing_volume"]
    assert len(finland) == 60
    assert finland["area_record_ha"].sum() == pytest.approx(105.0, abs=1e-9)
    assert volume.sum() == pytest.approx(16_562.112, abs=1e-6)
    assert finland["realestate_id"].value_counts().sort_index().to_dict() == {
        "110022455": 26,
        "110022611": 11,
        "110022618": 19,
        "110022682": 4,
    }


def test_finnish_areas_on_the_ellipsoid(finland):
    area = hectares(finland)
    assert area.sum() == pytest.approx(105.0347, abs=1e-4)
    # stated to 0.01 ha; one stand differs by 1.8 %
    np.testing.assert_allclose(area, finland["area_record_ha"], rtol=0.02)


def test_strata_of_two_states_are_not_summed_as_one(shared_data, tmp_path):
    text = """
    [profile]
    id = "strata"
    roles = ["stands"]
    zh = "林层"
    en = "strata"
    [join.strata]
    layer = "treestratum"
    on = "stand_id"
    key = "stand_id"
    [columns.stand]
    from = ["stand_id"]
    [columns.standing_volume]
    from = ["strata.Volume"]
    unit = "m3 ha-1"
    """
    path = tmp_path / "strata.toml"
    path.write_text(text, encoding="utf-8")
    source = shared_data / "fi_metsi_smk" / "fi_pieksamaki_60.gpkg"
    with pytest.raises(InputError, match=r"E149.*treestratum"):
        read(source, layer="stand", profile=path)


def test_estonian_stands(shared_data):
    findings = Findings()
    path = shared_data / "ee_metsaregister" / "result_stands.geojson"
    layer = read(path, findings, profile="ee-metsaregister")
    assert len(layer) == 10
    assert layer["area_record_ha"].sum() == pytest.approx(12.7, abs=1e-9)
    assert hectares(layer).sum() == pytest.approx(13.0782, abs=1e-4)
    assert layer["species"].value_counts().to_dict() == {
        "Betula": 5,
        "Alnus incana": 3,
        "Fraxinus excelsior": 1,
    }
    # the register keeps 0.1 ha: no stand is further off than the rounding of the smallest ones
    assert np.abs(hectares(layer) - layer["area_record_ha"]).max() == pytest.approx(0.203, abs=1e-3)
    assert set(findings.table()["code"]) == {"E145", "E316"}


def oregon(shared_data):
    return shared_data / "us_or_forestplanner" / "testdata" / "test_stands.shp"


def test_oregon_stated_acres_agree_on_the_ellipsoid_and_not_in_the_plane(shared_data):
    path = oregon(shared_data)
    findings = Findings()
    layer = read(path, findings, profile="us-forestplanner", crs="EPSG:3857")
    acres = hectares(layer) * factor("ha", "acre")
    stated = layer["area_record_ha"] * factor("ha", "acre")
    plane = geopandas.read_file(path).area.sum() * factor("m2", "acre")
    assert len(layer) == 37
    assert stated.sum() == pytest.approx(236.688, abs=1e-6)
    assert acres.sum() == pytest.approx(236.689, abs=1e-3)
    assert plane == pytest.approx(439.710, abs=1e-3)
    np.testing.assert_allclose(acres, stated, rtol=5e-4)
    assert {"E314", "E325"} <= set(findings.table()["code"])


def test_oregon_projection_file_alone_is_not_believed(shared_data):
    with pytest.raises(InputError, match=r"E323.*test_stands.shp.*EPSG:3857"):
        read(oregon(shared_data), profile="us-forestplanner")


GENERIC = """
[profile]
id = "generic"
roles = ["stands", "documents"]
zh = "任意"
en = "any"

[columns]
stand = { from = ["?"], required = false }
document = { from = ["?"], required = false }
document_kind = { from = ["?"], required = false }
subject_kind = { from = ["?"], required = false }
subject = { from = ["?"], required = false }
"""


@pytest.fixture(scope="module")
def generic(tmp_path_factory):
    path = tmp_path_factory.mktemp("profile") / "generic.toml"
    path.write_text(GENERIC, encoding="utf-8")
    return path


def layers_of(path):
    try:
        file, kind = gate.admit(path, gate.LAYERS)
        return list(vectors.layer_names(file, kind)) or [None]
    except EcogisError:
        return [None]


def attempt(path, name, generic):
    """Rows read as a layer with its deleted ones, or the text of the refusal."""
    findings = Findings()
    try:
        layer = read(path, findings, layer=name, profile=generic)
    except EcogisError as error:
        return str(error)
    without = findings.table().query("column == 'geometry'")
    assert layer.geometry.isna().sum() == len(without), "a geometry is missing without a finding"
    deleted = findings.table().query("code == 'E112'")["message_en"].str.extract(r": (\d+)")
    return len(layer) + int(deleted[0].astype("int64").sum())


def is_ours(path, text):
    """A refusal is one line, has a code and names the file."""
    return bool(re.match(r"E\d{3} ", text)) and path.stem in text and "\n" not in text


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
def test_broken_and_hostile_files_give_rows_or_our_errors(shared_data, generic):
    found = {}
    for path in sorted(p for p in (shared_data / "hostile").rglob("*") if p.is_file()):
        for name in layers_of(path):
            found[path, name] = attempt(path, name, generic)
    rows = {key: value for key, value in found.items() if isinstance(value, int)}
    refusals = {key: value for key, value in found.items() if isinstance(value, str)}
    assert [key for key, text in refusals.items() if not is_ours(key[0], text)] == []
    assert len(found) > 400
    assert len(rows) > 70
    for (path, name), count in rows.items():
        layer = name if path.suffix == ".gpkg" else None
        info = pyogrio.read_info(path, layer=layer, force_feature_count=True)
        assert info["features"] == count, path


def test_broken_and_hostile_tables_give_rows_or_our_errors(shared_data, generic):
    rows = 0
    for path in sorted(p for p in (shared_data / "hostile").rglob("*") if p.is_file()):
        with suppress(EcogisError):
            rows += len(read_table(path, profile=generic, role="documents", findings=Findings()))
    assert rows > 100


# what one file may use of the processor in the child; the system ends it there
A_FILE = Bounds(seconds=2.0, batch_seconds=10.0, megabytes=1024)


def through_topology(layer):
    """Rows after every repair; each row whose polygon is not valid must have been told."""
    findings = Findings()
    given = unique_ids(layer, "stand", findings)
    out = repair(given, "stand", findings, role="stands", repairs=REPAIRS, bounds=A_FILE)
    topology(out, "stand", findings, role="stands", boundary=given.iloc[:1], bounds=A_FILE)
    assert out["stand"].equals(given["stand"])
    told = set(findings.table().query("column == 'geometry'")["feature"])
    sound = out.geometry.is_valid & ~out.geometry.is_empty & out.geometry.notna()
    assert set(out["stand"][~sound]) <= told, "a polygon is not valid without a finding"
    return out, findings


def readable(folder, generic):
    """Every layer among the files that reading does not refuse."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        for name in layers_of(path):
            layer = None
            with suppress(EcogisError), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the reader's, about odd files
                layer = read(path, layer=name, profile=generic)
            if layer is not None:
                yield layer


def test_broken_and_hostile_layers_go_through_topology_and_repairs(shared_data, generic):
    codes, layers = set(), 0
    for layer in readable(shared_data / "hostile", generic):
        codes |= set(through_topology(layer)[1].table()["code"])
        layers += 1
    assert layers > 70
    assert {"E340", "E342", "E343", "E602", "E607", "E611"} <= codes


FRENCH = """
[profile]
id = "french"
roles = ["stands"]
zh = "法国样例"
en = "French sample"

[columns.stand]
from = ["?"]
required = false
"""


@pytest.mark.parametrize(
    ("name", "rows", "expected"),
    [("ForestMask", 85, set()), ("Public4Montagnes", 1, {"E340"})],
)
def test_french_forest_and_public_land(shared_data, tmp_path, name, rows, expected):
    """The public land is one multipolygon whose ring touches itself at one place."""
    profile = tmp_path / "french.toml"
    profile.write_text(FRENCH, encoding="utf-8")
    layer = read(shared_data / "fr_aba_gis" / "GIS" / f"{name}.shp", profile=profile)
    assert len(layer) == rows
    out, findings = through_topology(layer)
    assert expected <= set(findings.table()["code"])
    assert out.geometry.is_valid.all()
    assert "E341" not in set(findings.table()["code"])


def test_the_manifest_knows_each_real_layer(shared_data):
    info = layer_info(oregon(shared_data))
    assert (info.rows, info.crs) == (37, "Mercator")
    assert len(info.sha256) == 64
