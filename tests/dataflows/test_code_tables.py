import csv
import re
from pathlib import Path

from dataflows import code_tables, domains


def test_every_file_is_committed_and_no_code_repeats():
    files = sorted(Path(domains.__file__).with_suffix("").glob("*.csv"))
    assert tuple(file.stem for file in files) == code_tables.committed()
    for file in files:
        codes = [row["codigo"] for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())]
        assert len(codes) == len(set(codes)) > 0


def test_what_the_dataflow_uses_and_what_pncp_serves_is_committed():
    assert set(domains.NAMES) | set(code_tables.API_PATHS) <= set(code_tables.committed())


def test_paths_are_of_pncps_first_version_and_no_two_tables_have_one():
    assert all(re.fullmatch("/v1/[a-zA-Z-]+", path) for path in code_tables.API_PATHS.values())
    assert len(set(code_tables.API_PATHS.values())) == len(code_tables.API_PATHS)


def test_inactive_codes_have_their_label_too():
    assert code_tables.labels("tipo_instrumento_convocatorio")["5"] == "Não se Aplica"


def test_codes_keep_their_zeros():
    assert code_tables.labels("natureza_juridica")["0000"] == "Natureza Jurídica não informada"


def test_tables_are_the_official_ones(real_pages):
    official = {}
    for row in csv.DictReader(
        (real_pages.parent / "domain_tables.csv").read_text(encoding="utf-8").splitlines()
    ):
        official.setdefault(row["tabela"], {})[row["codigo"]] = row["rotulo"]
    assert {name: code_tables.labels(name) for name in code_tables.committed()} == official
