from dataflows import parameters


def test_defaults_are_those_of_the_design():
    assert parameters.inputs() == {
        "suspect_value": 10_000_000_000,
        "review_value": 1_000_000_000,
        "suspect_growth": 100,
        "review_growth": 10,
        "suspect_nines": 6,
        "earliest_year": 1990,
        "longest_term": 35,
        "longest_proposal": 10,
        "no_discount_share": 99,
        "bunching_share": 95,
        "repeated_direct_awards_from": 3,
        "year_end_share": 40,
        "year_end_contracts": 10,
        "year_end_months": 9,
        "concentrated_hhi": 2500,
        "flag_evidence": 20,
        "common_flag_share": 30,
        "least_computable_share": 50,
        "least_contracts_for_shares": 5,
        "least_details_coverage": 95,
    }


def test_each_is_named_for_itself_and_told_in_one_line():
    for name, parameter in parameters.PARAMETERS.items():
        assert name == parameter.name
        assert parameter.meaning
        assert "\n" not in parameter.meaning
