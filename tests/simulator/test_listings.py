from baliza.simulator.endpoints import ENDPOINTS, day_of
from baliza.simulator.listings import Listing

CONTRATOS = ENDPOINTS["contratos"]


def test_window_holds_both_ends_and_nothing_else(month: list[dict]):
    window = Listing(CONTRATOS, month).window("2025-03-10", "2025-03-12", {})
    found = {row["numeroControlePNCP"] for row in window.take(range(window.total))}
    expected = {
        row["numeroControlePNCP"]
        for row in month
        if "2025-03-10" <= row["dataPublicacaoPncp"][:10] <= "2025-03-12"
    }
    assert found == expected
    assert expected


def test_window_of_an_organ_and_a_unit(month: list[dict]):
    organ = month[0]["orgaoEntidade"]["cnpj"]
    unit = month[0]["unidadeOrgao"]["codigoUnidade"]
    listing = Listing(CONTRATOS, month)
    of_organ = listing.window("2025-03-01", "2025-03-31", {"cnpjOrgao": organ})
    of_unit = listing.window(
        "2025-03-01", "2025-03-31", {"cnpjOrgao": organ, "codigoUnidadeAdministrativa": unit}
    )
    assert of_organ.total == sum(row["orgaoEntidade"]["cnpj"] == organ for row in month)
    assert of_unit.total == sum(
        (row["orgaoEntidade"]["cnpj"], row["unidadeOrgao"]["codigoUnidade"]) == (organ, unit) for row in month
    )
    assert listing.window("2025-03-01", "2025-03-31", {"cnpjOrgao": "00000000000000"}).total == 0
    assert (
        listing.window("2025-03-01", "2025-03-31", {"codigoUnidadeAdministrativa": "no such unit"}).total == 0
    )


def test_rows_without_the_date_are_never_shown(month: list[dict]):
    undated = [
        {key: value for key, value in row.items() if key != "dataAtualizacaoGlobal"} for row in month[:5]
    ]
    listing = Listing(ENDPOINTS["contratos_atualizacao"], undated + month[5:])
    assert listing.window("0001-01-01", "9999-12-31", {}).total == sum(
        "dataAtualizacaoGlobal" in row for row in month[5:]
    )
    assert day_of(ENDPOINTS["contratos_atualizacao"], undated[0]) is None
    assert day_of(CONTRATOS, undated[0]) == undated[0]["dataPublicacaoPncp"][:10]
