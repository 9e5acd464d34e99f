"""Fornecedores: one row per identification that a record names as supplier or subcontractor."""

from __future__ import annotations

from typing import Annotated

import ibis
import ibis.expr.types as ir

from dataflows.contract import Contract, flag, text
from dataflows.domains import Domain
from dataflows.expressions import Row
from dataflows.stage import columns
from dataflows.stage.contratos import StageContratos
from dataflows.stage.mentions import every_mention_has_its_row, mention, newest
from dataflows.stage.resultados import StageResultados
from dataflows.stage.tax_numbers import cnpj_is_right, cnpj_root, cpf_is_right, is_cnpj
from dataflows.stage.termos import StageTermos

KEY = ("ni_fornecedor",)
FACTS = (*KEY, "nome_fornecedor", "tipo_pessoa_id", "codigo_pais_fornecedor")
SUBCONTRACTED = {
    "ni_fornecedor": "ni_fornecedor_subcontratado",
    "nome_fornecedor": "nome_fornecedor_subcontratado",
    "tipo_pessoa_id": "tipo_pessoa_subcontratada_id",
}


class StageFornecedores(Contract):
    """Fornecedores citados nos registros, uma linha por identificação."""

    grain = "one row per fornecedor (ni_fornecedor)"
    key = KEY

    ni_fornecedor = text(
        "CNPJ, CPF ou identificação estrangeira, de quem fornece, de quem venceu um item ou de quem foi "
        "subcontratado.",
        source="ni_fornecedor, ni_fornecedor_subcontratado",
        nullable=False,
    )
    nome_fornecedor = text(
        "Nome ou razão social, o mais recente visto; pode conter CPF.",
        source="nome_fornecedor, nome_fornecedor_subcontratado",
    )
    outros_nomes = columns.OUTROS_NOMES.but(source="nome_fornecedor")
    tipo_pessoa_id = text(
        "Código do tipo de pessoa, o mais recente visto.",
        source="tipo_pessoa_id, tipo_pessoa_subcontratada_id",
        domain="tipo_pessoa",
    )
    tipo_pessoa_nome = columns.TIPO_PESSOA_NOME
    codigo_pais_fornecedor = text(
        "País, ISO 3166 alfa-3, o mais recente visto; falta em um terço dos contratos, também de "
        "estrangeiros.",
        source="codigo_pais_fornecedor",
    )
    cnpj_raiz = text(
        "Raiz do CNPJ (oito primeiros caracteres): a empresa com todas as filiais; nula se não é pessoa "
        "jurídica com CNPJ.",
        source="ni_fornecedor, tipo_pessoa_id",
    )
    cnpj_filial = text(
        "Ordem do estabelecimento no CNPJ (quatro caracteres); 0001 costuma ser a matriz.",
        source="ni_fornecedor, tipo_pessoa_id",
    )
    digitos_corretos = flag(
        "Verdadeiro se o CNPJ da pessoa jurídica, ou o CPF da física, tem os dígitos verificadores certos; "
        "falso também se não tem o formato; nulo para estrangeiros e para tipos desconhecidos.",
        source="ni_fornecedor, tipo_pessoa_id",
    )
    visto_em = columns.VISTO_EM.but(source="ni_fornecedor")


def fornecedores_mentions(
    stage_contratos: Annotated[ir.Table, StageContratos],
    stage_termos: Annotated[ir.Table, StageTermos],
    stage_resultados: Annotated[ir.Table, StageResultados],
) -> ir.Table:
    """What each record says of a supplier or subcontractor, of whoever won an item too."""
    return ibis.union(
        mention(stage_contratos, "numero_controle_pncp", FACTS),
        mention(stage_contratos, "numero_controle_pncp", FACTS, SUBCONTRACTED),
        mention(stage_termos, "numero_controle_pncp", FACTS),
        mention(stage_termos, "numero_controle_pncp", FACTS, SUBCONTRACTED),
        mention(stage_resultados, "numero_controle_pncp_compra", FACTS),
    )


def stage_fornecedores(
    fornecedores_mentions: ir.Table, domain_tipo_pessoa: Domain
) -> Annotated[ir.Table, StageFornecedores]:
    """Every supplier that a record names, as the newest record knows it.

    Grain: one row per fornecedor.
    Key: ni_fornecedor.
    Source: stage_contratos, stage_termos, stage_resultados.
    Notes: each fact is that of the newest record that states it (highest data_atualizacao_global, then
    control number); other names are kept. The identification is as PNCP has it: branches of a company are
    rows of their own (cnpj_raiz joins them), and a foreigner has as many rows as ways of writing the number.
    Records that name no supplier have no row; a result that was cancelled, or is no award, names one all the
    same. CPFs are personal data: what is shown to others masks them.
    """
    row: Row = newest(fornecedores_mentions, key=KEY, name="nome_fornecedor")
    ni, company = row.ni_fornecedor, (row.tipo_pessoa_id == "PJ") & is_cnpj(row.ni_fornecedor)
    return row.mutate(
        tipo_pessoa_nome=domain_tipo_pessoa.label(row.tipo_pessoa_id),
        cnpj_raiz=cnpj_root(ni, row.tipo_pessoa_id),
        cnpj_filial=ibis.cases((company, ni.substr(8, 4))),
        digitos_corretos=ibis.cases(
            (row.tipo_pessoa_id == "PJ", cnpj_is_right(ni)), (row.tipo_pessoa_id == "PF", cpf_is_right(ni))
        ),
    ).select(*StageFornecedores.columns)


@StageFornecedores.gate("every supplier that a record names has its row")
def _every_fornecedor(
    stage_fornecedores: ir.Table,
    stage_contratos: ir.Table,
    stage_termos: ir.Table,
    stage_resultados: ir.Table,
) -> ir.Table:
    return every_mention_has_its_row(
        stage_fornecedores,
        KEY,
        contratos=stage_contratos,
        termos=stage_termos,
        resultados=stage_resultados,
    )
