from pathlib import Path

from baliza.simulator import truth


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
