"""Bulk contracts as SQL: each field of a row is drawn by its own number, so any part can be made alone.

`u(n, what)` is a number from 0 to 1 that depends on the seed, a row and what it is for. A row is a contract
or an empenho; most empenhos take purchase, supplier, órgão and object from a contract before them (its
`deal`), as PNCP's do.
"""

from __future__ import annotations

from baliza.simulator.amounts import (
    ABSURD,
    ACCUMULATED_NULL,
    ACCUMULATED_ZERO,
    BILLION_SHARE,
    GROWN_SHARE,
    HUNDREDFOLD_SHARE,
    NINES_SHARE,
    NO_INSTALMENT_SHARE,
    NULL_SHARE,
    SHRUNK_SHARE,
    TEN_BILLION_SHARE,
    TENFOLD_SHARE,
    ZERO_SHARE,
)
from baliza.simulator.bulk_pools import SLOTS
from baliza.simulator.corpus import EMPENHO, FOREIGN_PURCHASE_SHARE, NEW_FIELDS_SHARE
from baliza.simulator.moments import (
    FAR_END_SHARE,
    LAG_MAX,
    LAG_MEDIAN,
    LAG_SPREAD,
    NO_GLOBAL_UPDATE_SHARE,
    SIGNED_AFTER_SHARE,
)
from baliza.simulator.segments import SEGMENTS
from baliza.simulator.suppliers import FOREIGN_SHARE, PERSON_SHARE, ZIPF
from baliza.simulator.texts import LINE_BREAK_SHARE, UPPER_SHARE

_BACK = 1_000
"""How many rows before it an empenho looks for its contract."""

MACROS = f"""
CREATE OR REPLACE TEMP MACRO u(n, what) AS
    (hash(n, what, getvariable('bulk_seed')) >> 11)::DOUBLE / 9007199254740992;
CREATE OR REPLACE TEMP MACRO slot(n, what) AS
    (hash(n, what, getvariable('bulk_seed')) % {SLOTS})::INTEGER;
CREATE OR REPLACE TEMP MACRO one_of(list, n, what) AS list[1 + floor(u(n, what) * len(list))::INTEGER];
CREATE OR REPLACE TEMP MACRO gauss(n, what) AS
    sqrt(-2 * ln(1 - u(n, what))) * cos(2 * pi() * u(n, what || ' too'));
CREATE OR REPLACE TEMP MACRO later(moment, n, what, share) AS
    CASE WHEN u(n, what) < share
        THEN moment + to_seconds((-ln(1 - u(n, what || ' by')) * 2000000)::BIGINT) ELSE moment END;
CREATE OR REPLACE TEMP MACRO no_later(moment, otherwise) AS
    CASE WHEN moment <= getvariable('bulk_until') THEN moment ELSE otherwise END;
"""
"""They read the variables bulk_seed and bulk_until, the moment after which nothing is updated."""

# Two looks back: of one row in ten neither finds a contract, and the empenho stands alone.
DEALS = f"""
    SELECT found.*, years.ano AS ano_compra FROM (
    SELECT days.day, days.n, days.request_id, days.position, wheel.tipo,
           tipos.id = {EMPENHO} AS empenho,
           CASE WHEN tipos.id <> {EMPENHO} THEN n ELSE coalesce(
               CASE WHEN first.tipo <> tipos.tipo AND first_n > 0 THEN first_n END,
               CASE WHEN second.tipo <> tipos.tipo AND second_n > 0 THEN second_n END,
               n) END AS deal
    FROM (
        SELECT *, n - 1 - floor(u(n, 'first') * {_BACK})::BIGINT AS first_n,
               n - 1 - floor(u(n, 'second') * {_BACK})::BIGINT AS second_n
        FROM bulk_days
    ) AS days
    JOIN wheel_tipo AS wheel ON wheel.slot = slot(days.n, 'tipo')
    JOIN pool_tipo AS tipos USING (tipo)
    JOIN wheel_tipo AS first ON first.slot = slot(days.first_n, 'tipo')
    JOIN wheel_tipo AS second ON second.slot = slot(days.second_n, 'tipo')
    ) AS found ASOF JOIN bulk_years AS years ON found.deal >= years.first_n
"""
"""One row for each row of `bulk_days` (day, n, request_id, position): its type, and whose deal it is of.

`bulk_years` holds the first row (first_n) of each year (ano).
"""

DATED = f"""
    SELECT *, year(assinatura) AS ano,
           CASE WHEN u(n, 'begin') < 0.15 THEN assinatura + 1 ELSE assinatura END AS inicio,
           publicacao + to_seconds(one_of([0, 0, 1, 1, 1, 300], n, 'updated')) AS atualizada
    FROM (
        SELECT *, day + to_seconds(25200 + ((u(n, 'hour') + u(n, 'minute')) * 28800)::BIGINT) AS publicacao,
               day - CASE WHEN u(n, 'signed after') < {SIGNED_AFTER_SHARE} THEN -1
                   ELSE least({LAG_MAX}, exp(gauss(n, 'lag') * {LAG_SPREAD}) * {LAG_MEDIAN})::INTEGER END
                   AS assinatura
        FROM bulk_deals
    )
"""

PARTIES = f"""
    SELECT dated.*, orgaos.* EXCLUDE (orgao), segmentos.*,
           one_of(orgaos.unidades, deal, 'unidade') AS unidade,
           CASE WHEN u(deal, 'foreigner') < {FOREIGN_SHARE} THEN {len(SEGMENTS) + 1}
                WHEN u(deal, 'person') < {PERSON_SHARE} THEN {len(SEGMENTS)}
                ELSE segmentos.segmento END AS mercado,
           -- The n-th supplier of a market wins in proportion to 1 / (n + 2) ^ {ZIPF}.
           floor(
               (2 ^ {1 - ZIPF} + u(deal, 'supplier')
                   * ((getvariable('bulk_ranks') + 2) ^ {1 - ZIPF} - 2 ^ {1 - ZIPF})) ^ {1 / (1 - ZIPF)} - 2
           )::INTEGER AS posto
    FROM ({DATED}) AS dated
    JOIN wheel_orgao ON wheel_orgao.slot = slot(deal, 'orgao')
    JOIN pool_orgao AS orgaos USING (orgao)
    JOIN wheel_segmento ON wheel_segmento.slot = slot(deal, 'segmento')
    JOIN pool_segmento AS segmentos USING (segmento)
"""


def _ending(what: str) -> str:
    return (
        f"replace(replace(replace(one_of(finais, deal, '{what}'), '{{n}}', "
        f"(1 + floor(u(deal, '{what} n') * 240)::INTEGER)::VARCHAR), '{{y}}', ano_compra::VARCHAR), '{{i}}', "
        f"(1 + floor(u(deal, '{what} i') * 40)::INTEGER)::VARCHAR)"
    )


WORDED = f"""
    SELECT parties.*, pool_fornecedor.* EXCLUDE (mercado, posto), palavras.falhas,
           CASE WHEN u(deal, 'upper') < {UPPER_SHARE} THEN upper(dito) ELSE dito END AS objeto,
           one_of(palavras.empenhos, n, 'empenho') AS reforco,
           (u(deal, 'own number') * 60000)::INTEGER AS numero
    FROM (
        SELECT *, replace(one_of(aberturas, deal, 'opening'), '{{}}', one_of(coisas, deal, 'thing')
               || CASE WHEN estilo = 'goods' AND u(deal, 'two') < 0.2
                   THEN ' e ' || one_of(coisas, deal, 'other') ELSE '' END)
               || CASE WHEN u(deal, 'for') < 0.75 THEN ' ' || one_of(finalidades, deal, 'purpose') ELSE '' END
               || CASE WHEN u(deal, 'endings') > 0.25 THEN ', ' || {_ending("ending")} ELSE '' END
               || CASE WHEN u(deal, 'endings') > 0.75 THEN ', ' || {_ending("other ending")} ELSE '' END
               AS dito
        FROM ({PARTIES}), pool_palavras
    ) AS parties
    JOIN pool_fornecedor USING (mercado, posto), pool_palavras AS palavras
"""


_TIMES = (
    (HUNDREDFOLD_SHARE, "100 + u(n, 'times') * 900"),
    (TENFOLD_SHARE, "10"),
    (SHRUNK_SHARE, "0.2 + u(n, 'times') * 0.7"),
    (GROWN_SHARE, "1 + u(n, 'times') * 0.5"),
)


def _growth() -> str:
    reached, cases = 0.0, []
    for share, times in _TIMES:
        reached += share
        cases.append(f"WHEN u(n, 'growth') < {reached} THEN {times}")
    return f"CASE {' '.join(cases)} ELSE 1 END"


VALUED = f"""
    SELECT *, round(inicial * {_growth()}, 2) AS total,
           CASE WHEN u(n, 'instalments') < 0.88 THEN 1
               ELSE one_of([12, 12, 12, 2, 3, 4, 6, 10, 24, 30, 60], n, 'many') END AS parcelas
    FROM (
        SELECT *, CASE
            WHEN u(n, 'absurd') < {NINES_SHARE} THEN one_of({list(ABSURD)}, n, 'nines')
            WHEN u(n, 'absurd') < {NINES_SHARE + BILLION_SHARE} THEN round(1e9 + u(n, 'billion') * 8e9, 2)
            WHEN u(n, 'absurd') < {NINES_SHARE + BILLION_SHARE + TEN_BILLION_SHARE}
                THEN round(1e10 + u(n, 'billion') * 4e12, 2)
            ELSE round(greatest(mediana * exp(gauss(deal, 'value') * espalha)
                * CASE WHEN empenho AND deal <> n
                    THEN one_of([1.0, 0.5, 0.25, u(n, 'part')], n, 'share') ELSE 1 END, 1), 2)
            END AS inicial
        FROM ({WORDED})
    )
"""

# The number of a contract in its órgão and year goes on from the last one that the file holds.
NUMBERED = f"""
    SELECT valued.*, coalesce(last.sequencial, 0)
           + row_number() OVER (PARTITION BY valued.cnpj, valued.ano ORDER BY n) AS sequencial,
           CASE WHEN {NO_GLOBAL_UPDATE_SHARE} < u(n, 'never') THEN
               no_later(later(atualizada, n, 'global', 0.33), atualizada) END AS global,
           u(n, 'newer') < {NEW_FIELDS_SHARE} AS newer
    FROM ({VALUED}) AS valued
    LEFT JOIN bulk_numbers AS last ON last.cnpj = valued.cnpj AND last.ano = valued.ano
"""

_SHOWN = f"""CASE WHEN u(n, 'shown') < {ZERO_SHARE} THEN 0
    WHEN u(n, 'shown') < {ZERO_SHARE + NULL_SHARE} THEN NULL ELSE total END"""
_OBJECT = """CASE WHEN empenho AND deal <> n
    THEN replace(replace(replace(reforco, '{n}', numero::VARCHAR), '{y}', ano::VARCHAR), '{}', objeto)
    ELSE objeto END"""
_PURCHASE = "lpad((1 + deal // 3 % 900000)::VARCHAR, 6, '0') || '/' || ano_compra"

FIELDS = {
    "numeroControlePNCP": "cnpj || '-2-' || lpad(sequencial::VARCHAR, 6, '0') || '/' || ano",
    "numeroControlePncpCompra": f"""CASE WHEN u(deal, 'foreign') < {FOREIGN_PURCHASE_SHARE}
        THEN one_of(parceiros, deal, 'partner') ELSE cnpj END
        || '-1-' || {_PURCHASE}""",
    "numeroControlePncpAta": "CASE WHEN newer AND u(deal, 'ata') < 0.006 "
    f"THEN cnpj || '-1-' || {_PURCHASE} || '-000001' END",
    "anoContrato": "ano",
    "sequencialContrato": "sequencial",
    "numeroContratoEmpenho": "CASE WHEN empenho THEN ano || 'NE' || lpad(sequencial::VARCHAR, 6, '0') "
    "ELSE one_of([sequencial || '/' || ano, 'CT-' || sequencial || '-' || ano, 'AF' || sequencial, "
    "sequencial::VARCHAR, sequencial || ' '], n, 'form') END",
    "processo": "CASE WHEN u(deal, 'process') < 0.16 THEN numero || '/' || ano || ': ' || left(objeto, 80) "
    "ELSE one_of([numero || '/' || ano, numero::VARCHAR, '23' || numero || '.' || numero || '/' || ano], "
    "deal, 'process form') END",
    "tipoContrato": "struct_pack(id := tipos.id, nome := tipos.nome)",
    "categoriaProcesso": "struct_pack(id := categoria, nome := categoria_nome)",
    "receita": "(estilo = 'income' AND u(n, 'income') < 0.9) OR u(n, 'income too') < 0.003",
    "orgaoEntidade": "entidade",
    "unidadeOrgao": "unidade",
    "niFornecedor": "ni",
    "nomeRazaoSocialFornecedor": "CASE WHEN u(n, 'nameless') < 0.0012 THEN '' ELSE numbered.nome END",
    "tipoPessoa": "pessoa",
    "codigoPaisFornecedor": "CASE WHEN u(n, 'country') > 0.35 THEN pais END",
    "objetoContrato": f"""CASE
        WHEN u(n, 'break') < {LINE_BREAK_SHARE}
            THEN replace({_OBJECT}, ', ',
                ',' || one_of([chr(13) || chr(10), chr(10), chr(9)], n, 'kind'))
        WHEN u(n, 'flaw') < 0.012 THEN replace(one_of(falhas, n, 'which'), '{{}}', {_OBJECT})
        ELSE {_OBJECT} END""",
    "informacaoComplementar": "CASE WHEN u(n, 'more') < 0.744 THEN NULL WHEN u(n, 'more') < 0.897 THEN '' "
    "WHEN u(n, 'more') < 0.9 THEN ' ' ELSE 'Processo ' || numero || '/' || ano END",
    "valorInicial": "inicial",
    "valorParcela": f"CASE WHEN u(n, 'instalment') < {NO_INSTALMENT_SHARE} THEN 0 "
    "ELSE round(total / parcelas, 4) END",
    "valorGlobal": _SHOWN,
    "valorAcumulado": f"CASE WHEN u(n, 'sum') < {ACCUMULATED_NULL} THEN NULL "
    f"WHEN u(n, 'sum') < {ACCUMULATED_ZERO} THEN 0 ELSE {_SHOWN} END",
    "numeroParcelas": "parcelas",
    "numeroRetificacao": "CASE WHEN u(n, 'rectified') < 0.1 "
    "THEN 1 + floor(least(-ln(1 - u(n, 'times rectified')), 20))::INTEGER ELSE 0 END",
    "dataAssinatura": "assinatura",
    "dataVigenciaInicio": "inicio",
    "dataVigenciaFim": f"""CASE WHEN u(n, 'far') < {FAR_END_SHARE} THEN inicio + 15000
        WHEN empenho AND u(n, 'end') < 0.7 THEN greatest(inicio, make_date(ano, 12, 31))
        ELSE inicio + one_of([15, 30, 60, 90, 180, 364, 365, 365, 365, 730, 1825], n, 'term') END""",
    "dataPublicacaoPncp": "publicacao",
    "dataAtualizacao": "atualizada",
    "dataAtualizacaoGlobal": "global",
    "identificadorCipi": "CASE WHEN estilo = 'works' AND u(n, 'cipi') < 0.3 "
    "THEN numero || '.' || (n % 90 + 10) || '-' || (n % 89 + 10) END",
    "urlCipi": "CASE WHEN u(n, 'url') < 0.0012 THEN '' END",
    "usuarioNome": "sistema",
    "frutoAdesao": "CASE WHEN newer AND u(n, 'adhesion') < 0.08 THEN u(n, 'adhered') < 0.2 END",
    "temRemanejamento": "CASE WHEN newer AND u(n, 'moved') < 0.08 THEN false END",
    "emendaParlamentar": "CASE WHEN newer AND year(day) >= 2026 AND u(n, 'amendment') < 0.08 "
    "THEN u(n, 'amended') < 0.1 END",
}
"""Each of PNCP's fields that is ever filled, as SQL over `NUMBERED`."""


def records(names: dict[str, str]) -> str:
    """SELECT of the rows of `bulk_days`, each field as its type, with n, request_id and position.

    Args:
        names: PNCP's fields and their types, in order; those that `FIELDS` lacks are null.
    """
    columns = ", ".join(
        f'CAST({FIELDS.get(name, "NULL")} AS {type_}) AS "{name}"' for name, type_ in names.items()
    )
    return f"""
        SELECT {columns}, n, request_id, position
        FROM ({NUMBERED}) AS numbered JOIN pool_tipo AS tipos USING (tipo)
    """
