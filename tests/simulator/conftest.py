from datetime import date

import pytest

from baliza.simulator.answers import Records
from baliza.simulator.corpus import contratos
from baliza.simulator.world import world

FIELDS = (
    "numeroControlePncpCompra",
    "codigoPaisFornecedor",
    "anoContrato",
    "tipoContrato",
    "numeroContratoEmpenho",
    "dataAssinatura",
    "dataVigenciaInicio",
    "dataVigenciaFim",
    "niFornecedor",
    "tipoPessoa",
    "orgaoEntidade",
    "categoriaProcesso",
    "dataPublicacaoPncp",
    "dataAtualizacao",
    "sequencialContrato",
    "unidadeOrgao",
    "informacaoComplementar",
    "processo",
    "unidadeSubRogada",
    "orgaoSubRogado",
    "nomeRazaoSocialFornecedor",
    "niFornecedorSubContratado",
    "nomeFornecedorSubContratado",
    "numeroControlePNCP",
    "receita",
    "numeroParcelas",
    "numeroRetificacao",
    "tipoPessoaSubContratada",
    "objetoContrato",
    "valorInicial",
    "valorParcela",
    "valorGlobal",
    "valorAcumulado",
    "dataAtualizacaoGlobal",
    "identificadorCipi",
    "urlCipi",
    "usuarioNome",
)


@pytest.fixture(scope="session")
def fields() -> list[str]:
    """Field names of /v1/contratos as the OpenAPI of the real service declares them."""
    return list(FIELDS)


@pytest.fixture(scope="session")
def year() -> list[dict]:
    """Some 14,500 contracts of a year that reaches into the time of alphanumeric CNPJs."""
    return contratos(seed=7, since=date(2025, 10, 1), until=date(2026, 9, 30), per_day=40)


@pytest.fixture(scope="session")
def month() -> list[dict]:
    """Some 600 contracts."""
    return contratos(seed=3, since=date(2025, 3, 1), until=date(2025, 3, 31), per_day=20)


@pytest.fixture(scope="session")
def season() -> dict[str, Records]:
    """Everything around some 5,000 contracts, of months that reach into the time of alphanumeric CNPJs."""
    return world(seed=5, since=date(2026, 5, 1), until=date(2026, 8, 31), per_day=40)


@pytest.fixture(scope="session")
def purchases(season: dict) -> list[dict]:
    """The rows of the season's purchases."""
    return season["contratacoes_publicacao"]


@pytest.fixture(scope="session")
def items(season: dict) -> list[dict]:
    """The items of all of the season's purchases."""
    return [row for rows in season["itens"].values() for row in rows]


@pytest.fixture(scope="session")
def results(season: dict) -> list[dict]:
    """The results of all of the season's items."""
    return [row for rows in season["resultados"].values() for row in rows]
