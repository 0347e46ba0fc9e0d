"""A run as one file: it holds what it says, moves, gives the same bytes, and can be made again."""

import csv
import json
import shutil
import zipfile
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from ecogis.cli.main import main
from ecogis.core.errors import ConfigError
from ecogis.core.provenance import canonical_json, sha256_text
from ecogis.pipeline.manifest import ADDED
from ecogis.pipeline.packing_inputs import gathered
from ecogis.pipeline.packing_zip import unzip, write_zip

BUNDLE = "成果 包.zip"


def command(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def states(bundle, *words):
    """Exit code, and the state of each entry that is not well."""
    done = command("verify", bundle, "--json", *words)
    checked = json.loads(done.stdout)["checked"]
    return done.exit_code, {e["name"]: e["state"] for e in checked if e["state"] != "ok"}


def paper(bundle, name):
    with zipfile.ZipFile(bundle) as opened:
        text = opened.read(f"papers/{name}.csv").decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Where the first test leaves the packed run for the others."""
    return tmp_path_factory.mktemp("kept") / "run"


@pytest.fixture
def packed(tiny, kept):
    """A run of the small project, packed, and its folder; each test has a copy."""
    if not kept.exists():
        _run_and_pack(tiny)
        shutil.copytree(tiny.folder, kept)
    shutil.copytree(kept, tiny.folder, dirs_exist_ok=True)
    return SimpleNamespace(bundle=tiny.folder / BUNDLE, folder=tiny.folder, tiny=tiny)


def _run_and_pack(tiny):
    tiny.tables["rights"].loc[0, "权利人"] = "张三 & 李四 <公司>"
    done = tiny.run()
    assert done.exit_code == 0, done.output
    done = command("pack", tiny.folder / "out", "--out", tiny.folder / BUNDLE)
    assert done.exit_code == 0, done.output
    assert "个人信息" in done.stdout


def test_a_bundle_holds_outputs_inputs_papers_and_their_hashes(packed):
    with zipfile.ZipFile(packed.bundle) as opened:
        names = opened.namelist()
        index = json.loads(opened.read("index.json"))
        rights = opened.read("inputs/rights.csv")
    assert names == sorted(names)
    assert {"results/run.json", "results/pieces.gpkg", "inputs/project.toml", "inputs/stands.gpkg",
            "papers/field_checks.csv", "papers/index.csv", "README.txt"} <= set(names)  # fmt: skip
    assert {entry["path"] for entry in index["files"]} == set(names) - {"index.json"}
    assert rights == (packed.folder / "rights.csv").read_bytes()
    assert "张三 & 李四 <公司>" in rights.decode("utf-8-sig")


def test_packing_twice_gives_the_same_bytes(packed):
    again = packed.folder / "again.zip"
    assert command("pack", packed.folder / "out" / "run.json", "--out", again).exit_code == 0
    assert again.read_bytes() == packed.bundle.read_bytes()


def test_a_bundle_that_was_moved_is_well_and_comes_out_the_same(packed, tmp_path_factory):
    moved = tmp_path_factory.mktemp("elsewhere") / "b.zip"
    packed.bundle.rename(moved)
    for path in packed.folder.iterdir():
        if path.is_file():
            path.unlink()
    assert states(moved, "--rerun") == (0, {})
    folder = moved.parent / "unpacked"
    unzip(moved, folder)
    assert states(folder) == (0, {})
    assert states(folder / "results" / "run.json", "--rerun") == (0, {})


def test_what_was_changed_in_a_bundle_is_named(packed):
    folder = packed.folder / "unpacked"
    unzip(packed.bundle, folder)
    (folder / "results" / "pledgeable.csv").write_text("x", encoding="utf-8")
    (folder / "inputs" / "prices.csv").unlink()
    (folder / "inputs" / "note.txt").write_text("x", encoding="utf-8")
    assert states(folder) == (1, {
        "inputs/note.txt": "new", "inputs/prices.csv": "missing",
        "results/pledgeable.csv": "changed",
    })  # fmt: skip


def test_a_rerun_names_the_figures_and_outputs_that_differ(packed):
    folder = packed.folder / "unpacked"
    unzip(packed.bundle, folder)
    prices = folder / "inputs" / "prices.csv"
    prices.write_text(prices.read_text(encoding="utf-8").replace("86.09", "96.09"), "utf-8")
    code, found = states(folder / "results", "--rerun")
    assert code == 1
    assert found["rerun: figures"] == "changed"
    assert found["rerun: results.valuation.npv_fen"] == "changed"
    assert found["rerun: inputs[4 prices].sha256"] == "changed"
    assert "rerun: results.totals.credit_kg" not in found
    assert "rerun: pledgeable.csv" not in found


def test_inputs_elsewhere_come_along_and_the_project_file_leads_to_them(tiny, tmp_path_factory):
    outside = tmp_path_factory.mktemp("layers")
    tiny.write()
    for name in ("stands.gpkg", "prices.csv"):
        (tiny.folder / name).rename(outside / name)
        tiny.text = tiny.text.replace(f'"{name}"', f'"{(outside / name).as_posix()}"')
    assert tiny.ask("assess").exit_code == 0
    bundle = tiny.folder / "b.zip"
    done = command("pack", tiny.folder / "out", "--out", bundle, "--json")
    assert json.loads(done.stdout)["project"]["rewritten"] == ["inputs/project.toml"]
    with zipfile.ZipFile(bundle) as opened:
        project = opened.read("inputs/project.toml").decode()
    assert 'path = "elsewhere/01/stands.gpkg"' in project
    assert str(outside) not in project
    for path in outside.iterdir():
        path.unlink()
    assert states(bundle, "--rerun") == (0, {})


def test_working_papers_list_decisions_queries_and_what_to_see_on_the_ground(packed):
    decided = {row["项目文件的键"]: row for row in paper(packed.bundle, "decisions")}
    assert decided["valuation.pledge_rate"]["取值"] == "0.5"
    assert decided["methodology.declared.additionality"]["取值"] == "value = True"
    seen = paper(packed.bundle, "field_checks")
    assert "2 f) 计入期内不重复扰动土壤" in {row["核查事项"] for row in seen}
    assert {row["核查人"] for row in seen} == {""}
    assert [row["文件"] for row in paper(packed.bundle, "index")] == [
        "inputs.csv", "queries.csv", "field_checks.csv", "decisions.csv"
    ]  # fmt: skip


def test_queries_are_the_findings_with_room_for_an_answer(tiny):
    tiny.stands.loc[0, "XBID"] = "=1+1"
    tiny.stands.loc[0, "YU_BI_DU"] = 7.0
    tiny.text = tiny.text.replace(
        'refuse_at = "error"',
        'refuse_at = "error"\naccept = [{ code = "E205", because = "核实后再计" }]',
    )
    done = tiny.run()
    assert done.exit_code == 0, done.output
    bundle = tiny.folder / "b.zip"
    assert command("pack", tiny.folder / "out", "--out", bundle).exit_code == 0
    asked = [row for row in paper(bundle, "queries") if row["问题代码"] == "E205"]
    assert [row["已接受的理由"] for row in asked] == ["核实后再计"]
    assert asked[0]["答复"] == ""
    cells = [cell for row in paper(bundle, "queries") for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


def test_a_run_whose_outputs_inputs_or_project_changed_is_not_packed(packed):
    bundle = packed.folder / "c.zip"

    def refused():
        done = command("pack", packed.folder / "out", "--out", bundle)
        assert done.exit_code == 2
        assert not bundle.exists()
        return done.stderr[:4], done.stderr

    documents = packed.folder / "documents.csv"
    before = documents.read_bytes()
    documents.write_bytes(before + b"\n")
    assert "documents.csv" in refused()[1]
    documents.write_bytes(before)
    project = packed.folder / "project.toml"
    text = project.read_text(encoding="utf-8")
    project.write_text(text + "\n# later\n", encoding="utf-8")
    assert refused()[0] == "E475"
    project.write_text(text, encoding="utf-8")
    (packed.folder / "out" / "findings.csv").write_text("", encoding="utf-8")
    assert refused()[0] == "E476"


def test_a_manifest_of_something_else_is_refused(packed):
    manifest = packed.folder / "out" / "run.json"
    record = json.loads(manifest.read_text(encoding="utf-8"))
    for name in ("inputs", "results"):
        core = {k: v for k, v in record.items() if k not in {*ADDED, name}}
        other = core | {"sha256": sha256_text(canonical_json(core)), "outputs": record["outputs"]}
        manifest.write_text(json.dumps(other), encoding="utf-8")
        done = command("pack", manifest, "--out", packed.folder / "c.zip")
        assert (done.exit_code, done.stderr[:4]) == (2, "E550")
        assert command("verify", manifest, "--rerun").stderr[:4] == "E550"


def test_a_ledger_is_packed_only_on_demand(tmp_path):
    (tmp_path / "ledger.db").write_bytes(b"all the pledges")
    (tmp_path / "stands.csv").write_bytes(b"1")
    project = tmp_path / "project.toml"
    project.write_text('a = "stands.csv"\n[registry]\nledger = "ledger.db"\n', encoding="utf-8")
    without, with_it = gathered(project, ledger=False), gathered(project, ledger=True)
    assert (without.ledger, sorted(without.files)) == ("left_out", ["project.toml", "stands.csv"])
    assert (with_it.ledger, "ledger.db" in with_it.files) == ("packed", True)


def test_a_guarantors_tables_are_packed_only_on_demand(tmp_path):
    for name in ("stands", "book", "fund", "relations"):
        (tmp_path / f"{name}.csv").write_text(name, encoding="utf-8")
    tables = "".join(f'{name} = "{name}.csv"\n' for name in ("book", "fund", "relations"))
    project = tmp_path / "project.toml"
    project.write_text(f'a = "stands.csv"\n[valuation.guarantee]\n{tables}', encoding="utf-8")
    without, with_it = gathered(project, ledger=False), gathered(project, ledger=True)
    assert (without.ledger, sorted(without.files)) == ("left_out", ["project.toml", "stands.csv"])
    assert (with_it.ledger, len(with_it.files)) == ("packed", 5)


def test_tables_of_others_stay_out_whatever_leads_to_them(tmp_path):
    (tmp_path / "t").mkdir()
    for name in ("stands", "book"):
        (tmp_path / "t" / f"{name}.csv").write_text(name, encoding="utf-8")
    project = tmp_path / "project.toml"
    lines = ('a = "./t"', "[registry]", 'ledger = "postgresql://host/kept"')
    lines += ("[valuation.guarantee]", 'book = "t/book.csv"')
    project.write_text("\n".join(lines), encoding="utf-8")
    without, with_it = gathered(project, ledger=False), gathered(project, ledger=True)
    assert (without.ledger, sorted(without.files)) == ("left_out", ["project.toml", "t/stands.csv"])
    assert (with_it.ledger, "t/book.csv" in with_it.files) == ("packed", True)


def test_a_bundle_without_its_ledger_cannot_be_run_again(packed):
    folder = packed.folder / "unpacked"
    unzip(packed.bundle, folder)
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    text = json.dumps(index | {"ledger": "left_out"})
    (folder / "index.json").write_text(text, encoding="utf-8")
    assert command("verify", folder, "--rerun").stderr[:4] == "E480"


def test_relative_paths_that_lead_upwards_are_kept_as_they_are(tmp_path):
    home = tmp_path / "county" / "projects" / "one"
    (home / "own").mkdir(parents=True)
    (tmp_path / "county" / "layers").mkdir()
    (tmp_path / "county" / "layers" / "a.shp").write_bytes(b"1")
    (tmp_path / "county" / "layers" / "a.dbf").write_bytes(b"2")
    (home / "own" / "codes.csv").write_bytes(b"3")
    (home / "own" / "profile.toml").write_text('codes = "codes.csv"\n', encoding="utf-8")
    text = 'a = "../../layers/a.shp"\nprofile = "own/profile.toml"\n'
    (home / "project.toml").write_text(text, encoding="utf-8")
    found = gathered(home / "project.toml", ledger=False)
    assert (found.project, found.rewritten) == ("projects/one/project.toml", {})
    assert sorted(found.files) == [
        "layers/a.dbf", "layers/a.shp", "projects/one/own/codes.csv",
        "projects/one/own/profile.toml", "projects/one/project.toml",
    ]  # fmt: skip


def test_a_file_behind_a_link_is_named_by_its_new_place(tmp_path, tmp_path_factory):
    real = tmp_path_factory.mktemp("layers") / "a.csv"
    real.write_bytes(b"1")
    (tmp_path / "link.csv").symlink_to(real)
    project = tmp_path / "project.toml"
    project.write_text("a = 'link.csv' # keep\n", encoding="utf-8")
    found = gathered(project, ledger=False)
    assert sorted(found.files) == ["elsewhere/01/a.csv", "project.toml"]
    assert found.rewritten == {"project.toml": 'a = "elsewhere/01/a.csv" # keep\n'}


def test_a_path_that_cannot_be_rewritten_is_told(tmp_path, tmp_path_factory):
    outside = tmp_path_factory.mktemp("layers") / "a.csv"
    outside.write_bytes(b"1")
    path = outside.as_posix().replace("a.csv", "\\u0061.csv")
    project = tmp_path / "project.toml"
    project.write_text(f'a = "{path}"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="E477"):
        gathered(project, ledger=False)


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "C:evil", "a\\evil"])
def test_an_entry_that_leads_outside_is_refused(tmp_path, name):
    bundle = tmp_path / "b.zip"
    with zipfile.ZipFile(bundle, "w") as opened:
        opened.writestr(zipfile.ZipInfo(name), "x")
    done = command("verify", bundle)
    assert (done.exit_code, done.stderr[:4]) == (2, "E479")
    assert not (tmp_path.parent / "evil").exists()


def test_a_link_and_a_name_twice_are_refused(tmp_path):
    entry = zipfile.ZipInfo("a")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as opened:
        opened.writestr(entry, "/etc/passwd")
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as opened:
        opened.writestr("a", "x")
        opened.writestr("A", "y")
    for name in ("link.zip", "twice.zip"):
        assert command("verify", tmp_path / name).stderr[:4] == "E479"


def test_a_file_that_is_no_bundle_is_refused(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"not a bundle")
    write_zip(tmp_path / "b.zip", {"a.zip": tmp_path / "a.zip"})
    for name in ("a.zip", "b.zip"):
        done = command("verify", tmp_path / name)
        assert (done.exit_code, done.stderr[:4]) == (2, "E478")


def test_an_index_of_another_kind_or_that_leads_outside_is_refused(packed):
    folder = packed.folder / "unpacked"
    unzip(packed.bundle, folder)
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    for change, code in (({"schema": "other"}, "E478"), ({"run": "../run.json"}, "E479")):
        (folder / "index.json").write_text(json.dumps(index | change), encoding="utf-8")
        assert command("verify", folder).stderr[:4] == code
