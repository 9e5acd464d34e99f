"""What it is to look at a subject for a flag: the one shape that every flag gives its answers in.

A finding is a row per flag and subject looked at, raised or not. Three answers are possible: the flag is
raised, it is not, or the subject cannot be judged, and then `lacks` says what it lacks first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from dataflows.contract import QUANTITY
from dataflows.domains import Domain
from dataflows.expressions import Amount, Expression, Flag, Row, Text
from dataflows.mart.flag_definitions import RedFlag

LAW = "Lei 14.133/2021"
"""The law that the flags hold records against; the label of an amparo legal begins with its own."""

NO_ORIGIN = "contratação de origem fora do arquivo"
UNSTATED_ORIGIN = "contratação de origem não informada"
"""Why nothing is known of the purchase that a contract came from."""


@dataclass(frozen=True)
class Judgement:
    """What a flag finds in each row of a table.

    Attributes:
        observed: what is measured, in the flag's unit.
        threshold: what it is held against.
        raised: whether the flag is raised, where nothing lacks; null is no.
        lacks: in Portuguese, what is missing to judge; null where nothing is.
        detail: a word that tells cases of one flag apart.
    """

    observed: Expression
    threshold: Expression
    raised: Flag
    lacks: Text
    detail: Text | None = None


def lacking(reasons: Mapping[str, Flag]) -> Text:
    """The first reason that applies; null when none does."""
    return ibis.cases(*((applies.coalesce(False), reason) for reason, applies in reasons.items()))


def of_records(records: ir.Table, flag: RedFlag, judgement: Judgement) -> ir.Table:
    """Findings whose subjects are records, each its own evidence."""
    row: Row = records
    number = row.numero_controle_pncp
    return _findings(
        records,
        flag,
        judgement,
        subject=number,
        link_pncp=row.link_pncp,
        evidence=ibis.array([number]),
        records=ibis.literal(1, "int64"),
    )


def of_groups(groups: ir.Table, flag: RedFlag, judgement: Judgement, subject: Text) -> ir.Table:
    """Findings whose subjects are groups: `evidence` has control numbers, `records` counts all looked at."""
    row: Row = groups
    return _findings(
        groups,
        flag,
        judgement,
        subject=subject,
        link_pncp=ibis.null("string"),
        evidence=row.evidence,
        records=row.records.coalesce(0),
    )


def _findings(table: ir.Table, flag: RedFlag, judgement: Judgement, **own: Any) -> ir.Table:
    row: Row = table
    detail = ibis.null("string") if judgement.detail is None else judgement.detail
    return table.select(
        flag=ibis.literal(flag.code),
        subject=own["subject"],
        cnpj_orgao=row.cnpj_orgao,
        nome_orgao=row.nome_orgao,
        uf_sigla=row.uf_sigla,
        ano=row.ano,
        observed=_quantity(judgement.observed),
        threshold=_quantity(judgement.threshold),
        lacks=judgement.lacks,
        raised=judgement.lacks.isnull() & judgement.raised.coalesce(False),
        detail=detail,
        link_pncp=own["link_pncp"],
        evidence=own["evidence"],
        records=own["records"],
    )


def _quantity(value: Amount | int) -> Amount:
    number: Expression = ibis.literal(value) if isinstance(value, int) else value
    return number.cast(QUANTITY)


def percent(part: Amount, whole: Amount, *, where: Flag) -> Expression:
    """What part of the whole it is, in %, also beyond 100; only where neither is absurd.

    Rounded as the reader sees it, and judged so: what shows as 99.0000 is 99.
    """
    trusted: Expression = ibis.cases((where, whole))
    return (part.cast("float64") / trusted.nullif(0).cast("float64") * 100).cast(QUANTITY)


def joined_key(*parts: Expression) -> Text:
    """One text of the parts of a key; only the last may be free text, so that no two keys are one."""
    texts = [part.cast("string").coalesce("") for part in parts]
    joined = texts[0]
    for part in texts[1:]:
        joined = joined + "/" + part
    return joined


def other_law(amparo: Expression, domain_amparo_legal: Domain) -> Text:
    """Why Lei 14.133 cannot be held against an amparo legal, by its official label; null where it can."""
    code, labels = amparo.cast("string"), domain_amparo_legal.labels
    own = [known for known, label in labels.items() if label.startswith(LAW)]
    return ibis.cases(
        (code.isin(own), ibis.null("string")),
        (code.isin([known for known in labels if known not in own]), "regida por outra lei"),
        else_="amparo legal não informado ou desconhecido",
    )


def of_consortium(row: Row) -> Mapping[str, Flag]:
    """What keeps a consórcio público from being judged by a limit that is twice as high for it.

    Known by its name alone: PNCP does not mark it.
    """
    named = row.nome_orgao.upper().re_search("CONS[OÓ]RCIO")
    return {"consórcio público: limite em dobro, art. 75, § 2º": named}


def only(value: Expression) -> Expression:
    """In an aggregation: the value that all rows share; null when they differ or have none."""
    return ibis.cases((value.min() == value.max(), value.min()))
