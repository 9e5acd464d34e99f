import pytest

from dataflows.stage.atas import StageAtas
from dataflows.stage.contratacoes import StageContratacoes
from dataflows.stage.contratos import StageContratos
from dataflows.stage.itens import StageItens
from dataflows.stage.relations import StageRelations, stage_relations
from dataflows.stage.resultados import StageResultados
from dataflows.stage.termos import StageTermos

A, B = "00394460000141", "11111111000191"
COMPRA, OUTRA = f"{A}-1-000001/2025", f"{B}-1-000001/2025"
ATA, CONTRATO = f"{COMPRA}-000001", f"{A}-2-000001/2025"
NAMES = ("relation", "rows", "stated", "linked", "orphans", "to_another_orgao")


def rows(table) -> list[dict]:
    return table.to_pyarrow().to_pylist()


@pytest.fixture
def sources(observe):
    """The six tables, of records given by table, all of the same órgão."""

    def make(contratos=(), atas=(), termos=(), itens=(), resultados=(), contratacoes=()):
        return {
            "stage_contratos": observe(StageContratos, cnpj_orgao=A)(*contratos),
            "stage_atas": observe(StageAtas, cnpj_orgao=A)(*atas),
            "stage_termos": observe(StageTermos, cnpj_orgao=A)(*termos),
            "stage_itens": observe(StageItens, cnpj_orgao=A, numero_controle_pncp_compra=COMPRA)(*itens),
            "stage_resultados": observe(
                StageResultados, cnpj_orgao=A, numero_controle_pncp_compra=COMPRA, sequencial_resultado=1
            )(*resultados),
            "stage_contratacoes": observe(StageContratacoes)(*contratacoes),
        }

    return make


def found(sources) -> dict[str, tuple]:
    made = rows(stage_relations(**sources))
    assert len({row["relation"] for row in made}) == len(made)
    return {row["relation"]: tuple(row[name] for name in NAMES[1:]) for row in made}


def test_all_six(sources):
    made = sources(
        contratos=[
            {"numero_controle_pncp": CONTRATO, "numero_controle_pncp_compra": COMPRA},
            {"numero_controle_pncp": "b", "numero_controle_pncp_ata": ATA},
        ],
        atas=[{"numero_controle_pncp_ata": ATA, "numero_controle_pncp_compra": COMPRA}],
        termos=[{"numero_controle_pncp": CONTRATO}, {"numero_controle_pncp": "c"}],
        itens=[{"numero_item": 1}, {"numero_item": 2}, {"numero_item": 3}],
        resultados=[{"numero_item": 1}, {"numero_item": 4}],
        contratacoes=[{"numero_controle_pncp": COMPRA}],
    )
    assert found(made) == {
        "contrato -> compra": (2, 1, 1, 0, 0),
        "contrato -> ata": (2, 1, 1, 0, 0),
        "ata -> compra": (1, 1, 1, 0, 0),
        "termo -> contrato": (2, 2, 1, 1, 1),
        "item -> compra": (3, 3, 3, 0, 0),
        "resultado -> item": (2, 2, 1, 1, 0),
    }
    StageRelations.validate(stage_relations(**made).cache())


@pytest.mark.parametrize(
    ("stated", "compras", "expected"),
    [
        pytest.param(COMPRA, [COMPRA], (1, 1, 1, 0, 0), id="linked"),
        pytest.param(COMPRA, [COMPRA, COMPRA], (1, 1, 1, 0, 0), id="the purchase twice: counted once"),
        pytest.param(COMPRA, [], (1, 1, 0, 1, 0), id="orphan"),
        pytest.param(OUTRA, [OUTRA], (1, 1, 1, 0, 1), id="linked, to another órgão"),
        pytest.param(OUTRA, [COMPRA], (1, 1, 0, 1, 1), id="orphan, of another órgão"),
        pytest.param(None, [COMPRA], (1, 0, 0, 0, 0), id="names none"),
    ],
)
def test_contrato_to_compra(sources, stated, compras, expected):
    made = sources(
        contratos=[{"numero_controle_pncp": CONTRATO, "numero_controle_pncp_compra": stated}],
        contratacoes=[{"numero_controle_pncp": compra} for compra in compras],
    )
    assert found(made)["contrato -> compra"] == expected


@pytest.mark.parametrize(
    ("itens", "expected"),
    [
        pytest.param([(COMPRA, 7)], (1, 1, 1, 0, 0), id="its item"),
        pytest.param([(COMPRA, 7), (COMPRA, 8), (OUTRA, 7)], (1, 1, 1, 0, 0), id="one of many items"),
        pytest.param([(COMPRA, 8)], (1, 1, 0, 1, 0), id="another item of its purchase"),
        pytest.param([(OUTRA, 7)], (1, 1, 0, 1, 0), id="the same number in another purchase"),
        pytest.param([(COMPRA, 8), (OUTRA, 7)], (1, 1, 0, 1, 0), id="each half of the key in another item"),
        pytest.param([], (1, 1, 0, 1, 0), id="no items"),
    ],
)
def test_resultado_to_item(sources, itens, expected):
    made = sources(
        itens=[{"numero_controle_pncp_compra": compra, "numero_item": number} for compra, number in itens],
        resultados=[{"numero_item": 7}],
    )
    assert found(made)["resultado -> item"] == expected


@pytest.mark.parametrize(
    ("compras", "expected"),
    [
        pytest.param([COMPRA], (2, 2, 2, 0, 0), id="linked"),
        pytest.param([OUTRA], (2, 2, 0, 2, 0), id="orphans"),
    ],
)
def test_item_to_compra(sources, compras, expected):
    made = sources(
        itens=[{"numero_item": 1}, {"numero_item": 2}],
        contratacoes=[{"numero_controle_pncp": compra} for compra in compras],
    )
    assert found(made)["item -> compra"] == expected


def test_a_relation_without_records_has_no_row(sources):
    assert found(sources(contratacoes=[{"numero_controle_pncp": COMPRA}])) == {}
    assert set(found(sources(termos=[{"numero_controle_pncp": CONTRATO}]))) == {"termo -> contrato"}
    assert set(found(sources(itens=[{"numero_item": 1}]))) == {"item -> compra"}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param((5, 4, 3, 1, 9), True, id="adds up"),
        pytest.param((4, 4, 3, 1, 0), True, id="all name an origin"),
        pytest.param((5, 4, 3, 2, 0), False, id="more found and orphans than stated"),
        pytest.param((5, 6, 6, 0, 0), False, id="more stated than there are"),
    ],
)
def test_the_rule_of_what_adds_up(table, row, expected):
    (rule,) = [rule for rule in StageRelations.rules() if rule.name.startswith("those that name")]
    made = table(StageRelations.schema(), dict(zip(NAMES, ("x", *row), strict=True)))
    assert rows(made.select(holds=rule.holds(made))) == [{"holds": expected}]


def test_the_gate_sees_a_record_lost_or_doubled(sources):
    made = sources(
        contratos=[{"numero_controle_pncp": "a"}, {"numero_controle_pncp": "b"}],
        atas=[{"numero_controle_pncp_ata": "a"}],
        itens=[{"numero_item": 1}],
        resultados=[{"numero_item": 1}, {"numero_item": 2}, {"numero_item": 3}],
    )
    parents = {name: table for name, table in made.items() if name != "stage_contratacoes"}
    (gate,) = StageRelations.gates
    whole = stage_relations(**made)

    def differing(table) -> set[tuple]:
        compared = rows(gate.compare(stage_relations=table, **parents))
        assert len(compared) == 10
        return {tuple(row.values()) for row in compared if row["expected"] != row["found"]}

    assert differing(whole) == set()
    assert differing(whole.mutate(rows=whole.rows + 1)) == {
        ("contrato: fewest", 2, 3),
        ("contrato: most", 2, 3),
        ("ata: fewest", 1, 2),
        ("ata: most", 1, 2),
        ("item: fewest", 1, 2),
        ("item: most", 1, 2),
        ("resultado: fewest", 3, 4),
        ("resultado: most", 3, 4),
    }


def test_the_real_relations(real, real_records):
    contratos, atas, termos, itens = (real_records[name] for name in ("contratos", "atas", "termos", "itens"))
    of_itens = {f"{record['parent_key']} {record['numeroItem']}" for record in itens}
    resultados = [
        record | {"item": f"{record['parent_key']} {record['numeroItem']}"}
        for record in real_records["resultados"]
    ]
    compras = {record["numeroControlePNCP"] for record in real_records["contratacoes"]}

    def counted(records, origin, origins, orgao) -> tuple:
        stated = [record for record in records if record.get(origin)]
        linked = sum(record[origin] in origins for record in stated)
        others = sum(record[origin][:14] != orgao(record) for record in stated)
        return (len(records), len(stated), linked, len(stated) - linked, others)

    def entity(record):
        return record["orgaoEntidade"]["cnpj"]

    def numbered_by(record):
        return record["parent_key"][:14]

    numbers = {record["numeroControlePNCP"] for record in contratos}
    of_atas = {record["numeroControlePNCPAta"] for record in atas}
    expected = {
        "contrato -> compra": counted(contratos, "numeroControlePncpCompra", compras, entity),
        "contrato -> ata": counted(contratos, "numeroControlePncpAta", of_atas, entity),
        "ata -> compra": counted(
            atas, "numeroControlePNCPCompra", compras, lambda record: record["cnpjOrgao"]
        ),
        "termo -> contrato": counted(termos, "parent_key", numbers, entity),
        "item -> compra": counted(itens, "parent_key", compras, numbered_by),
        "resultado -> item": counted(resultados, "item", of_itens, numbered_by),
    }
    found = {row["relation"]: tuple(row[name] for name in NAMES[1:]) for row in real("stage_relations")}
    assert found == expected
    assert found["contrato -> compra"][4] > 0.3 * found["contrato -> compra"][0], "a third is another órgão's"
    assert found["termo -> contrato"][2] > 0
    assert found["resultado -> item"][2] > 0
