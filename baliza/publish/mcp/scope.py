"""Whom a question speaks of: an órgão, a município, a UF or a supplier, as people write them."""

from __future__ import annotations

import re

from baliza.errors import UsageError
from baliza.pncp.cnpj import normalize

ASKED = "{text} was asked for."
REMEDY = "Look it up by name with find_names."

_UF = re.compile(r"[A-Z]{2}")
_IBGE = re.compile(r"[0-9]{7}")
_ROOT = re.compile(r"[0-9A-Z]{8}")
_PUNCTUATION = re.compile(r"[.\-/\s]")
_CPF = re.compile(r"[0-9*]{11}")


def scope(
    *, cnpj_orgao: str | None = None, codigo_ibge: str | None = None, uf: str | None = None
) -> dict[str, str]:
    """The columns that say it, with their values.

    Raises:
        InvalidCnpjError: the CNPJ has the wrong shape or check digits.
        UsageError: the code or the UF has the wrong shape.
    """
    told = {}
    if cnpj_orgao:
        told["cnpj_orgao"] = normalize(cnpj_orgao)
    if codigo_ibge:
        if not _IBGE.fullmatch(codigo_ibge.strip()):
            raise UsageError(
                ASKED, "A município is asked for by its IBGE code of seven digits.", REMEDY, text=codigo_ibge
            )
        told["codigo_ibge"] = codigo_ibge.strip()
    if uf:
        if not _UF.fullmatch(uf.strip().upper()):
            raise UsageError(ASKED, "A UF is two letters, such as SC.", REMEDY, text=uf)
        told["uf_sigla"] = uf.strip().upper()
    return told


def supplier(text: str) -> dict[str, str]:
    """A supplier by CNPJ, or by its root of eight characters, which is the company with all its branches.

    Raises:
        UsageError: it is neither; of CPFs it says why.
    """
    plain = _PUNCTUATION.sub("", text).upper()
    if _ROOT.fullmatch(plain):
        return {"cnpj_raiz": plain}
    if _CPF.fullmatch(plain):
        raise UsageError(
            "The suppliers of one CPF were asked for.",
            "A CPF is personal data: it is masked here, and nobody is found by it.",
            "Ask for the name with find_names, or use baliza explain on your own file.",
        )
    return {"ni_fornecedor": normalize(plain)}
