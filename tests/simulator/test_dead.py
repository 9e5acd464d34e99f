import pytest

from baliza.simulator.dead import dead
from baliza.simulator.faults import Faults

CONTRATOS = "/api/consulta/v1/contratos"
PCA = "/api/consulta/v1/pca/atualizacao"
MARCH = {"dataInicial": "20250301", "dataFinal": "20250331", "pagina": "1"}
ROW = Faults(dead_rows=frozenset({("20250301", "20250331", 120)}))

CASES = {
    "in the second page of 100": (ROW, CONTRATOS, {"pagina": "2", "tamanhoPagina": "100"}, True),
    "not in the first of 100": (ROW, CONTRATOS, {"tamanhoPagina": "100"}, False),
    "in the first page of the default size": (ROW, CONTRATOS, {}, True),
    "in the third page of a server that caps at 50": (
        Faults(dead_rows=ROW.dead_rows, cap=50), CONTRATOS, {"pagina": "3", "tamanhoPagina": "500"}, True
    ),
    "not in another window": (ROW, CONTRATOS, {"dataFinal": "20250330"}, False),
    "not where the page cannot be read": (ROW, CONTRATOS, {"pagina": "one"}, False),
    "a dead day under the names of the plans": (
        Faults(dead_days=frozenset({"20250305"})), PCA, {"dataInicio": "20250301", "dataFim": "20250331"}, True
    ),
    "no dead day where there is only an end": (
        Faults(dead_days=frozenset({"20250305"})), "/api/consulta/v1/contratacoes/proposta", {}, False
    ),
    "no dead day in a domain table": (
        Faults(dead_days=frozenset({"20250305"})), "/api/pncp/v1/modalidades", {}, False
    ),
}  # fmt: skip


@pytest.mark.parametrize(("faults", "path", "change", "expected"), CASES.values(), ids=CASES)
def test_dead(faults: Faults, path: str, change: dict, expected: bool):
    assert dead(faults, path, MARCH | change) is expected
