"""What each red flag is: its code, its words, its source, and what PNCP would have to publish for it.

A flag is a reason to look at a record, not proof of anything: the words accuse nobody, and every source is a
law or a publication that others can read.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis

from dataflows import law
from dataflows.expressions import Text
from dataflows.ledger import CONTRACTS, PURCHASES

_NOT_PROOF = "Um sinal para olhar, não prova."


@dataclass(frozen=True)
class RedFlag:
    """One flag.

    Attributes:
        code: as in the column `flag`; stable, for those who build on it.
        title: a few words in Portuguese.
        wording: what it says of its subject, and when that is regular.
        kind: what a subject is.
        unit: of what is observed and of its limit; empty where nothing can be observed.
        source: law or publication it comes from.
        missing: what keeps subjects from being judged, and what to fetch.
        rests_on: the listings of PNCP that it is judged by, as the ledger names them.
        ocp: code among the indicators of the Open Contracting Partnership; empty where none is the same.
    """

    code: str
    title: str
    wording: str
    kind: str
    unit: str
    source: str
    missing: str
    rests_on: tuple[str, ...] = ()
    ocp: str = ""

    @property
    def listings(self) -> str:
        """What it rests on, as one text."""
        return ", ".join(self.rests_on)

    @property
    def link(self) -> str:
        """Where the official text of the norm is that its source names; empty where it names none."""
        known = law.official_texts().items()
        return next((address for norm, address in known if norm in self.source), "")


NO_DISCOUNT = RedFlag(
    code="no_discount",
    title="Homologado sem desconto sobre o estimado",
    wording="O valor homologado é quase o estimado, ou mais. É regular onde o preço é tabelado ou o critério "
    "é maior desconto, e itens sem vencedor escondem a falta de desconto nos demais.",
    kind="contratacao",
    unit="%",
    source="Indicador low_discount do projeto ihalent, v0.3.0; Lei 14.133/2021, art. 23",
    missing="Amparo legal na Lei 14.133, valor homologado, que só há depois do resultado, e valor estimado "
    "acima de zero. O critério de julgamento, que a contratação não diz, não é olhado.",
    rests_on=(PURCHASES,),
)
NO_ESTIMATE = RedFlag(
    code="no_estimate",
    title="Sem valor estimado publicado, ou orçamento sigiloso",
    wording="A contratação não mostra valor estimado. A lei admite orçamento sigiloso justificado até o "
    "resultado, e zero pode ser sigilo ou valor não informado.",
    kind="contratacao",
    unit="BRL",
    source="Lei 14.133/2021, arts. 23 e 24; indicador no_estimate do projeto ihalent, v0.3.0",
    missing="Amparo legal na Lei 14.133. Se um zero é sigilo só o detalhe da contratação diz: baliza harvest "
    "--endpoint compra.",
    rests_on=(PURCHASES,),
)
SHORT_PROPOSAL_PERIOD = RedFlag(
    code="short_proposal_period",
    title="Prazo de propostas menor que o mais curto previsto para a modalidade",
    wording="Da publicação no PNCP ao fim das propostas há menos dias úteis que o menor mínimo legal da "
    "modalidade. Edital publicado antes em outro meio, ou publicação refeita, explica a diferença, e no SUS "
    "os prazos podem ser reduzidos à metade (art. 55, § 2º); só os feriados nacionais são descontados.",
    kind="contratacao",
    unit="dias úteis",
    source="Lei 14.133/2021, art. 55 e art. 32, § 1º, I",
    ocp="R003",
    missing="Amparo legal na Lei 14.133, data de encerramento das propostas e datas em ordem. O prazo exato "
    "depende do objeto e do critério, que a contratação não diz: vale aqui o mínimo mais brando.",
    rests_on=(PURCHASES,),
)
JUST_BELOW_LIMIT = RedFlag(
    code="just_below_limit",
    title="Dispensa por valor logo abaixo do limite",
    wording="O valor da dispensa está pouco abaixo do limite da data. Muitas compras legítimas custam isso: "
    "olhe a repetição na mesma unidade. O limite é o dobro para consórcio público e agência executiva (art. "
    "75, § 2º).",
    kind="contratacao",
    unit="BRL",
    source="Lei 14.133/2021, art. 75, I e II, e decretos de atualização; open-tender-watch, nº 13",
    missing="Valor homologado ou estimado acima de zero, e data de ano com limite conhecido.",
    rests_on=(PURCHASES,),
)
PURCHASE_DATES_OUT_OF_ORDER = RedFlag(
    code="purchase_dates_out_of_order",
    title="Datas da contratação fora de ordem",
    wording="As propostas se encerram antes de abrir, ou antes da publicação no PNCP. Pode ser erro de "
    "digitação, ou registro feito no PNCP depois da disputa.",
    kind="contratacao",
    unit="dias",
    source="open-tender-watch, C1; Lei 14.133/2021, arts. 54 e 55",
    missing="Data de encerramento das propostas, que a contratação direta costuma não ter.",
    rests_on=(PURCHASES,),
)
PURCHASE_DATE_IMPLAUSIBLE = RedFlag(
    code="purchase_date_implausible",
    title="Data que convém conferir na contratação",
    wording="Uma data das propostas tem ano fora do que se espera. Quase sempre é erro de digitação.",
    kind="contratacao",
    unit="ano",
    source="open-tender-watch, C3",
    missing="Datas de abertura e de encerramento das propostas.",
    rests_on=(PURCHASES,),
)
PURCHASE_VALUE_IMPLAUSIBLE = RedFlag(
    code="purchase_value_implausible",
    title="Valor que convém conferir na contratação",
    wording="O valor estimado ou o homologado destoa do que se espera, e fica fora das somas. Quase sempre é "
    "erro de digitação ou valor de preenchimento.",
    kind="contratacao",
    unit="BRL",
    source="open-tender-watch, C3; auditoria de valores de pncp-desktop",
    missing="Valor estimado ou homologado.",
    rests_on=(PURCHASES,),
)
DIRECT_AWARDS_OVER_LIMIT = RedFlag(
    code="direct_awards_over_limit",
    title="Soma das dispensas por valor da unidade alcança o limite do art. 75",
    wording="Os valores homologados das dispensas por valor da unidade, somados no ano da contratação, "
    "alcançam o limite do inciso. O limite vale por ramo de atividade, que o PNCP não publica: a soma de "
    "ramos diferentes é regular. É o dobro para consórcio público e agência executiva (art. 75, § 2º), e a "
    "manutenção de veículos de pequeno valor fica fora da soma (§ 7º).",
    kind="orgao-unidade-ano-inciso",
    unit="BRL",
    source="Lei 14.133/2021, art. 75, I, II e §§ 1º, 2º e 7º, e decretos de atualização",
    missing="Valor homologado de cada dispensa do ano e o seu ramo de atividade. Anos que não estão inteiros "
    "no arquivo somam menos: baliza harvest --endpoint contratacoes_publicacao.",
    rests_on=(PURCHASES,),
)
SUPPLIER_OVER_LIMIT = RedFlag(
    code="direct_awards_to_supplier_over_limit",
    title="Soma das dispensas por valor do órgão com o fornecedor alcança o valor do art. 75",
    wording="Os contratos do órgão com o fornecedor, nascidos de dispensas por valor, somam no ano o limite "
    "do inciso. O limite legal é da unidade e do ramo, não do fornecedor: serve só de indício. É o dobro "
    "para consórcio público e agência executiva (art. 75, § 2º), e a manutenção de veículos de pequeno valor "
    "fica fora da soma (§ 7º).",
    kind="orgao-fornecedor-ano-inciso",
    unit="BRL",
    source="Open Contracting Partnership, R055; Lei 14.133/2021, art. 75, I, II e § 1º",
    ocp="R055",
    missing="A contratação de origem no arquivo, que diz o amparo legal: baliza harvest --endpoint "
    "contratacoes_publicacao. A maior parte das dispensas não vira contrato no PNCP.",
    rests_on=(CONTRACTS, PURCHASES),
)
REPEATED_DIRECT_AWARDS = RedFlag(
    code="repeated_direct_awards",
    title="Dispensas repetidas do mesmo órgão ao mesmo fornecedor",
    wording="O órgão contratou o mesmo fornecedor por várias dispensas no mesmo ano. Fornecedor único na "
    "praça e compras de objetos diferentes o explicam.",
    kind="orgao-fornecedor-ano",
    unit="contratações",
    source="open-tender-watch, A1; Lei 14.133/2021, art. 75",
    missing="A contratação de origem no arquivo, que diz a modalidade: baliza harvest --endpoint "
    "contratacoes_publicacao.",
    rests_on=(CONTRACTS, PURCHASES),
)
GROWTH_AFTER_SIGNING = RedFlag(
    code="growth_after_signing",
    title="Valor global acima do inicial além do limite",
    wording="O valor global supera o inicial em mais que o limite de acréscimos do art. 125. Prorrogação, "
    "reajuste e repactuação também aumentam o valor e não contam no limite: os termos do contrato dizem qual "
    "foi.",
    kind="contrato",
    unit="%",
    source="Lei 14.133/2021, art. 125; sigma, PR nº 116",
    missing="Valor inicial acima de zero, e no arquivo a contratação de origem, que diz a lei: baliza "
    "harvest --endpoint contratacoes_publicacao. Poucos órgãos corrigem o valor global depois da assinatura: "
    "os acréscimos ficam nos termos, muitos sem valor, que este sinal não lê.",
    rests_on=(CONTRACTS, PURCHASES),
)
PUBLISHED_LATE = RedFlag(
    code="published_late",
    title="Contrato publicado mais de 20 (ou 10) dias úteis depois da assinatura",
    wording="Entre a assinatura e a publicação no PNCP passaram mais de 20 dias úteis, ou mais de 10 na "
    "dispensa e na inexigibilidade. Publicação refeita explica a diferença, e feriado local faz o prazo "
    "parecer maior.",
    kind="contrato",
    unit="dias úteis",
    source="Lei 14.133/2021, art. 94, I e II, e art. 176",
    missing="Data de assinatura plausível, desde a vigência da lei. Município de até 20 mil habitantes é "
    "dispensado até abril de 2027, e o PNCP não diz a população: não se julga nenhum. A lei e o prazo "
    "quem diz é a contratação de origem: baliza harvest --endpoint contratacoes_publicacao.",
    rests_on=(CONTRACTS, PURCHASES),
)
CONTRACT_DATES_OUT_OF_ORDER = RedFlag(
    code="contract_dates_out_of_order",
    title="Datas do contrato fora de ordem",
    wording="A vigência termina antes de começar, ou a assinatura é posterior à publicação no PNCP. Pode ser "
    "erro de digitação.",
    kind="contrato",
    unit="dias",
    source="open-tender-watch, A2; Lei 14.133/2021, art. 94",
    missing="Datas de assinatura e de vigência.",
    rests_on=(CONTRACTS,),
)
CONTRACT_DATE_IMPLAUSIBLE = RedFlag(
    code="contract_date_implausible",
    title="Data que convém conferir no contrato",
    wording="Uma data do contrato tem ano fora do que se espera, ou o prazo é muito longo. Quase sempre é "
    "erro de digitação.",
    kind="contrato",
    unit="ano",
    source="open-tender-watch, C3; Lei 14.133/2021, art. 110",
    missing="Datas de assinatura e de vigência.",
    rests_on=(CONTRACTS,),
)
CONTRACT_VALUE_IMPLAUSIBLE = RedFlag(
    code="contract_value_implausible",
    title="Valor que convém conferir no contrato",
    wording="O valor global destoa do que se espera, e fica fora das somas. Quase sempre é erro de digitação "
    "ou valor de preenchimento.",
    kind="contrato",
    unit="BRL",
    source="open-tender-watch, C3; auditoria de valores de pncp-desktop",
    missing="Valor global.",
    rests_on=(CONTRACTS,),
)
YEAR_END_RUSH = RedFlag(
    code="year_end_rush",
    title="Contratos concentrados em dezembro",
    wording="Grande parte do valor que o órgão contratou no ano foi assinada em dezembro. Um só contrato "
    "grande, ou recursos liberados tarde, o explicam.",
    kind="orgao-ano",
    unit="%",
    source="Liebman e Mahoney, Do Expiring Budgets Lead to Wasteful Year-End Spending?, American Economic "
    "Review 107 (11), 2017",
    missing="Contratos de quase todos os meses do ano no arquivo, com data de assinatura e valor: baliza "
    "harvest --endpoint contratos.",
    rests_on=(CONTRACTS,),
)
CONCENTRATED_SUPPLIERS = RedFlag(
    code="concentrated_suppliers",
    title="Contratos concentrados em poucos fornecedores",
    wording="Poucos fornecedores têm quase todo o valor que o órgão contratou na categoria e no ano. É comum "
    "em órgãos pequenos e em mercados de poucos fornecedores.",
    kind="orgao-categoria-ano",
    unit="pontos",
    source="Índice Herfindahl-Hirschman; open-tender-watch, nº 25",
    missing="Contratos bastantes com fornecedor e valor no mesmo ano: baliza harvest --endpoint contratos.",
    rests_on=(CONTRACTS,),
)

COMPUTED = (
    NO_DISCOUNT,
    NO_ESTIMATE,
    SHORT_PROPOSAL_PERIOD,
    JUST_BELOW_LIMIT,
    PURCHASE_DATES_OUT_OF_ORDER,
    PURCHASE_DATE_IMPLAUSIBLE,
    PURCHASE_VALUE_IMPLAUSIBLE,
    DIRECT_AWARDS_OVER_LIMIT,
    SUPPLIER_OVER_LIMIT,
    REPEATED_DIRECT_AWARDS,
    GROWTH_AFTER_SIGNING,
    PUBLISHED_LATE,
    CONTRACT_DATES_OUT_OF_ORDER,
    CONTRACT_DATE_IMPLAUSIBLE,
    CONTRACT_VALUE_IMPLAUSIBLE,
    YEAR_END_RUSH,
    CONCENTRATED_SUPPLIERS,
)
"""The flags that PNCP's records support."""


def _unsupported(ocp: str, code: str, title: str, unpublished: str) -> RedFlag:
    """An indicator of the Open Contracting Partnership that needs what PNCP keeps to itself."""
    return RedFlag(
        code=code,
        title=title,
        wording="Indicador conhecido em outros países, que não se calcula com o que o PNCP publica.",
        kind="contratacao",
        unit="",
        source=f"Open Contracting Partnership, {ocp}",
        ocp=ocp,
        missing=f"O PNCP não publica {unpublished}.",
    )


UNSUPPORTED = (
    _unsupported("R018", "single_bid", "Licitação com uma só proposta", "quantos propuseram"),
    _unsupported("R024", "close_bids", "Segunda proposta perto da vencedora", "as propostas vencidas"),
    _unsupported("R025", "unsuccessful_bidder", "Licitante que quase nunca vence", "quem propôs e perdeu"),
    _unsupported("R028", "identical_bids", "Propostas de mesmo valor", "as propostas vencidas"),
    _unsupported("R030", "late_bid_won", "Venceu proposta fora do prazo", "a data de cada proposta"),
    _unsupported("R035", "only_winner_left", "Só restou a vencedora", "as desclassificações"),
    _unsupported("R036", "lowest_bid_disqualified", "Menor proposta eliminada", "as desclassificações"),
    _unsupported("R038", "many_disqualified_bids", "Muitas desclassificações", "as desclassificações"),
    _unsupported(
        "R048",
        "heterogeneous_supplier",
        "Fornecedor de objetos muito diversos",
        "uma classificação comum dos objetos: a dos itens é de cada catálogo, e muitos não têm",
    ),
    _unsupported("R058", "discounted_bid", "Vencedora muito abaixo da segunda", "as propostas vencidas"),
)
"""Flags known elsewhere that PNCP's records cannot support, said so that nobody looks for them in vain."""


def fact(flag: Text, name: str) -> Text:
    """What the definitions say of each flag, such as its title; null where they say nothing.

    Written as a CASE over the code, so that no join is paid and a changed text changes the SQL.
    """
    said = {known.code: getattr(known, name) for known in (*COMPUTED, *UNSUPPORTED)}
    return ibis.cases(*((flag == code, words) for code, words in said.items() if words))


def wording(flag: Text) -> Text:
    """The neutral words of a flag, ending in what all of them have in common."""
    return fact(flag, "wording") + f" {_NOT_PROOF}"
