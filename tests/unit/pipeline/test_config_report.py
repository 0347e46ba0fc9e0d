"""What the project file says of the reports: adjusted figures, documents, faces, fonts."""

from types import SimpleNamespace

import pytest

from ecogis import demo
from ecogis.core.errors import ConfigError
from ecogis.pipeline.config import load
from ecogis.pipeline.summing import _adjusted

DEMO = (demo.folder() / "project.toml").read_text(encoding="utf-8")
ENTRY = """
[[report.adjustments]]
figure = "npv"
value = 280000.5
because = "参照同类成交"
by = "签字评估师(一)"
"""


def _load(folder, text):
    (folder / "project.toml").write_text(text, encoding="utf-8")
    return load(folder / "project.toml")[0]


def test_an_adjustment_reaches_the_headline_results_as_it_was_given(tmp_path):
    run = SimpleNamespace(config=_load(tmp_path, DEMO + ENTRY))
    assert _adjusted(run) == {
        "adjustments": [
            {
                "figure": "npv",
                "value": 280000.5,
                "because": "参照同类成交",
                "by": "签字评估师(一)",
            }
        ]
    }
    assert _adjusted(SimpleNamespace(config=_load(tmp_path, DEMO))) == {}


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"npv"', '"discount_rate"', "report.adjustments[0].figure"),
        ("280000.5", "-1.0", "report.adjustments[0].value"),
        ('"参照同类成交"', '"无"', "report.adjustments[0].because"),
        ('"签字评估师(一)"', '""', "report.adjustments[0].by"),
    ],
)
def test_an_adjustment_has_a_figure_a_reason_and_a_name(tmp_path, old, new, key):
    with pytest.raises(ConfigError, match="E544") as caught:
        _load(tmp_path, DEMO + ENTRY.replace(old, new))
    assert key in caught.value.en


def test_an_adjustment_without_its_name_is_refused(tmp_path):
    text = "\n".join(line for line in ENTRY.splitlines() if not line.startswith("by"))
    with pytest.raises(ConfigError, match="by"):
        _load(tmp_path, DEMO + text)


def test_all_documents_in_all_faces_unless_said_otherwise(tmp_path):
    start = DEMO.index("[output]")
    asked = _load(tmp_path, DEMO[:start]).output
    assert asked.formats == ("docx", "html", "pdf", "xlsx", "gpkg")
    assert asked.reports == ("carbon", "asset", "explanation")
    assert asked.fonts == ()
    few = '[output]\nformats = ["pdf"]\nreports = ["asset"]\nfonts = ["own.otf"]\n'
    asked = _load(tmp_path, DEMO[:start] + few).output
    assert (asked.formats, asked.reports, asked.fonts) == (("pdf",), ("asset",), ("own.otf",))


@pytest.mark.parametrize("value", ["inf", "1e17"])
def test_an_adjustment_has_an_end(tmp_path, value):
    with pytest.raises(ConfigError, match=r"E544.*adjustments\[0\].value"):
        _load(tmp_path, DEMO + ENTRY.replace("280000.5", value))


@pytest.mark.parametrize(("figure", "value"), [("npv", "280000.555"), ("issued", "2613.7")])
def test_an_adjustment_is_no_finer_than_its_figure(tmp_path, figure, value):
    entry = ENTRY.replace("280000.5", value).replace('"npv"', f'"{figure}"')
    with pytest.raises(ConfigError, match="E462"):
        _load(tmp_path, DEMO + entry)
