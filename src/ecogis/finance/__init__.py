"""The finance around the loan: collection, collateral centre, guarantee, products, households.

In: parcels with holders and prices, agreements, cases, a guarantee book, borrowers with assets,
household items, and what the pledge ledger and the valuation say, as tables. Out: a ledger that
replays, groups of joined land and whom to ask next, payouts to the 分, every limit with what is
left under it, offers and household lines with their reasons, and a county's indicators. Money is
int64 fen.

Names are loaded on first use.
"""

from ecogis.core.loading import on_first_use

_MODULES = {
    "asking": ("Asked", "ask_next"),
    "centre": ("Docket", "overdue_cases", "replayed"),
    "centre_cases": ("Case", "Step"),
    "collection": ("Collection", "Lot"),
    "collection_ledger": ("CollectionLedger",),
    "collection_tables": ("in_force", "owner_columns", "payments", "transactions"),
    "guarantee": ("BookCheck", "check_book"),
    "guarantee_focus": ("policy_focus",),
    "guarantee_limits": ("GuaranteeRules", "guarantee_rules"),
    "guarantee_proposals": ("GuaranteeBook", "Proposal"),
    "households": ("balance_sheets", "household_rules"),
    "households_forest": ("annuity_value", "capitalised_value", "forest_items"),
    "households_lines": ("decisions", "score"),
    "indicators": ("county_sums", "indicator_board", "observations"),
    "insurance": (
        "cost_payout",
        "index_payout",
        "premium_shares",
        "service_lists",
        "share_premium",
    ),
    "joining": ("adjacent", "contiguity_groups", "group_figures", "groups_before_after"),
    "movements": ("Holding",),
    "onlending": ("onlending_prices",),
    "parties": ("related_groups",),
    "payout": ("Claim", "owed_fen", "shortfalls", "waterfall"),
    "products": ("Product", "by_lender", "products", "read_products"),
    "products_match": ("Matched", "match", "one_per_lender"),
    "products_places": ("mountain_counties",),
    "products_values": ("compensation_value", "hydro_energy", "pledge_share", "water_right_value"),
    "requests": ("requests_at",),
    "reserves": ("asset_mix", "capital_shortfall", "loss_reserve", "unearned_fee_reserve"),
    "risk_sharing": (
        "check_shares",
        "compensations",
        "reguarantee_fee",
        "risk_shares",
        "share_loss",
    ),
    "schedules": (
        "Payment",
        "dividend",
        "instalments",
        "profit_part",
        "split",
        "ticket_floor",
        "to_parties",
        "tonne_price",
        "yearly",
    ),
}

__all__ = on_first_use(__name__, _MODULES)  # noqa: PLE0605 - names of strings
