"""What a question speaks of: an órgão, a município, a UF, a supplier or a flag, as people write them."""

from __future__ import annotations

import re

from baliza.build import catalog
from baliza.build.scope import UFS
from baliza.errors import UsageError
from baliza.pncp.cnpj import normalize

ASKED = "{text} was asked for."
REMEDY = "Look it up by name with find_names."

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
        UsageError: the code has the wrong shape, or there is no such UF.
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
        told["uf_sigla"] = uf.strip().upper()
        if told["uf_sigla"] not in UFS:
            raise UsageError(ASKED, "That is no UF.", "A UF is one of {ufs}.", text=uf, ufs=", ".join(UFS))
    return told


def known_flag(text: str) -> str:
    """One flag by its code, also one that PNCP does not allow to compute.

    Raises:
        UsageError: there is none: that no case is found would be taken for an answer.
    """
    known = catalog.find("mart_flag_computability").contract.columns["flag"].isin
    if text not in known:
        raise UsageError(
            ASKED, "There is no such flag.", "A flag is one of {flags}.", text=text, flags=", ".join(known)
        )
    return text


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
