"""A mart made anew for the groups of records that changed."""

import pytest

from baliza.build import catalog, keyed
from baliza.build.driver import building
from baliza.build.newest import Choice, choices
from baliza.errors import ContractBrokenError
from dataflows.contract import Rule
from dataflows.mart.spending import MartSpending

TARGET = ["mart_spending"]
BY_GROUP = [node for node in catalog.tables().values() if node.contract.by_group]


@pytest.fixture
def file(records_file):
    """Twelve contracts of as many purchases, in six months and of two órgãos, everything built."""
    made = records_file()
    made.land(
        *(made.record(key, month=key % 6, orgao=key // 6, purchase=key, supplier=1) for key in range(12))
    )
    made.build(TARGET)
    return made


def _spent(file, column="valor_contratos::INT"):
    """Of each month and órgão."""
    rows = file.query(f"SELECT month(mes) - 1, cnpj_orgao[1]::INT, {column} FROM mart.spending")
    return {(month, orgao): value for month, orgao, value in rows}


def _made_anew(file):
    return file.built["mart_spending"].decision, file.built["mart_spending"].keys


def test_a_row_of_another_group_is_left_alone(file):
    file.query("UPDATE mart.spending SET maior_contrato = 1 WHERE month(mes) = 6")
    file.land(file.record(0, month=0, purchase=0, supplier=1, value=7, day=1))
    assert file.build(TARGET)["mart_spending"] == ("incremental", "parent: stage_contratos")
    assert _made_anew(file) == ("incremental", 1)
    assert _spent(file)[0, 0] == 7
    assert _spent(file, "maior_contrato::INT")[5, 0] == 1


def test_a_record_that_moves_changes_the_group_it_left_and_the_one_it_is_in(file):
    file.land(file.record(0, month=1, purchase=0, supplier=1, day=1))
    file.build(TARGET)
    assert _made_anew(file) == ("incremental", 2)
    spent = _spent(file)
    assert (0, 0) not in spent
    assert spent[1, 0] == 200
    assert file.rows(TARGET)["mart_spending"] == file.from_nothing(TARGET)["mart_spending"]


def test_a_record_linked_to_one_that_changed_changes_its_group(file):
    """An empenho of January has a contract once one of its purchase and supplier comes in June."""
    file.land(file.record(50, month=0, purchase=50, supplier=1, empenho=True))
    file.build(TARGET)
    assert _spent(file, "valor_empenhos_sem_contrato::INT")[0, 0] == 100
    file.land(file.record(51, month=5, purchase=50, supplier=1))
    file.build(TARGET)
    assert _made_anew(file) == ("incremental", 2)
    assert _spent(file, "valor_empenhos_sem_contrato::INT")[0, 0] == 0


def test_a_newer_name_is_borne_by_every_row_of_its_code(file):
    file.land(file.record(60, orgao=2, month=0, name=0))
    file.build(TARGET)
    file.land(file.record(0, month=0, purchase=0, supplier=1, name=2, day=1))
    file.build(TARGET)
    assert file.built["mart_spending"].decision == "incremental"
    assert set(_spent(file, "nome_orgao").items()) >= {((5, 0), "named 2"), ((5, 1), "named 0")}
    assert file.rows(TARGET)["mart_spending"] == file.from_nothing(TARGET)["mart_spending"]


def test_records_of_no_month_and_no_unit_are_a_group_like_any_other(file):
    file.land(file.record(0, month=None, orgao=1, day=1))
    file.build(TARGET)
    file.land(file.record(0, month=None, orgao=1, day=2, value=8))
    file.build(TARGET)
    assert _made_anew(file) == ("incremental", 1)
    assert _spent(file)[None, 1] == 8


def test_many_changed_groups_are_a_whole_build(file):
    file.land(*(file.record(20 + key, month=0) for key in range(20)))
    file.build(TARGET)
    file.land(*(file.record(50 + key, month=key) for key in range(2)))
    assert file.build(TARGET)["mart_spending"][0] == "incremental"
    file.land(*(file.record(60 + key, month=key) for key in range(3)))
    assert file.build(TARGET)["mart_spending"] == ("rebuilt", "parent: stage_contratos")
    assert file.built["stage_contratos"].decision == "incremental"


def test_a_stage_that_was_renewed_without_the_mart_makes_it_a_whole_build(file):
    file.land(file.record(0, month=0, value=7, day=1))
    file.build(["stage_contratos"])
    assert file.build(TARGET) == {
        "stage_contratos": ("skipped", "unchanged"),
        "mart_spending": ("rebuilt", "parent: stage_contratos"),
    }


def test_so_it_does_where_more_came_meanwhile(file):
    file.land(file.record(0, month=0, value=7, day=1))
    file.build(["stage_contratos"])
    file.land(file.record(1, month=1, value=7, day=1))
    assert file.build(TARGET)["mart_spending"][0] == "rebuilt"
    assert _spent(file)[0, 0] == 7


def test_names_of_codes_that_are_not_of_its_key_make_it_a_whole_build(file, monkeypatch):
    monkeypatch.setattr(Choice, "is_of_key", lambda self, _node, _parent: self.name != "nome_unidade")
    file.land(file.record(0, month=0, value=7, day=1))
    file.build(TARGET)
    assert _made_anew(file) == ("rebuilt", None)


def test_what_would_be_done_is_known_before(file):
    before = file.rows(["stage_contratos", "mart_spending"])
    file.land(file.record(0, month=1, purchase=0, supplier=1, day=1))
    foreseen = file.build(TARGET, dry=True)
    assert _made_anew(file) == ("incremental", 2)
    assert file.rows(["stage_contratos", "mart_spending"]) == before
    assert file.build(TARGET) == foreseen


def test_a_rule_that_the_new_rows_break_keeps_the_old_ones(file, monkeypatch):
    rule = Rule("not seven", lambda table: table.valor_contratos != 7)
    monkeypatch.setattr(MartSpending, "_row_rules", [rule])
    file.query("DROP TABLE mart.spending")
    file.build(TARGET)
    before = file.rows(TARGET)
    file.land(file.record(0, month=0, value=7, day=1))
    with pytest.raises(ContractBrokenError, match=r"not seven \(1\)"):
        file.build(TARGET)
    assert file.rows(TARGET) == before


def test_rows_that_stay_are_checked_where_some_are_known_to_be_bad(file, monkeypatch):
    rule = Rule("not a hundred", lambda table: table.valor_contratos != 100, severity="warning")
    monkeypatch.setattr(MartSpending, "_row_rules", [rule])
    file.query("DROP TABLE mart.spending")
    file.build(TARGET)
    file.land(file.record(0, month=0, value=7, day=1))
    file.build(TARGET)
    assert file.built["mart_spending"].decision == "incremental"
    assert [(one.rule, one.failing) for one in file.built["mart_spending"].warnings] == [
        ("not a hundred", 11)
    ]


@pytest.mark.parametrize("node", BY_GROUP, ids=lambda node: node.name)
def test_a_mart_by_group_has_what_it_says(records_file, node):
    """Parents with its key, columns that link their records, and a choice of each name in its expression."""
    file = records_file()
    driver, _ = building(file.con.cursor(), file.path, params={})
    made = driver.execute([*catalog.parents(node.name)])
    inputs = {name: driver._inputs[name] for name in catalog.inputs(node.name)}
    found = choices(node, node.function(**made, **inputs))
    (parent,) = keyed.parents(node)
    assert {choice.name: tuple(choice.by) for choice in found} == node.contract.named_by
    assert all(choice.is_of_key(node, catalog.tables()[parent]) for choice in found)
    assert {*node.contract.linked_by} <= {*catalog.tables()[parent].contract.columns}
