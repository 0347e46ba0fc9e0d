"""The catalogue of products: each read, matched and refused; ranks, reasons, own products."""

from datetime import date

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, NotInForceError, VocabularyError
from ecogis.core.findings import Findings
from ecogis.finance.products import by_lender, product_words, products, read_products
from ecogis.finance.products_match import match, one_per_lender
from ecogis.finance.products_places import in_places

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
    assert told["verdict"] == "offered"
    assert reasons.empty
    assert pd.isna(told["amount_fen"]) == (product.rule == "unstated")


@pytest.mark.parametrize("product", ALL, ids=KEYS)
def test_each_product_is_refused_with_every_reason(product):
    people, assets = ideal(product)
    people = people.assign(place="西藏/拉萨", kind="bank", **dict.fromkeys(product.facts, False))
    told, reasons = offer(product, people, assets.head(0))
    assert told["verdict"] == ("refused" if len(reasons) else "offered")
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
    assert told["verdict"] == ("open" if asked or product.places != ("全国",) or
                               product.debt_ratio_max else "offered")  # fmt: skip
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
        ("FM06", 20_000_000),  # the stated cap
        ("AG01", 8_000_000),  # 8 x the risk deposit
        ("CB05", 1_000_000_000),  # 20 x appraised value
        ("GE07", 30_000_000),
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
    single = one_per_lender(found)
    assert not single.duplicated(["borrower", "lender"]).any()
    assert (single["verdict"] != "refused").all()


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
    assert reasons["zh"].tolist() == ["须满足:有机认证"]
    with pytest.raises(ConfigError, match="E940"):
        products(DAY, own=[*own, *own])


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("factor = 3\n", "", "E940"),
        ('assets = ["income_certificate"]', 'assets = ["gold"]', "E940"),
        ('facts = ["有机认证"]\n\n', "\n", "E940"),
        ("rate = 0.04", "rate = 4", "E240"),
        ('rule = "yearly"', 'rule = "guess"', "E233"),
        ("rate = 0.04", "raised_max = 5", "E940"),
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
