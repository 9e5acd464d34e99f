"""CPFs are hidden where they are read: no function, join or aggregate of a query brings one back."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baliza.publish.masking import mask
from baliza.publish.mcp.sandbox import Sandbox
from baliza.publish.mcp.worker import Worker

Decode = Callable[[str], str]


def _same(text: str) -> str:
    return text


def _backwards(text: str) -> str:
    return text[::-1]


def _unhex(text: str) -> str:
    return " ".join(
        bytes.fromhex(found).decode("utf-8", "replace") for found in re.findall(r"(?:[0-9A-Fa-f]{2})+", text)
    )


def _unbase64(text: str) -> str:
    return " ".join(
        base64.b64decode(found).decode("utf-8", "replace")
        for found in re.findall(r"[\w+/]+={0,2}", text)
        if len(found) % 4 == 0
    )


def _joined(text: str) -> str:
    return re.sub(r"[^0-9*]", "", text)


def _from_codes(text: str) -> str:
    return "".join(chr(int(code)) for code in re.findall(r"\d+", text))


def _from_bits(text: str) -> str:
    return " ".join(
        bytes(int(found[at : at + 8], 2) for at in range(0, len(found) - 7, 8)).decode("utf-8", "replace")
        for found in re.findall(r"[01]{8,}", text)
    )


ONE = "FROM mart.suppliers WHERE tipo_pessoa_id = 'PF'"

EVASIONS: dict[str, tuple[str, Decode]] = {
    "as it is": (f"SELECT ni_fornecedor, nome_fornecedor {ONE}", _same),
    "concatenated": (f"SELECT 'x' || ni_fornecedor || 'y' {ONE}", _same),
    "between letters": (f"SELECT regexp_replace(ni_fornecedor, '(.)', '\\1_', 'g') {ONE}", _joined),
    "cut in two": (f"SELECT left(ni_fornecedor, 6), substr(ni_fornecedor, 7) {ONE}", _joined),
    "letter by letter": (f"SELECT string_split(ni_fornecedor, '') {ONE}", _joined),
    "reversed": (f"SELECT reverse(ni_fornecedor) {ONE}", _backwards),
    "as a number": (f"SELECT TRY_CAST(ni_fornecedor AS BIGINT) {ONE}", _same),
    "as a decimal": (f"SELECT TRY_CAST(ni_fornecedor AS DECIMAL(38, 4)) {ONE}", _same),
    "plus zero": (f"SELECT TRY_CAST(regexp_replace(ni_fornecedor, '[^0-9]', '', 'g') AS HUGEINT) + 0 {ONE}", _same),
    "as hex": (f"SELECT hex(ni_fornecedor) {ONE}", _unhex),
    "as base64": (f"SELECT base64(encode(ni_fornecedor)) {ONE}", _unbase64),
    "as bits": (f"SELECT to_binary(ni_fornecedor) {ONE}", _from_bits),
    "as a blob": (f"SELECT ni_fornecedor::BLOB {ONE}", _unhex),
    "as codes": (f"SELECT list_transform(string_split(ni_fornecedor, ''), c -> ascii(c)) {ONE}", _from_codes),
    "in a URL": (f"SELECT url_encode(ni_fornecedor) {ONE}", _same),
    "translated": (f"SELECT translate(ni_fornecedor, '0123456789', 'abcdefghij') {ONE}", lambda text: text.translate(str.maketrans("abcdefghij", "0123456789"))),
    "in a list": (f"SELECT list(ni_fornecedor) {ONE}", _same),
    "in a struct": (f"SELECT {{'a': ni_fornecedor}} {ONE}", _same),
    "in a map": (f"SELECT map {{ni_fornecedor: 1}} {ONE}", _same),
    "as JSON": (f"SELECT to_json(s) FROM (SELECT * {ONE}) AS s", _same),
    "a whole row": (f"SELECT s FROM (SELECT * {ONE}) AS s", _same),
    "string_agg": (f"SELECT string_agg(ni_fornecedor, ',') {ONE}", _same),
    "histogram": (f"SELECT histogram(ni_fornecedor) {ONE}", _same),
    "the least": (f"SELECT min(ni_fornecedor), max(ni_fornecedor), mode(ni_fornecedor) {ONE}", _same),
    "in a window": (f"SELECT lag(ni_fornecedor) OVER (ORDER BY valor_contratos) {ONE}", _same),
    "in an error": (f"SELECT ni_fornecedor::DATE {ONE}", _same),
    "in an error of its own": (f"SELECT error(ni_fornecedor) {ONE}", _same),
    "through WITH": (f"WITH a AS MATERIALIZED (SELECT ni_fornecedor AS x {ONE}) SELECT reverse(reverse(x)) FROM a", _same),
    "in a name of a column": (f"SELECT COLUMNS('ni_.*') {ONE}", _same),
    "of a contract": ("SELECT ni_fornecedor, nome_fornecedor FROM stage.contratos WHERE tipo_pessoa_id = 'PF'", _same),
    "of the largest supplier": ("SELECT maior_fornecedor, nome_maior_fornecedor FROM mart.concentration", _same),
    "of a flag": ("SELECT subject, evidencias FROM mart.red_flags", _same),
    "inside a name, without letters": ("SELECT regexp_replace(nome_fornecedor, '[^0-9]', '', 'g') FROM mart.suppliers", _same),
    "from other names": ("SELECT unnest(outros_nomes) FROM stage.fornecedores", _same),
    "found by similarity": (f"SELECT ni_fornecedor, levenshtein(ni_fornecedor, '00000000000') {ONE}", _same),
}  # fmt: skip


@pytest.fixture(scope="module")
def cpfs(sample: Path) -> set[str]:
    """Every CPF in the file, of identifications and inside names."""
    with duckdb.connect(sample, read_only=True) as con:
        rows = con.execute("SELECT ni_fornecedor, nome_fornecedor FROM stage.contratos").fetchall()
    found = {cpf for row in rows for text in row if text for cpf in re.findall(r"(?<!\d)\d{11}(?!\d)", text)}
    assert len(found) > 50
    return found


@pytest.mark.parametrize(("sql", "decode"), EVASIONS.values(), ids=EVASIONS)
def test_no_way_of_asking_brings_a_cpf_back(
    sandbox: Sandbox, cpfs: set[str], sql: str, decode: Decode
) -> None:
    try:
        answered: Any = sandbox.run(sql, rows=1000).rows
        assert answered
    except Exception as error:  # noqa: BLE001 - what an error tells is an answer too
        answered = str(error)
    for text in (json.dumps(answered, ensure_ascii=False), decode(json.dumps(answered, ensure_ascii=False))):
        assert not [cpf for cpf in cpfs if cpf in text]


def test_a_guess_finds_nobody(sandbox: Sandbox, cpfs: set[str]) -> None:
    guesses = ", ".join(f"('{cpf}')" for cpf in sorted(cpfs))

    equal = f"SELECT count(*) FROM stage.contratos JOIN (VALUES {guesses}) AS g(cpf) ON ni_fornecedor = cpf"
    hashed = f"SELECT count(*) FROM stage.contratos JOIN (VALUES {guesses}) AS g(cpf) ON md5(ni_fornecedor) = md5(cpf)"
    like = f"SELECT count(*) FROM stage.contratos WHERE ni_fornecedor LIKE '{min(cpfs)[:5]}%' AND length(ni_fornecedor) = 11"

    assert [sandbox.run(sql).rows for sql in (equal, hashed, like)] == [[[0]], [[0]], [[0]]]


def test_what_is_shown_is_what_the_rule_of_every_face_shows(sandbox: Sandbox, sample: Path) -> None:
    sql = "SELECT DISTINCT ni_fornecedor, nome_fornecedor FROM stage.contratos WHERE tipo_pessoa_id = 'PF' ORDER BY ALL LIMIT 900"
    with duckdb.connect(sample, read_only=True) as con:
        rows = con.execute(sql.replace(" ORDER BY ALL LIMIT 900", "")).fetchall()

    expected = {tuple(mask(text) for text in row) for row in rows}
    assert {tuple(row) for row in sandbox.run(sql, rows=1000).rows} <= expected
    assert len(expected) > 10


def test_nested_columns_and_json_are_masked_and_keep_their_shape(tmp_path: Path) -> None:
    path = tmp_path / "nested.duckdb"
    with duckdb.connect(path) as con:
        con.execute("CREATE SCHEMA mart")
        con.execute(
            """CREATE TABLE mart.nested AS SELECT
                ['12345678909', NULL] AS texts,
                {'a': '123.456.789-09', 'n': 1, 'deep': [{'b': '12345678909 98765432100'}]} AS nested,
                NULL::STRUCT(a VARCHAR) AS nothing,
                '{"cpf": 12345678909}'::JSON AS document,
                map {'12345678909': '12345678909'} AS mapped,
                12345678909.50::DECIMAL(20, 2) AS money"""
        )
    worker = Worker(path, memory="256MB", threads=1)

    told = worker.answer(
        {"sql": "SELECT * FROM mart.nested", "seconds": 20, "rows": 5, "size": 10_000, "cell": 500}
    )

    assert told["rows"] == [
        [
            ["***.456.789-**", None],
            {"a": "***.456.789-**", "n": 1, "deep": [{"b": "***.456.789-** ***.654.321-**"}]},
            None,
            '{"cpf": ***.456.789-**}',
            "{***.456.789-**=***.456.789-**}",
            "12345678909.50",
        ]
    ]
