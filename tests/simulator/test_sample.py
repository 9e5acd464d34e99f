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
    (tmp_path / "old.jsonl.gz").write_bytes(b"")
    main(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == made


def test_manifest_counts_what_each_file_holds(made: dict[str, bytes]):
    manifest = json.loads(made["manifest.json"])
    assert manifest["synthetic"] is True
    assert (manifest["since"], manifest["until"]) == ("2025-01-01", "2025-06-30")
    counts = manifest["counts"]
    assert {count["file"] for count in counts.values()} == made.keys() - {"manifest.json"}
    assert counts["contratos"]["lines"] == 5044
    for endpoint, count in counts.items():
        lines = gzip.decompress(made[count["file"]]).count(b"\n")
        assert lines == count["lines"] or (endpoint == "contratacoes_proposta" and lines > count["lines"] > 0)


def test_the_whole_is_small(made: dict[str, bytes]):
    assert sum(len(data) for data in made.values()) < 3_000_000
