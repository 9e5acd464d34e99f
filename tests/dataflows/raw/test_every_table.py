"""What holds of all raw contracts."""

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator, Mapping

import pytest

import dataflows.raw
from dataflows import code_tables
from dataflows.contract import Column, Contract
from dataflows.raw import provenance
from dataflows.raw.contratacoes import RawContratacoes
from dataflows.raw.itens import RawItens

MODULES = [
    importlib.import_module(f"{dataflows.raw.__name__}.{module.name}")
    for module in pkgutil.iter_modules(dataflows.raw.__path__)
]
CONTRACTS = [
    value
    for module in MODULES
    for value in vars(module).values()
    if isinstance(value, type) and issubclass(value, Contract) and value.__module__ == module.__name__
]
PROVENANCE = {
    "observation_id": provenance.OBSERVATION_ID,
    "observed_at": provenance.OBSERVED_AT,
    "source_endpoint": provenance.SOURCE_ENDPOINT,
    "request_id": provenance.REQUEST_ID,
    "content_hash": provenance.CONTENT_HASH,
    "unknown_fields": provenance.UNKNOWN_FIELDS,
}
PARENTLESS = {"RawItens", "RawResultados", "RawTermos"}
"""Contracts of records that do not say whose they are."""

every_contract = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)


def every_column(columns: Mapping[str, Column], path: str = "") -> Iterator[tuple[str, Column]]:
    """Each column and, after it, its members."""
    for name, column in columns.items():
        yield f"{path}{name}", column
        yield from every_column(column.members or {}, f"{path}{name}.")


@every_contract
def test_what_landing_adds_comes_last(contract):
    assert list(contract.columns.items())[-len(PROVENANCE) :] == list(PROVENANCE.items())


@every_contract
def test_the_key_is_never_null_and_ends_with_the_observation(contract):
    assert contract.key[-1] == "observation_id"
    assert not any(contract.columns[name].nullable for name in contract.key)


@every_contract
def test_what_does_not_say_whose_it_is_begins_with_its_parent(contract):
    first = next(iter(contract.columns.values()))
    assert (first is provenance.PARENT_KEY) == (contract.__name__ in PARENTLESS)


@every_contract
def test_names_differ_by_more_than_case(contract):
    """DuckDB refuses a table, and a struct, that has numeroControlePNCP and numeroControlePncp."""
    names = Counter(path.lower() for path, _ in every_column(contract.columns))
    assert {name for name, times in names.items() if times > 1} == set()


@every_contract
def test_every_meaning_is_a_sentence(contract):
    for path, column in every_column(contract.columns):
        assert column.meaning.endswith("."), path


@every_contract
def test_codes_belong_to_an_official_table_of_their_type(contract):
    for path, column in every_column(contract.columns):
        if column.domain:
            assert column.domain in code_tables.committed(), path
            if column.dtype.is_integer():
                assert all(code.isdecimal() for code in code_tables.labels(column.domain)), path


def test_what_is_published_is_what_landing_does_not_add():
    assert set(RawItens.columns) - set(provenance.published(RawItens)) == {"parent_key", *PROVENANCE}


@pytest.mark.parametrize(
    ("record", "misfit"),
    [
        pytest.param({"novo": 1}, "novo is unknown", id="unknown field"),
        pytest.param({"amparoLegal": {"novo": 1}}, "amparoLegal.novo is unknown", id="unknown member"),
        pytest.param(
            {"fontesOrcamentarias": [{"nome": "a"}, {"novo": 1}]}, "fontesOrcamentarias.novo", id="in a list"
        ),
        pytest.param({"amparoLegal": "a"}, "amparoLegal is not struct", id="text for an object"),
        pytest.param({"fontesOrcamentarias": {}}, "fontesOrcamentarias is not array", id="object for a list"),
        pytest.param({"processo": 1}, "processo = 1 is not string", id="number for a text"),
        pytest.param({"anoCompra": 2025.5}, "anoCompra = 2025.5 is not int32", id="fraction for a whole"),
        pytest.param({"srp": 1}, "srp = 1 is not boolean", id="number for a flag"),
        pytest.param({"dataInclusao": "30/01/2025"}, "is not timestamp", id="Brazilian date"),
        pytest.param({"modalidadeId": 99}, "modalidadeId = 99 is not in modalidade", id="unknown code"),
    ],
)
def test_the_check_of_real_answers_sees(assert_knows, record, misfit):
    with pytest.raises(AssertionError, match=misfit):
        assert_knows(RawContratacoes, [record])


def test_the_check_of_real_answers_takes_a_code_as_text(assert_knows):
    assert_knows(RawContratacoes, [{"situacaoCompraId": "1", "processo": None}])
