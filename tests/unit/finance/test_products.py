"""The catalogue of products: each read, matched and refused; ranks, reasons, own products."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, NotInForceError, VocabularyError
from ecogis.core.findings import Findings
from ecogis.finance.products import by_lender, product_words, products, read_products
from ecogis.finance.products_match import match, one_per_lender
from ecogis.finance.products_places import in_places
from ecogis.methods import parameters

DAY = date(2026, 8, 31)
ALL = products(DAY)
KEYS = [product.product for product in ALL]
WORDS = product_words(DAY)


def ideal(product):
    """A borrower and assets that meet every demand of a product."""
    place = product.places[0]
    place = {"全国": "江西/抚州/资溪", "mountain-counties": "浙江/丽水/云和"}.get(place, place)
    person = {
        "borrower": "B",
        "kind": (product.borrowers or ("firm",))[0],
        "place": place,
        "age_yr": 40.0,
        "debt_ratio": 0.2,
        "area_mu": 2_000.0,
        "sows": 200,
        "line_fen": 10_000_000,
        **dict.fromkeys(product.facts, True),
    }
    kinds = product.assets[0].split("+") if product.assets else []
    kinds += ["farm_right"] if product.rule == "deposit" and not kinds else []
    assets = [
        {"borrower": "B", "kind": kind, "value_fen": 50_000_000, "yearly_fen": 1_000_000,
         "deposit_fen": 1_000_000}
        for kind in kinds
    ]  # fmt: skip
    columns = ["borrower", "kind", "value_fen", "yearly_fen", "deposit_fen"]
    return pd.DataFrame([person]), pd.DataFrame(assets, columns=columns)


def offer(product, people, assets, **policy):
    findings = Findings()
    found = match(people, assets, [product], DAY, findings=findings, **policy)
    assert findings.count() == 0
    return found.offers.iloc[0], found.reasons


@pytest.mark.parametrize("product", ALL, ids=KEYS)
def test_each_product_is_matched(product):
    told, reasons = offer(product, *ideal(product), proposals=True)
    lacking = ["unseen"] * (product.terms == "unseen") + ["terms"] * (product.rule == "unstated")
    assert reasons["reason"].tolist() == lacking
    assert told["verdict"] == ("open" if lacking else "offered")
    assert told["not_known"] == len(lacking)
    assert pd.isna(told["amount_fen"]) == (product.rule == "unstated")
    assert not reasons["known"].any()


@pytest.mark.parametrize("product", ALL, ids=KEYS)
def test_each_product_is_refused_with_every_reason(product):
    people, assets = ideal(product)
    people = people.assign(place="西藏/拉萨", kind="bank", **dict.fromkeys(product.facts, False))
    told, reasons = offer(product, people, assets.head(0))
    assert told["verdict"] == "refused"
    reasons = reasons[reasons["reason"] != "own_cap"]  # no cap is in force in Lhasa
    expected = {"fact"} if product.facts else set()
    expected |= {"place"} if product.places != ("全国",) else set()
    expected |= {"borrower"} if product.borrowers else set()
    expected |= {"asset"} if product.assets else set()
    expected |= {"proposal"} if product.status == "proposal" else set()
    assert set(reasons["reason"]) == expected
    assert expected
    assert reasons["known"].all()
    assert not reasons[["zh", "en"]].apply(lambda c: c.str.contains("{", regex=False)).any().any()


@pytest.mark.parametrize("product", ALL, ids=KEYS)
def test_what_is_not_known_never_counts_as_yes(product):
    people, assets = ideal(product)
    bare = people[["borrower"]].assign(kind=pd.NA, place=pd.NA)
    told, reasons = offer(product, bare, assets, proposals=True)
    asked = product.facts or product.borrowers or product.rule == "line" or product.age_min
    asked = asked or product.places != ("全国",) or product.debt_ratio_max
    assert told["verdict"] == ("open" if asked or product.rule == "unstated" else "offered")
    assert not reasons["known"].any()


@pytest.mark.parametrize("product", ALL, ids=KEYS)
def test_each_word_of_a_product_is_in_the_catalogue(product):
    used = [("borrower", name) for name in product.borrowers]
    used += [("asset", part) for name in product.assets for part in name.split("+")]
    used += [("fact", name) for name in (*product.facts, product.raised_if) if name]
    assert [word for word in used if word not in WORDS] == []


@pytest.mark.parametrize(
    ("key", "amount_fen"),
    [
        ("FM01", 30_000_000),  # 60 % of 500,000
        ("FM03", 25_000_000),
        ("FM08", 30_000_000),  # 30 x 10,000
        ("FM09", 15_000_000),
        ("AG01", 8_000_000),  # 8 x the risk deposit
        ("CB05", 1_000_000_000),  # 20 x appraised value
        ("HH01", 10_000_000),  # the line handed over
    ],
)
def test_amounts_by_hand(key, amount_fen):
    product = ALL[KEYS.index(key)]
    assert offer(product, *ideal(product))[0]["amount_fen"] == amount_fen


def test_loans_of_single_cases_are_never_caps():
    observed = ALL[KEYS.index("CB05")]  # one case lent 3 M
    people, assets = ideal(observed)
    assert offer(observed, people, assets)[0]["amount_fen"] > 300_000_000
    assert not any("observed" in name for name in observed.__slots__)


def test_value_and_amount_stand_beside_each_other():
    for key, cover in (("FM01", 5 / 3), ("CB05", 0.05)):
        product = ALL[KEYS.index(key)]
        told, _ = offer(product, *ideal(product))
        assert told["basis_fen"] == 50_000_000
        assert told["cover"] == pytest.approx(cover)
    unstated = ALL[KEYS.index("CB03")]
    told, _ = offer(unstated, *ideal(unstated))
    assert told["basis_fen"] == 50_000_000
    assert pd.isna(told["cover"])


def test_caps_are_raised_only_by_their_fact():
    product = ALL[KEYS.index("HH01")]
    people, assets = ideal(product)
    people["line_fen"] = 60_000_000
    for answer, cap in ((True, 50_000_000), (False, 30_000_000), (pd.NA, 30_000_000)):
        told, _ = offer(product, people.assign(higher_cap=answer), assets)
        assert told["amount_fen"] == cap
        assert told["limited_by"] == "cap"


@pytest.mark.parametrize(
    ("key", "change", "reason"),
    [
        ("FM04", {"age_yr": 61.0}, "age"),
        ("FM02", {"debt_ratio": 0.6}, "debt_ratio"),
        ("FM10", {"area_mu": 999.0}, "area"),
        ("FM10", {"kind": "household", "area_mu": 199.0}, "area"),
        ("AG01", {"sows": 99}, "sows"),
        ("HH02", {"line_fen": 4_999_900}, "minimum"),
        ("HH01", {"line_fen": 0}, "amount"),
    ],
)
def test_limits_refuse_by_name(key, change, reason):
    product = ALL[KEYS.index(key)]
    people, assets = ideal(product)
    told, reasons = offer(product, people.assign(**change), assets)
    assert told["verdict"] == "refused"
    assert reasons["reason"].tolist() == [reason]
    assert pd.isna(told["amount_fen"])


@pytest.mark.parametrize("key", ["FM06", "FM17", "GE07"])
def test_a_cap_is_no_amount(key):
    product = ALL[KEYS.index(key)]
    people, assets = ideal(product)
    told, _ = offer(product, people, assets)
    assert pd.isna(told["amount_fen"])
    assert told["cap_fen"] == product.amount_max_fen
    assert told["verdict"] == "open"
    if product.amount_min_fen:
        few, reasons = offer(product, people.assign(wanted_fen=9_999_900), assets)
        assert few["verdict"] == "refused"
        assert reasons["reason"].tolist() == ["minimum"]


@pytest.mark.parametrize(
    ("key", "place", "fact", "amount_fen"),
    [
        ("HH03", "浙江/衢州/江山", False, 30_000_000),
        ("HH03", "浙江/衢州/江山", True, 50_000_000),  # some areas of Zhejiang
        ("HH02", "浙江/杭州/萧山", False, 100_000_000),
        ("HH01", "浙江/杭州/萧山", False, 30_000_000),  # its own cap is the lower one
    ],
)
def test_a_line_never_passes_the_cap_of_its_place(key, place, fact, amount_fen):
    product = ALL[KEYS.index(key)]
    people, assets = ideal(product)
    people = people.assign(place=place, line_fen=500_000_000, higher_cap=fact)
    told, _ = offer(product, people, assets)
    assert (told["amount_fen"], told["limited_by"]) == (amount_fen, "cap")


def test_a_line_without_a_cap_in_force_is_open():
    product = replace(ALL[KEYS.index("HH03")], places=("江西",))
    people, assets = ideal(product)
    told, reasons = offer(product, people.assign(line_fen=500_000_000), assets)
    assert told["verdict"] == "open"
    assert pd.isna(told["amount_fen"])
    assert reasons["reason"].tolist() == ["own_cap"]


@pytest.mark.parametrize("fact", ["clear_title", "unpledged", "unseized"])
@pytest.mark.parametrize("key", ["CB05", "FM02", "FM09"])
def test_what_is_pledged_seized_or_disputed_is_not_taken_again(key, fact):
    product = ALL[KEYS.index(key)]
    people, assets = ideal(product)
    told, reasons = offer(product, people.assign(**{fact: False}), assets)
    assert told["verdict"] == "refused"
    assert reasons["reason"].tolist() == ["encumbered"]
    assert offer(product, people.assign(**{fact: pd.NA}), assets)[0]["verdict"] == "offered"


def test_reasons_do_not_state_what_is_not_known():
    product = ALL[KEYS.index("FM02")]
    people, assets = ideal(product)
    _, reasons = offer(product, people.drop(columns="debt_ratio"), assets)
    assert reasons[["zh", "known"]].values.tolist() == [["未说明资产负债率(须低于 60%)", False]]
    _, reasons = offer(product, people.assign(debt_ratio=0.7), assets)
    assert reasons[["zh", "known"]].values.tolist() == [["资产负债率未低于 60%", True]]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"place": ""}, "place"),
        ({"place": "浙江省丽水市云和县"}, "place"),
        ({"kind": "农户"}, "borrower"),
        ({"listed_public_forest": "no"}, "fact"),
    ],
)
def test_cells_that_cannot_be_read_are_not_known(change, reason):
    product = ALL[KEYS.index("FM09")]
    people, assets = ideal(product)
    findings = Findings()
    found = match(people.assign(**change), assets, [product], DAY, findings=findings)
    assert found.offers["verdict"].tolist() == ["open"]
    assert found.reasons[["reason", "known"]].values.tolist() == [[reason, False]]
    assert findings.table()[["code", "column"]].values.tolist() == [["E876", *change]]


@pytest.mark.parametrize("ratio", [-3.0, float("inf")])
def test_a_ratio_below_nought_is_none(ratio):
    product = ALL[KEYS.index("FM02")]
    people, assets = ideal(product)
    findings = Findings()
    found = match(people.assign(debt_ratio=ratio), assets, [product], DAY, findings=findings)
    assert found.offers["verdict"].tolist() == ["open"]
    assert findings.table()["code"].tolist() == ["E876"]


def test_an_asset_that_cannot_be_read_is_not_a_missing_one():
    product = ALL[KEYS.index("FM09")]
    people, assets = ideal(product)
    for change in ({"kind": "公益林补偿"}, {"yearly_fen": 10**14}, {"yearly_fen": 0.5}):
        findings = Findings()
        found = match(people, assets.assign(**change), [product], DAY, findings=findings)
        assert found.reasons[["reason", "known"]].values.tolist() == [["asset", False]]
        assert findings.table()["code"].tolist() == ["E942"]


def test_nothing_is_lent_on_twice():
    people, assets = ideal(ALL[KEYS.index("FM09")])
    findings = Findings()
    twice = pd.concat([assets, assets])
    found = match(people, twice, [ALL[KEYS.index("FM09")]], DAY, findings=findings)
    assert found.offers["amount_fen"].tolist() == [15_000_000]
    assert findings.table()["code"].tolist() == ["E877"]
    people, assets = ideal(ALL[KEYS.index("AG01")])
    two = pd.concat([assets, assets.assign(value_fen=7)])  # one deposit, stated on two rows
    assert offer(ALL[KEYS.index("AG01")], people, two)[0]["amount_fen"] == 8_000_000


def test_sums_do_not_wrap():
    product = replace(ALL[KEYS.index("FM09")], factor=Decimal("1e15"))
    people, assets = ideal(product)
    told, reasons = offer(product, people, assets)
    assert pd.isna(told["amount_fen"])
    assert reasons["reason"].tolist() == ["value"]


def test_the_catalogue_is_that_of_the_day():
    then = {product.product for product in products(date(2024, 8, 20))}
    assert {"PT01", "FM24", "HH02"} < then
    assert not then & {"HH03", "CB05", "FM13"}  # seen later
    on_lent = next(one for one in products(date(2024, 8, 20)) if one.product == "PT01")
    people = ideal(on_lent)[0].assign(place="浙江省/丽水市/莲都区")
    none = pd.DataFrame({"borrower": [], "kind": [], "value_fen": []})
    for day, verdict in ((date(2024, 8, 20), "open"), (date(2024, 8, 21), "refused")):
        found = match(people, none, [on_lent], day, findings=Findings()).offers
        assert found["verdict"].tolist() == [verdict]


def test_an_earlier_edition_can_still_be_read():
    old = products(DAY, catalogue=parameters("finance-products@2026-1"))
    assert [one.product for one in old] == KEYS
    assert old[KEYS.index("GE07")].rule == "fixed"
    assert old[KEYS.index("FM05")].lenders == ("农商行", "林权收储公司")


def test_a_value_that_is_not_stated_leaves_the_product_open():
    product = ALL[KEYS.index("FM01")]
    people, assets = ideal(product)
    told, reasons = offer(product, people, assets.assign(value_fen=pd.NA))
    assert told["verdict"] == "open"
    assert reasons["reason"].tolist() == ["value"]


def test_small_loans_are_appraised_by_the_bank():
    product = ALL[KEYS.index("FM01")]
    people, assets = ideal(product)
    assert offer(product, people, assets)[0]["appraised_by"] == "outside"  # exactly 300,000
    smaller = people.assign(wanted_fen=29_999_900)
    assert offer(product, smaller, assets)[0]["appraised_by"] == "bank"


def test_offers_are_ranked_by_what_is_of_use_then_by_rate():
    people, assets = ideal(ALL[KEYS.index("FM01")])
    people = people.assign(joint_title=True, clear_title=True, title_certificate=True,
                           fire_insurance=True)  # fmt: skip
    found = match(people, assets, ALL, DAY, findings=Findings()).offers
    good = found[found["verdict"] == "offered"]
    assert good["product"].head(3).tolist() == ["FM02", "FM01", "FM03"]
    assert found["rank"].tolist() == list(range(1, 59))
    order = {"offered": 0, "open": 1, "refused": 2}
    assert found["verdict"].map(order).is_monotonic_increasing


def test_one_bank_one_product():
    table = by_lender(ALL)
    assert set(table["product"]) == set(KEYS) - {"CB14"}
    assert not table.duplicated().any()
    people, assets = ideal(ALL[KEYS.index("FM01")])
    found = match(people, assets, ALL, DAY, findings=Findings()).offers
    assert not set(table["lender"]) & {
        "县担保公司", "林投公司", "林权收储公司", "绿瓯担保", "人保", "银行", "金融机构", "农商行",
    }  # fmt: skip
    assert table.loc[table["lender"] == "兴业银行", "product"].tolist() == [
        "CB02", "CB07", "CB09", "FM14",
    ]  # fmt: skip
    single = one_per_lender(found)
    kinds = one_per_lender(_two_of_a_kind(found))
    assert kinds["product"].tolist() == ["AG02", "WR01", "FM14"]
    assert not single.duplicated(["borrower", "lender"]).any()
    assert (single["verdict"] != "refused").all()


def _two_of_a_kind(found):
    """Banks of two provinces told only as such, and two products of one bank."""
    rows = found[found["product"].isin(["AG02", "WR01", "FM14", "CB02"])].assign(verdict="open")
    return rows.set_index("product").loc[["AG02", "WR01", "FM14", "CB02"]].reset_index()


def test_the_list_of_counties_is_that_of_the_day():
    places = pd.Series(["浙江省/丽水市/莲都区", "浙江/舟山/嵊泗", "浙江/丽水/云和"], dtype="string")
    allowed = ALL[KEYS.index("PT01")].places
    assert in_places(places, allowed, date(2024, 8, 20)).tolist() == [True, False, True]
    assert in_places(places, allowed, date(2024, 8, 21)).tolist() == [False, True, True]
    with pytest.raises(NotInForceError):
        in_places(places, allowed, date(2020, 12, 31))


def test_unusable_assets_are_told_and_left_out():
    people, _ = ideal(ALL[0])
    assets = pd.DataFrame({"borrower": ["B", "X", "B"], "kind": ["gold", "carbon", "carbon"],
                           "value_fen": [1, 1, -1]})  # fmt: skip
    findings = Findings()
    found = match(people, assets, ALL, DAY, findings=findings)
    assert findings.table()["code"].tolist() == ["E942"] * 3
    assert (found.reasons["reason"] == "asset").any()


def test_wrong_calls_are_refused():
    people, assets = ideal(ALL[0])
    with pytest.raises(ConfigError, match="E941"):
        match(pd.concat([people, people]), assets, ALL, DAY, findings=Findings())
    with pytest.raises(VocabularyError, match="E004"):
        match(people.drop(columns="place"), assets, ALL, DAY, findings=Findings())
    assert match(people, assets, [], DAY, findings=Findings()).offers.empty


OWN = """
facts = ["有机认证"]

[products.ZX01]
name_zh = "有机林下贷"
name_en = "Organic under-forest loan"
lender = "某银行"
family = "under_forest"
forestry = true
instrument = "pledge"
places = ["江西/抚州/资溪"]
assets = ["income_certificate"]
facts = ["有机认证"]
rule = "yearly"
factor = 3
rate = 0.04
source = "内部产品手册"
confidence = "assumed"
"""


def test_own_products_join_the_catalogue(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8")
    own = read_products(file)
    assert len(products(DAY, own=own)) == 59
    people, assets = ideal(own[0])
    told, _ = offer(own[0], people, assets)
    assert told["amount_fen"] == 3_000_000
    _, reasons = offer(own[0], people.drop(columns="有机认证"), assets)
    assert reasons["zh"].tolist() == ["未说明是否:有机认证"]
    with pytest.raises(ConfigError, match="E940"):
        products(DAY, own=[*own, *own])


def test_places_of_an_own_product_may_have_their_endings(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(OWN.replace("江西/抚州/资溪", "江西省/抚州市"), encoding="utf-8")
    (own,) = read_products(file)
    people, assets = ideal(own)
    assert (
        offer(own, people.assign(place="江西省/抚州市/资溪县"), assets)[0]["verdict"] == "offered"
    )


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("factor = 3\n", "", "E940"),
        ('assets = ["income_certificate"]', 'assets = ["gold"]', "E940"),
        ('facts = ["有机认证"]\n\n', "\n", "E940"),
        ("rate = 0.04", "rate = 4", "E240"),
        ('rule = "yearly"', 'rule = "guess"', "E233"),
        ("rate = 0.04", "raised_max = 5", "E940"),
        ("factor = 3", "factor = 1e30", "E240"),
        ("rate = 0.04", "amount_min = 9\namount_max = 8", "E940"),
        ("rate = 0.04", "age_min = 61\nage_max = 18", "E940"),
        ("rate = 0.04", 'amount_max = 9\nraised_max = 8\nraised_if = "guaranteed"', "E940"),
        ("rate = 0.04", 'raised_max = 8\nraised_if = "guaranteed"', "E940"),
        ('places = ["江西/抚州/资溪"]', "places = []", "E940"),
        ('"有机认证"]', '"kind"]', "E940"),
        ('lender = "某银行"\n', "", "E232"),
        ("forestry = true", "forestry = true\ncolour = 1", "E231"),
        ("[products.ZX01]", "[products.ZX01", "E247"),
    ],
)
def test_own_products_are_read_strictly(tmp_path, old, new, code):
    file = tmp_path / "own.toml"
    file.write_text(OWN.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=code):
        read_products(file)
