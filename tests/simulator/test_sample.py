import gzip
import json
from pathlib import Path

import pytest

from baliza.simulator.sample import FOLDER, files, main


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return files()


def contents(name: str, data: bytes) -> bytes:
    return gzip.decompress(data) if name.endswith(".gz") else data


def test_the_sample_in_the_tree_is_what_the_script_makes(made: dict[str, bytes]):
    kept = {
        path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()
    }
    kept.pop("README.md")
    assert kept.keys() == made.keys()
    for name, data in made.items():
        assert contents(name, kept[name]) == contents(name, data), name


def test_making_it_again_gives_the_same_bytes(made: dict[str, bytes], tmp_path: Path):
    (tmp_path / "contratos").mkdir()
    (tmp_path / "contratos" / "old.json.gz").write_bytes(b"")
    main(tmp_path)
    again = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert again == made


def test_manifest_says_what_each_page_is(made: dict[str, bytes]):
    manifest = json.loads(made["manifest.json"])
    assert manifest["synthetic"] is True
    assert (manifest["since"], manifest["until"]) == ("2025-01-01", "2025-06-30")
    assert {answer["file"] for answer in manifest["answers"]} == made.keys() - {"manifest.json"}
    for answer in manifest["answers"]:
        page = json.loads(gzip.decompress(made[answer["file"]]))
        assert str(page["numeroPagina"]) == answer["params"]["pagina"]
        start, end = answer["params"]["dataInicial"], answer["params"]["dataFinal"]
        days = {row["dataPublicacaoPncp"][:10].replace("-", "") for row in page["data"]}
        assert start <= min(days) <= max(days) <= end


def test_months_are_complete_and_the_whole_small(made: dict[str, bytes]):
    pages = [json.loads(gzip.decompress(data)) for name, data in made.items() if name.endswith(".gz")]
    keys = {row["numeroControlePNCP"] for page in pages for row in page["data"]}
    first_pages = [page for page in pages if page["numeroPagina"] == 1]
    assert len(first_pages) == 6
    assert len(keys) == sum(page["totalRegistros"] for page in first_pages)
    assert 4_500 < len(keys) < 5_500
    assert sum(len(data) for data in made.values()) < 3_000_000
