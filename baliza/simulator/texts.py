"""Object texts: Portuguese sentences that fit what is bought, and the dirt PNCP's texts come with."""

from __future__ import annotations

import random

from baliza.simulator.chance import happens
from baliza.simulator.organs import plain
from baliza.simulator.segments import Segment

OPENINGS: dict[str, tuple[str, ...]] = {
    "goods": (
        "Aquisição de {}", "Aquisição parcelada de {}", "Fornecimento de {}", "Compra de {}",
        "Registro de preços para futura e eventual aquisição de {}", "Fornecimento contínuo de {}",
        "Contratação de empresa para fornecimento de {}", "Aquisição emergencial de {}",
    ),
    "services": (
        "Contratação de empresa especializada para {}", "Prestação de serviços de {}", "Contratação de {}",
        "Contratação de pessoa jurídica para {}", "Serviços continuados de {}", "Credenciamento para {}",
        "Contratação direta, por dispensa de licitação, de {}", "Contratação por inexigibilidade de {}",
    ),
    "works": (
        "Execução de {}", "Contratação de empresa de engenharia para {}", "Obra de {}",
        "Execução, sob regime de empreitada por preço global, de {}", "Execução da segunda etapa de {}",
        "Contratação de empresa especializada para {} com fornecimento de material e mão de obra",
    ),
    "income": ("Contrato de {}", "Termo de {}", "{}, mediante pagamento mensal", "{}, conforme leilão"),
}  # fmt: skip
PURPOSES = (
    "para atender as necessidades da Secretaria Municipal de Saúde",
    "para atender as necessidades da Secretaria Municipal de Educação",
    "destinados à merenda escolar", "para manutenção das atividades administrativas",
    "em atendimento às demandas do Fundo Municipal de Saúde", "para as unidades escolares da rede pública",
    "para o setor de obras e serviços urbanos", "para o CRAS e o CREAS",
    "destinados aos programas da Secretaria de Assistência Social", "para a frota oficial",
    "para atender as unidades básicas de saúde", "para os diversos setores deste órgão",
    "no âmbito do programa de agricultura familiar", "para o Corpo de Bombeiros", "para o hospital regional",
    "para o Fundeb", "para os campi da instituição", "para o gabinete da presidência",
    "em comemoração ao aniversário da cidade", "para famílias em situação de vulnerabilidade",
)  # fmt: skip
ENDINGS = (
    "pelo período de 12 (doze) meses", "conforme Pregão Eletrônico nº {n}/{y}",
    "conforme termo de referência", "conforme especificações do edital e seus anexos",
    "de acordo com a Ata de Registro de Preços nº {n}/{y}",
    "nos termos da Lei nº 14.133/2021", "conforme Processo Administrativo nº {n}/{y}", "item {i}",
    "lote {i}", "em caráter de urgência", "durante o exercício de {y}", "por 90 (noventa) dias",
    "conforme Dispensa de Licitação nº {n}/{y}", "com entrega parcelada", "com recursos próprios",
)  # fmt: skip
EMPENHO = (
    "Empenho referente a {}", "EMPENHO ESTIMATIVO - {}", "Reforço de empenho: {}", "Nota de empenho - {}",
    "{} - autorização de fornecimento {n}/{y}", "Valor que se empenha para {}", "{}",
)  # fmt: skip
LINE_BREAKS = ("\r\n", "\n", "\r", "\t", " \n ")
LINE_BREAK_SHARE = 0.06
RARE_FLAWS = ("\x93{}\x94", "\u200b\u200b{}", "\xa0{}", "{}   ", "  {}")
RARE_FLAW_SHARE = 0.012
LOST_LETTERS_SHARE = 0.002
UPPER_SHARE = 0.45
BLANKS = ((None, 0.744), ("", 0.153), (" ", 0.003))
"""How often an optional text is null, empty or blank; the rest of the time it says something."""


def purpose_text(rng: random.Random, segment: Segment, year: int) -> str:
    """Word what is bought, for whom and on what terms.

    Args:
        rng: where chance comes from.
        segment: the market.
        year: year of the purchase, quoted in some of the texts.

    Returns:
        One clean sentence without a full stop, in upper case about half of the time.
    """
    things = rng.sample(segment.items, 2 if segment.style == "goods" and happens(rng, 0.2) else 1)
    parts = [rng.choice(OPENINGS[segment.style]).format(" e ".join(things))]
    if happens(rng, 0.75):
        parts.append(rng.choice(PURPOSES))
    text = " ".join(parts)
    for _ in range(rng.choice((0, 1, 1, 2))):
        ending = rng.choice(ENDINGS).format(n=rng.randint(1, 240), y=year, i=rng.randint(1, 40))
        text += ", " + ending
    return text.upper() if happens(rng, UPPER_SHARE) else text[0].upper() + text[1:]


def empenho_text(rng: random.Random, objeto: str, year: int) -> str:
    """Word an empenho of a contract whose object is `objeto`."""
    return rng.choice(EMPENHO).format(objeto, n=rng.randint(1, 9_000), y=year)


def soiled(rng: random.Random, text: str) -> str:
    """Give a text, at PNCP's rates, what source systems leave in it.

    Line breaks of every kind and tabs; now and then a C1 control character, zero-width or no-break spaces,
    padding, or accented letters replaced by dots.
    """
    if happens(rng, LINE_BREAK_SHARE):
        words = text.split(" ")
        words[rng.randrange(len(words))] += rng.choice(LINE_BREAKS)
        text = " ".join(words)
    if happens(rng, RARE_FLAW_SHARE):
        text = rng.choice(RARE_FLAWS).format(text)
    if happens(rng, LOST_LETTERS_SHARE):
        text = text.replace("çã", "..").replace("ÇÃ", "..")
    return text


def optional_text(rng: random.Random, said: str) -> str | None:
    """Return `said`, or far more often one of the three ways PNCP has of saying nothing."""
    spot = rng.random()
    for blank, share in BLANKS:
        spot -= share
        if spot < 0:
            return blank
    return said


def padded_number(rng: random.Random, text: str) -> str:
    """Return a number of the source system, padded with a space once in fifty times."""
    return text if not happens(rng, 0.02) else rng.choice((f" {text}", f"{text} "))


def processo_text(rng: random.Random, objeto: str, year: int) -> str:
    """Invent the number of an administrative process, in one of the forms in use."""
    number = rng.randrange(1, 60_000)
    form = rng.randrange(6)
    if form == 0:
        text = f"{number % 900 + 1}/{year}"
    elif form == 1:
        text = f"{23_000 + number % 900}.{number:06d}/{year}-{number % 97:02d}"
    elif form == 2:  # noqa: PLR2004
        text = f"{number:06d}/{year}: {plain(objeto)[:80]}"
    elif form == 3:  # noqa: PLR2004
        text = str(number)
    else:
        text = f"{number:04d}/{year}"
    return padded_number(rng, text)
