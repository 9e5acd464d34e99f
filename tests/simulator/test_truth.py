from datetime import date
from pathlib import Path

from baliza.simulator import truth
from baliza.simulator.world import world


def test_what_is_written_is_read(tmp_path: Path, month: list[dict]):
    path = tmp_path / "truth.ndjson"
    undated = [{key: value for key, value in month[0].items() if key != "dataAtualizacaoGlobal"}]
    assert truth.write(path, {"contratos": month, "contratos_atualizacao": undated}) == len(month) + 1
    entries = truth.read(path)
    assert [entry["record"] for entry in entries] == month + undated
    assert set(entries[0]) == {"endpoint", "key", "day", "record"}
    assert entries[0]["key"] == month[0]["numeroControlePNCP"]
    assert entries[0]["day"] == month[0]["dataPublicacaoPncp"][:10]
    assert (entries[-1]["endpoint"], entries[-1]["day"]) == ("contratos_atualizacao", None)


def test_one_line_per_record_whatever_the_texts_hold(tmp_path: Path, year: list[dict]):
    path = tmp_path / "truth.ndjson"
    dirty = [row for row in year if "\r" in row["objetoContrato"] or "\n" in row["objetoContrato"]]
    assert truth.write(path, {"contratos": dirty}) == len(dirty) > 10
    assert path.read_bytes().count(b"\n") == len(dirty)
    assert [entry["record"] for entry in truth.read(path)] == dirty


def test_every_endpoint_has_its_own_keys(tmp_path: Path):
    path = tmp_path / "truth.ndjson"
    held = world(seed=1, since=date(2025, 3, 3), until=date(2025, 3, 30), per_day=10)
    lines = truth.write(path, held)
    keys: dict[str, list[str]] = {}
    for entry in truth.read(path):
        keys.setdefault(entry["endpoint"], []).append(entry["key"])
    assert sum(len(found) for found in keys.values()) == lines
    assert all(len(found) == len(set(found)) for found in keys.values())
    assert len(keys["pca"]) == sum(len(plan["itens"]) for plan in held["pca"])
    control, rows = next(iter(held["resultados"].items()))
    assert keys["resultados"][0] == f"{control}/{rows[0]['numeroItem']}/{rows[0]['sequencialResultado']}"
