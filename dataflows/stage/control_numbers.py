"""What a control number of PNCP says: whose record it is, of which year, and its place in it.

Masks (Manual de Consulta do PNCP): `CNPJ-1-SEQ/ANO` of a contratação, `CNPJ-2-SEQ/ANO` of a contrato or
empenho, the contratação's number and `-SEQATA` of an ata. The CNPJ may hold letters. Of a text that fits
none, each part is null.
"""

from __future__ import annotations

import ibis

from dataflows.expressions import Expression, Text

_CNPJ = "[0-9A-Z]{12}[0-9]{2}"
_RECORD = f"{_CNPJ}-[012]-[0-9]{{6}}/[0-9]{{4}}"
_BLANK = ibis.literal("")


def cnpj(number: Text) -> Text:
    """The órgão that numbered the record; of an ata, the órgão of its contratação."""
    return _part(number, f"^({_CNPJ})-[012]-[0-9]{{6}}/[0-9]{{4}}(-[0-9]{{6}})?$")


def sequence(number: Text) -> Expression:
    """The place in the órgão and year; of an ata, that of its contratação."""
    return _part(number, f"^{_CNPJ}-[012]-([0-9]{{6}})/[0-9]{{4}}(-[0-9]{{6}})?$").cast("int32")


def year(number: Text) -> Expression:
    """The year of the numbering; of an ata, that of its contratação."""
    return _part(number, f"^{_CNPJ}-[012]-[0-9]{{6}}/([0-9]{{4}})(-[0-9]{{6}})?$").cast("int32")


def compra_of_ata(number: Text) -> Text:
    """The number of the contratação that an ata's number begins with."""
    return _part(number, f"^({_RECORD})-[0-9]{{6}}$")


def ata_sequence(number: Text) -> Expression:
    """The place of an ata in its contratação."""
    return _part(number, f"^{_RECORD}-([0-9]{{6}})$").cast("int32")


def _part(number: Text, mask: str) -> Text:
    # Without a match engines give an empty text.
    return number.re_extract(mask, 1).nullif(_BLANK)
