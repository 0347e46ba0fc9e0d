"""Postings of areas added up: two areas of two lines by hand, and one that does not close."""

import pandas as pd
import pytest

from ecogis import accounts, io
from ecogis.core.errors import EcogisError, IdentityError, VocabularyError
from ecogis.pipeline.batching.balances import postings


def _posted(opening, closing, *, township="441899101"):
    """Land of one township that changes nothing, in hundredths of a square metre."""
    rows = [("A00", opening, "stands_opening@1"), ("A90", closing, "stands@2")]
    table = pd.DataFrame(rows, columns=["line_code", "amount", "source"]).assign(
        account="land", township=township, land_class="cropland", unit="dm2",
        status="observed", owner="collective",
    )  # fmt: skip
    for name in accounts.POSTING_COLUMNS:
        if name not in table:
            table[name] = ""
    text = [name for name in accounts.POSTING_COLUMNS if name != "amount"]
    return table[list(accounts.POSTING_COLUMNS)].astype(dict.fromkeys(text, "category"))


@pytest.fixture
def left(tmp_path):
    """Areas a and b with a balance, and an assessment of a whose postings are others."""
    rows = []
    for area, task, county, amount in (
        ("a", "assess", "K1", 7), ("a", "balance", "K1", 100), ("b", "balance", "K2", 30)
    ):  # fmt: skip
        folder = tmp_path / area / task
        folder.mkdir(parents=True)
        io.write_parquet(folder / "postings.parquet", _posted(amount, amount))
        rows.append((area, task, county, "P", f"{area}/{task}"))
    return pd.DataFrame(rows, columns=["area", "task", "county", "province", "folder"])


def test_each_place_is_the_sum_of_its_areas(tmp_path, left):
    (tmp_path / "sum").mkdir()
    tables = postings(tmp_path, left, tmp_path / "sum")
    sums = pd.read_parquet(tmp_path / "sum" / "postings.parquet")
    opening = sums[sums["line_code"].eq("A00")].set_index(["level", "place"])["amount"]
    assert opening.to_dict() == {
        ("batch", ""): 130, ("province", "P"): 130, ("county", "K1"): 100, ("county", "K2"): 30
    }  # fmt: skip
    land = tables["land"].set_index("line_code")["total"]
    assert land[["A00", "A90"]].tolist() == [130, 130]


def test_accounts_that_do_not_close_stop_the_sums(tmp_path, left):
    io.write_parquet(tmp_path / "b" / "balance" / "postings.parquet", _posted(30, 29))
    (tmp_path / "sum").mkdir()
    with pytest.raises(IdentityError, match="E399"):
        postings(tmp_path, left, tmp_path / "sum")


def test_without_postings_there_are_no_accounts(tmp_path, left):
    for file in tmp_path.rglob("postings.parquet"):
        file.unlink()
    assert postings(tmp_path, left, tmp_path / "sum") == {}


def test_townships_are_told_apart_at_the_smallest_level_only(tmp_path, left):
    for area, township in (("a", "441899101"), ("b", "441899102")):
        table = _posted(100, 100, township=township)
        io.write_parquet(tmp_path / area / "balance" / "postings.parquet", table)
    (tmp_path / "sum").mkdir()
    postings(tmp_path, left, tmp_path / "sum")
    sums = pd.read_parquet(tmp_path / "sum" / "postings.parquet")
    opening = sums[sums["line_code"].eq("A00")]
    assert opening[["level", "township", "amount"]].values.tolist() == [
        ["county", "441899101", 100], ["county", "441899102", 100], ["province", "", 200],
        ["batch", "", 200],
    ]  # fmt: skip
    postings(tmp_path, left.assign(county="", province=""), tmp_path / "sum")
    sums = pd.read_parquet(tmp_path / "sum" / "postings.parquet")
    opening = sums[sums["line_code"].eq("A00")]
    assert opening[["level", "township", "amount"]].values.tolist() == [
        ["batch", "441899101", 100], ["batch", "441899102", 100]
    ]  # fmt: skip


def test_amounts_that_int64_might_not_hold_are_refused(tmp_path, left):
    for area in ("a", "b"):
        table = _posted(2**61, 2**61)
        io.write_parquet(tmp_path / area / "balance" / "postings.parquet", table)
    (tmp_path / "sum").mkdir()
    with pytest.raises(IdentityError, match="E519"):
        postings(tmp_path, left, tmp_path / "sum")
    assert not list((tmp_path / "sum").iterdir())


def test_a_disk_that_does_not_give_an_area_is_named(tmp_path, left, monkeypatch):
    (tmp_path / "sum").mkdir()
    reads = pd.read_parquet

    def broken(file, **options):
        if "b" in file.parts:
            raise OSError(5, "Input/output error")
        return reads(file, **options)

    monkeypatch.setattr(pd, "read_parquet", broken)
    with pytest.raises(EcogisError, match=r"E516.*b.balance.postings\.parquet.*Input/output"):
        postings(tmp_path, left, tmp_path / "sum")


def test_a_line_nobody_knows_is_refused_not_lost(tmp_path, left):
    table = _posted(1, 1)
    odd = table.assign(line_code=table["line_code"].astype(str).str.replace("A90", "Z90"))
    io.write_parquet(tmp_path / "a" / "balance" / "postings.parquet", odd)
    (tmp_path / "sum").mkdir()
    with pytest.raises(VocabularyError, match=r"E008.*line_code Z90"):
        postings(tmp_path, left, tmp_path / "sum")
