"""`--where`: one condition on single rows, or nothing."""

import duckdb
import pytest

from baliza.errors import InvalidConditionError
from baliza.publish.condition import parse
from tests.publish.export.conftest import THINGS


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("uf_sigla = 'SC' AND ano >= 2025", ["000"]),
        ("UF_SIGLA IN ('AC', 'SC')", ["000", "001"]),
        ("ano IS NULL -- those that do not say", ["002"]),
        ("NOT (uf_sigla LIKE 'S%')", ["001"]),
        ("valor BETWEEN -2 AND 2 OR lower(nome_fornecedor) = 'x'", ["000"]),
        ("extract(year FROM dia) = 2025", ["001"]),
        ("list_contains(['AC'], uf_sigla)", ["001"]),
        ("CASE WHEN uf_sigla IS NULL THEN true ELSE false END", ["002"]),
        ("dia >= '2025-01-01'", ["001"]),
        ("fontes[1].nome = 'f'", ["001"]),
    ],
)
def test_a_condition_chooses_rows(things, fill, typed, numbers):
    fill(
        {"uf_sigla": "SC", "ano": 2025, "valor": 1},
        {"uf_sigla": "AC", "ano": 2024, "dia": "2025-02-03", "fontes": [{"codigo": 1, "nome": "f"}]},
        {},
    )
    chosen = things.execute(
        f"SELECT numero FROM mart.things AS t WHERE ({parse(typed, [THINGS])}) ORDER BY numero"
    )

    assert [number for (number,) in chosen.fetchall()] == numbers


@pytest.mark.parametrize(
    "typed",
    [
        "1 = 1) UNION SELECT 1 WHERE (true",
        "1 = 1) ORDER BY (1",
        "1 = 1) LIMIT 5 --",
        "1 = 1) QUALIFY (true",
        "1 = 1) GROUP BY (1",
        "1 = 1; DROP TABLE mart.things",
        "true) ; COPY (SELECT 1) TO '/tmp/x' --",
        "EXISTS (SELECT * FROM read_text('/etc/passwd'))",
        "ano = (SELECT count(*) FROM '/etc/passwd')",
        "ano > ALL (SELECT 1)",
        "read_text('/etc/passwd') IS NULL",
        "sum(ano) > 1",
        "row_number() OVER () = 1",
        "random() > 0.5",
        "nextval('s') = 1",
        "error('x') IS NULL",
        "COLUMNS(*) IS NULL",
        "ano = ?",
        "ano = $x",
        "/* */",
        "ano =",
        "\x00",
        "))))",
    ],
)
def test_what_is_more_or_less_than_a_condition_is_refused(typed):
    with pytest.raises(InvalidConditionError):
        parse(typed, [THINGS])


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("uf = 'SC'", "mart.things has no column uf; the nearest: uf_sigla."),
        ("nome_forncedor = 'x'", "the nearest: nome_fornecedor"),
        ('uf_sigla = "SC"', "A text stands in single quotes."),
        (
            "lowr(uf_sigla) = 'sc'",
            "There is no function lowr of single rows that only answers; the nearest: lower",
        ),
    ],
)
def test_the_nearest_are_named(typed, told):
    with pytest.raises(InvalidConditionError) as refused:
        parse(typed, [THINGS])

    assert told in str(refused.value)


def test_a_condition_of_the_wrong_type_is_refused_before_anything_is_written(fill, exported, tmp_path):
    fill({"uf_sigla": "SC"})

    with pytest.raises(InvalidConditionError, match="does not fit its columns"):
        exported("csv", condition=parse("uf_sigla > 5", [THINGS]))
    assert not (tmp_path / "out").exists()


def test_what_is_exported_are_the_rows_that_meet_it(fill, exported):
    fill({"uf_sigla": "SC"}, {"uf_sigla": "AC"})
    output = exported("parquet", condition=parse("uf_sigla = 'AC'", [THINGS]))

    assert duckdb.execute(f"SELECT numero FROM '{output}/mart.things.parquet'").fetchall() == [("001",)]
