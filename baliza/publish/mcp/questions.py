"""The SQL of the questions people ask most. Each runs as any query does: whoever doubts can run it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from baliza.language import _


class Question(NamedTuple):
    """One query, with what it is called."""

    title: str
    sql: str


def spending_by_month(scope: Mapping[str, str], since: date | None, until: date | None) -> list[Question]:
    """Contracted value, month of publication by month; of a município, that of the town itself."""
    places = [*_equal(scope), *(["esfera_id = 'M'"] if "codigo_ibge" in scope else [])]
    sums = ",\n       ".join(f"sum({column}) AS {column}" for column in _SPENDING)
    whose = "any_value(nome_orgao) AS nome_orgao" if "cnpj_orgao" in scope else _BUYERS
    sql = f"""SELECT mes, {whose},
       {sums}
FROM mart.spending
{_where([*places, *_within("mes", since and since.replace(day=1), until)])}
GROUP BY mes ORDER BY mes"""
    return [Question(_("Contracted value by month of publication"), sql)]


_BUYERS = "count(DISTINCT cnpj_orgao) AS quantidade_orgaos"

_SPENDING = (
    "quantidade_contratos", "valor_contratos", "valor_em_revisao", "quantidade_empenhos", "valor_empenhos",
    "quantidade_receitas", "valor_receita", "quantidade_suspeitos", "valor_suspeito",
)  # fmt: skip


def supplier_history(supplier: Mapping[str, str], most: int) -> list[Question]:
    """What a supplier was contracted for, year by year, by whom, and its largest contracts."""
    own = _where(_equal(supplier))
    contracts = _where([*_of_supplier(supplier), "bucket = 'contract'"])
    return [
        Question(
            _("By year of publication"),
            f"""SELECT ano, ni_fornecedor, nome_fornecedor, quantidade_contratos, valor_contratos,
       quantidade_empenhos, valor_empenhos, quantidade_suspeitos, valor_suspeito, quantidade_orgaos,
       nome_maior_orgao, percentual_maior_orgao, primeira_publicacao, ultima_publicacao
FROM mart.suppliers {own} ORDER BY ano, ni_fornecedor""",
        ),
        Question(
            _("Buyers, by contracted value"),
            f"""SELECT cnpj_orgao, any_value(nome_orgao) AS nome_orgao, count(*) AS quantidade_contratos,
       sum(valor_global) AS valor_contratos, min(data_publicacao_pncp) AS primeira_publicacao,
       max(data_publicacao_pncp) AS ultima_publicacao
FROM stage.contratos {contracts}
GROUP BY cnpj_orgao ORDER BY valor_contratos DESC NULLS LAST, cnpj_orgao LIMIT {most}""",
        ),
        Question(
            _("Largest contracts"),
            f"""SELECT numero_controle_pncp, data_assinatura, nome_orgao, objeto_contrato, valor_global, verdict,
       link_pncp
FROM stage.contratos {contracts} ORDER BY valor_global DESC NULLS LAST, numero_controle_pncp LIMIT {most}""",
        ),
    ]


def _of_supplier(supplier: Mapping[str, str]) -> list[str]:
    """In contracts the root of a CNPJ is its first eight characters."""
    if "cnpj_raiz" not in supplier:
        return _equal(supplier)
    root = literal(supplier["cnpj_raiz"])
    return [f"left(ni_fornecedor, 8) = {root}", "length(ni_fornecedor) = 14"]


def open_tenders(scope: Mapping[str, str], words: str | None, most: int) -> list[Question]:
    """What can still be bid for, the soonest to close first."""
    wanted = [
        *_equal(scope),
        *(f"contains({_plain('objeto_compra')}, {_plain(literal(word))})" for word in (words or "").split()),
    ]
    return [
        Question(
            _("Open tenders, the soonest to close first"),
            f"""SELECT numero_controle_pncp, objeto_compra, nome_orgao, uf_sigla, municipio_nome, modalidade_nome,
       valor_total_estimado, data_encerramento_proposta, dias_restantes, link_pncp, dia_retrato,
       dias_desde_retrato
FROM mart.open_tenders {_where(wanted)}
ORDER BY data_encerramento_proposta NULLS LAST, numero_controle_pncp LIMIT {most}""",
        ),
        Question(
            _("How many there are"), f"SELECT count(*) AS quantidade FROM mart.open_tenders {_where(wanted)}"
        ),
    ]


def red_flags(scope: Mapping[str, str], year: int | None, flag: str | None, most: int) -> list[Question]:
    """What of an órgão deserves a look, with its evidence, and how far each flag reaches."""
    one = _where([*_equal(scope), *_equal({"flag": flag} if flag else {}), *_year(year)])
    return [
        Question(
            _("How many subjects of this scope raise each flag"),
            f"""SELECT flag, any_value(titulo) AS titulo, count(*) AS quantidade
FROM mart.red_flags {one} GROUP BY flag ORDER BY quantidade DESC, flag""",
        ),
        Question(
            _("What was observed, the limit it is held against, and the records behind it"),
            f"""SELECT flag, titulo, ano, subject, valor_observado, limite, unidade_medida, detalhe, evidencias,
       quantidade_evidencias, link_pncp, fonte, texto
FROM mart.red_flags {one} ORDER BY flag, ano, subject LIMIT {most}""",
        ),
        Question(
            _("How far each flag reaches in this whole file: what can be judged, and what is missing"),
            f"""SELECT flag, titulo, leitura, quantidade_sujeitos, quantidade_calculaveis, quantidade_sinalizados,
       percentual_calculavel, percentual_sinalizado, falta_principal, o_que_falta
FROM mart.flag_computability {_where(_equal({"flag": flag} if flag else {}))} ORDER BY flag""",
        ),
    ]


def concentration(cnpj: str, year: int | None) -> list[Question]:
    """How few suppliers hold what an órgão contracts, by categoria and year."""
    one = _where([*_equal({"cnpj_orgao": cnpj}), *_year(year)])
    sql = f"""SELECT ano, categoria_processo_nome, quantidade_contratos, quantidade_considerada,
       quantidade_fornecedores, valor_considerado, nome_maior_fornecedor, percentual_maior_fornecedor, hhi,
       valor_em_revisao, primeira_publicacao, ultima_publicacao
FROM mart.concentration {one} ORDER BY ano, valor_considerado DESC, categoria_processo_id"""
    return [Question(_("Share of the largest supplier and HHI, by categoria and year"), sql)]


def names(words: str, most: int) -> list[Question]:
    """The órgãos, municípios and suppliers whose names have all of these words."""
    return [
        Question(
            title,
            f"SELECT {columns} FROM {table} "
            + _where([f"contains({_plain(name)}, {_plain(literal(word))})" for word in words.split()])
            + f" ORDER BY {name} LIMIT {most}",
        )
        for title, table, name, columns in (
            (_("Órgãos"), "stage.orgaos", "nome_orgao", "cnpj_orgao, nome_orgao, esfera_nome"),
            (
                _("Municípios"),
                "stage.municipios",
                "municipio_nome",
                "codigo_ibge, municipio_nome, uf_sigla",
            ),
            (
                _("Suppliers"),
                "stage.fornecedores",
                "nome_fornecedor",
                "ni_fornecedor, nome_fornecedor, cnpj_raiz, tipo_pessoa_nome",
            ),
        )
    ]


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _plain(text: str) -> str:
    return f"strip_accents(lower({text}))"


def _equal(values: Mapping[str, str]) -> list[str]:
    return [f"{column} = {literal(value)}" for column, value in values.items()]


def _year(year: int | None) -> list[str]:
    return [] if year is None else [f"ano = {year}"]


def _within(column: str, since: date | None, until: date | None) -> list[str]:
    bounds = ((">=", since), ("<=", until))
    return [f"{column} {sign} DATE '{day}'" for sign, day in bounds if day]


def _where(conditions: Sequence[str]) -> str:
    return "WHERE " + " AND ".join(conditions) if conditions else ""
