"""What the control number of a purchase says: CNPJ-1-SEQUENCE/YEAR; and its page on the portal."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from dataflows.expressions import Expression, Text

_PORTAL = "https://pncp.gov.br/app/editais/"
_MASK = "^[0-9A-Z]{14}-1-[0-9]{6,9}/[0-9]{4}$"


def purchase_page(cnpj: Text, ano: Expression, sequencial: Expression) -> Text:
    """The purchase on the portal; null where a part is."""
    return _PORTAL + cnpj + "/" + ano.cast("string") + "/" + sequencial.cast("string")


def of_purchase(control_number: Text) -> dict[str, ir.Value]:
    """Of which purchase a detail is: the parts of the number, null where it is not written as one."""
    written = control_number.re_search(_MASK)
    ano = ibis.cases((written, control_number.re_extract("/([0-9]{4})$", 1).cast("int32")))
    sequencial = ibis.cases((written, control_number.re_extract("-1-([0-9]+)/", 1).cast("int32")))
    cnpj = control_number.substr(0, 14)
    return {
        "numero_controle_pncp_compra": control_number,
        "cnpj_orgao": cnpj,
        "ano_compra": ano,
        "sequencial_compra": sequencial,
        "link_pncp": purchase_page(cnpj, ano, sequencial),
    }
