"""Parsed rows of the layout baliza had before: records of pages, taken apart as the old program took them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from baliza.simulator.old_layout import OldPage, insert, laid_out

_ORGAO = ("cnpj", "razaoSocial", "poderId", "esferaId")
_UNIDADE = {
    "codigo": "codigoUnidade", "nome": "nomeUnidade", "uf_sigla": "ufSigla", "uf_nome": "ufNome",
    "municipio_nome": "municipioNome", "codigo_ibge": "codigoIbge",
}  # fmt: skip
_PARTIES = {
    **{f"orgao_{_name}": f"orgaoEntidade.{_field}" for _name, _field in zip(
        ("cnpj", "razao_social", "poder_id", "esfera_id"), _ORGAO, strict=True)},
    **{f"unidade_{_name}": f"unidadeOrgao.{_field}" for _name, _field in _UNIDADE.items()},
    "orgao_subrogado_cnpj": "orgaoSubRogado.cnpj",
    "orgao_subrogado_razao_social": "orgaoSubRogado.razaoSocial",
    "unidade_subrogada_codigo": "unidadeSubRogada.codigoUnidade",
    "unidade_subrogada_nome": "unidadeSubRogada.nomeUnidade",
}  # fmt: skip


def _typed(type_: str, names: str) -> dict[str, tuple[str, str]]:
    """Columns of one type: each with the field it was, in camelCase."""
    return {name: (_camel(name), type_) for name in names.split()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


_CONTRATOS: dict[str, tuple[str, str]] = {
    **_typed("INTEGER", "ano_contrato sequencial_contrato numero_parcelas numero_retificacao"),
    **_typed("DATE", "data_assinatura data_vigencia_inicio data_vigencia_fim"),
    **_typed("TIMESTAMP", "data_publicacao_pncp data_atualizacao data_atualizacao_global"),
    **_typed("DECIMAL(15,4)", "valor_inicial valor_parcela valor_global valor_acumulado"),
    **_typed("BOOLEAN", "receita"),
    **_typed(
        "VARCHAR",
        "numero_controle_pncp_compra numero_contrato_empenho ni_fornecedor tipo_pessoa "
        "nome_razao_social_fornecedor codigo_pais_fornecedor objeto_contrato informacao_complementar "
        "processo identificador_cipi url_cipi usuario_nome",
    ),
    "numero_controle_pncp": ("numeroControlePNCP", "VARCHAR"),
    "ni_fornecedor_subcontratado": ("niFornecedorSubContratado", "VARCHAR"),
    "nome_fornecedor_subcontratado": ("nomeFornecedorSubContratado", "VARCHAR"),
    "tipo_pessoa_subcontratada": ("tipoPessoaSubContratada", "VARCHAR"),
    "tipo_contrato_id": ("tipoContrato.id", "INTEGER"),
    "tipo_contrato_nome": ("tipoContrato.nome", "VARCHAR"),
    "categoria_processo_id": ("categoriaProcesso.id", "INTEGER"),
    "categoria_processo_nome": ("categoriaProcesso.nome", "VARCHAR"),
    **{name: (path, "VARCHAR") for name, path in _PARTIES.items()},
}
_CONTRATACOES: dict[str, tuple[str, str]] = {
    **_typed("INTEGER", "ano_compra sequencial_compra modalidade_id modo_disputa_id"),
    **_typed("INTEGER", "tipo_instrumento_convocatorio_codigo"),
    **_typed(
        "TIMESTAMP",
        "data_inclusao data_publicacao_pncp data_atualizacao data_atualizacao_global "
        "data_abertura_proposta data_encerramento_proposta",
    ),
    **_typed("DECIMAL(15,4)", "valor_total_estimado valor_total_homologado"),
    **_typed("BOOLEAN", "srp"),
    **_typed(
        "VARCHAR",
        "numero_compra processo modalidade_nome modo_disputa_nome tipo_instrumento_convocatorio_nome "
        "situacao_compra_id situacao_compra_nome objeto_compra informacao_complementar "
        "justificativa_presencial link_sistema_origem link_processo_eletronico usuario_nome",
    ),
    "numero_controle_pncp": ("numeroControlePNCP", "VARCHAR"),
    "amparo_legal_codigo": ("amparoLegal.codigo", "INTEGER"),
    "amparo_legal_nome": ("amparoLegal.nome", "VARCHAR"),
    "amparo_legal_descricao": ("amparoLegal.descricao", "VARCHAR"),
    **{name: (path, "VARCHAR") for name, path in _PARTIES.items()},
}
_ATAS: dict[str, tuple[str, str]] = {
    **_typed("INTEGER", "ano_ata"),
    **_typed("BOOLEAN", "cancelado"),
    **_typed(
        "TIMESTAMP",
        "data_cancelamento data_assinatura vigencia_inicio vigencia_fim data_publicacao_pncp "
        "data_inclusao data_atualizacao data_atualizacao_global",
    ),
    **_typed(
        "VARCHAR",
        "numero_ata_registro_preco cnpj_orgao nome_orgao codigo_unidade_orgao nome_unidade_orgao "
        "cnpj_orgao_subrogado nome_orgao_subrogado codigo_unidade_orgao_subrogado "
        "nome_unidade_orgao_subrogado objeto_contratacao usuario",
    ),
    "numero_controle_pncp_ata": ("numeroControlePNCPAta", "VARCHAR"),
    "numero_controle_pncp_compra": ("numeroControlePNCPCompra", "VARCHAR"),
}
_FONTES = {
    "codigo": ("codigo", "INTEGER"), "nome": ("nome", "VARCHAR"), "descricao": ("descricao", "VARCHAR"),
    "data_inclusao": ("dataInclusao", "TIMESTAMP"),
}  # fmt: skip
_PARSED = {
    "psa.raw_contratos": ("contratos", _CONTRATOS),
    "psa.raw_contratacoes": ("contratacoes", _CONTRATACOES),
    "psa.raw_atas": ("atas", _ATAS),
}


def write_parsed(path: Path, pages: Iterable[OldPage]) -> None:
    """Parsed rows: psa.raw_contratos, raw_contratacoes, raw_atas, raw_fontes_orcamentarias."""
    pages = [page for page in pages if page.body is not None]
    with laid_out(path) as con:
        for table, (family, columns) in _PARSED.items():
            ddl = ", ".join(f"{name} {type_}" for name, (_, type_) in columns.items())
            con.execute(f"CREATE TABLE IF NOT EXISTS {table} ({ddl}, extracted_at TIMESTAMP)")
            for page in pages:
                if page.endpoint.startswith(family):
                    for record in json.loads(page.body or b"{}")["data"]:
                        row = [_at(record, path_) for path_, _ in columns.values()]
                        insert(con, table, [*row, page.at])
        ddl = ", ".join(f"{name} {type_}" for name, (_, type_) in _FONTES.items())
        con.execute(
            "CREATE TABLE IF NOT EXISTS psa.raw_fontes_orcamentarias "
            f"(contratacao_numero_controle_pncp VARCHAR, {ddl}, extracted_at TIMESTAMP)"
        )
        for page in pages:
            if page.endpoint.startswith("contratacoes"):
                for record in json.loads(page.body or b"{}")["data"]:
                    for fonte in record.get("fontesOrcamentarias") or ():
                        values = [fonte.get(name) for name, _ in _FONTES.values()]
                        row = [record["numeroControlePNCP"], *values, page.at]
                        insert(con, "psa.raw_fontes_orcamentarias", row)


def _at(record: Any, path: str) -> Any:
    for name in path.split("."):
        record = record.get(name) if isinstance(record, dict) else None
    return record
