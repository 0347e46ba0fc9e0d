from ecogis.valuation import cash_flow, net_present_fen, price_path, sensitivities


def test_each_assumption_is_changed_alone(reference, flat, issuances, no_terms, day, findings):
    def value(model, rate):
        path = price_path(reference, model, issuances["issuance_date"])
        flow = cash_flow(
            issuances, path, (), terms=no_terms, rate=rate, date=day, area_ha=None,
            findings=findings,
        )  # fmt: skip
        return net_present_fen(flow)

    table = sensitivities(
        flat, 0.25, value, price_steps=(-0.5, 0.5), rate_steps=(-0.25, -0.9), growth_steps=(0.25,)
    )
    assert table["factor"].tolist() == ["base", "price", "price", "rate", "rate", "growth"]
    assert table["value_fen"].tolist() == [
        16_640_000,
        8_320_000,
        24_960_000,
        24_000_000,
        24_000_000,  # a rate never falls below zero
        24_000_000,  # growth equal to the rate undoes it
    ]
    assert table["difference_fen"].tolist()[:2] == [0, -8_320_000]
