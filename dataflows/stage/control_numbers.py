"""What a control number of PNCP says: whose record it is, of which year, its place in it; and its page.

Masks (Manual de Consulta do PNCP): `CNPJ-1-SEQ/ANO` of a contratação, `CNPJ-2-SEQ/ANO` of a contrato or
empenho, the contratação's number and `-SEQATA` of an ata. The CNPJ may hold letters; a sequence is filled up
to six digits and may outgrow them. Of a text that fits none, each part is null.
"""

from __future__ import annotations

import functools
from typing import Literal

import ibis
import ibis.expr.types as ir

from dataflows.expressions import Expression, Text

_PORTAL = "https://pncp.gov.br/app"
_CNPJ = "[0-9A-Z]{12}[0-9]{2}"
_SEQUENCE = "[0-9]{6,9}"
_YEAR = "[0-9]{4}"
_PURCHASE = f"^{_CNPJ}-1-{_SEQUENCE}/{_YEAR}$"
_RECORD = f"{_CNPJ}-[012]-{_SEQUENCE}/{_YEAR}"
_BLANK = ibis.literal("")


def cnpj(number: Text) -> Text:
    """The órgão that numbered the record; of an ata, the órgão of its contratação."""
    return _part(number, f"^({_CNPJ})-[012]-{_SEQUENCE}/{_YEAR}(-{_SEQUENCE})?$")


def sequence(number: Text) -> Expression:
    """The place in the órgão and year; of an ata, that of its contratação."""
    return _part(number, f"^{_CNPJ}-[012]-({_SEQUENCE})/{_YEAR}(-{_SEQUENCE})?$").cast("int32")


def year(number: Text) -> Expression:
    """The year of the numbering; of an ata, that of its contratação."""
    return _part(number, f"^{_CNPJ}-[012]-{_SEQUENCE}/({_YEAR})(-{_SEQUENCE})?$").cast("int32")


def compra_of_ata(number: Text) -> Text:
    """The number of the contratação that an ata's number begins with."""
    return _part(number, f"^({_RECORD})-{_SEQUENCE}$")


def ata_sequence(number: Text) -> Expression:
    """The place of an ata in its contratação."""
    return _part(number, f"^{_RECORD}-({_SEQUENCE})$").cast("int32")


def leading_cnpj(number: Text) -> Text:
    """What stands where the CNPJ does, whatever follows it: for a column that is never null."""
    return number.substr(0, 14)


def of_purchase(number: Text) -> dict[str, ir.Value]:
    """Of which purchase a detail is: the parts of the number, null where it is not that of a purchase."""
    written = number.re_search(_PURCHASE)
    orgao = leading_cnpj(number)
    ano, sequencial = (ibis.cases((written, part)) for part in (year(number), sequence(number)))
    return {
        "numero_controle_pncp_compra": number,
        "cnpj_orgao": orgao,
        "ano_compra": ano,
        "sequencial_compra": sequencial,
        "link_pncp": page("editais", orgao, ano, sequencial),
    }


def page(section: Literal["atas", "contratos", "editais"], *path: Expression) -> Text:
    """A record on the portal, where purchases are called editais; null where a part of the path is."""
    start: Text = ibis.literal(f"{_PORTAL}/{section}")
    return functools.reduce(lambda address, part: address + "/" + part.cast("string"), path, start)


def _part(number: Text, mask: str) -> Text:
    # Without a match engines give an empty text.
    return number.re_extract(mask, 1).nullif(_BLANK)
