"""The models of the old dbt project, as it was and as it should have meant, and the SQL that makes them.

`project/` is that project, which dbt runs as it stands; plain DuckDB runs the text of its macros.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

PROJECT = Path(__file__).parent / "project"
SCHEMAS = ("dbt", "dbt_stage", "dbt_mart", "dbt_was")
"""What dbt makes in a file: its tables are in the last three."""

RAW = "source.raw"
"""Where the raw tables are found: the file that holds them, attached under this name."""


@dataclass(frozen=True)
class Model:
    """A table, and how it is made.

    Attributes:
        table: where it is written; of a model as it should have meant, the place of baliza's table.
        macro: the file of its SQL, within `project/macros/`.
        reads: what the SQL reads, by the name it has there.
        old: the table of the old project that asked the question; None where none did.
    """

    table: str
    macro: str
    reads: Mapping[str, str]
    old: str | None = None

    @property
    def name(self) -> str:
        """What dbt calls it."""
        return self.table.partition(".")[2]

    @property
    def location(self) -> str:
        """Where dbt writes it."""
        return f"dbt_{self.table.replace('meant.', 'stage.')}"


def _raw(**tables: str) -> dict[str, str]:
    return {name: f"{RAW}.{table}" for name, table in tables.items()}


WAS = (
    Model(
        "was.dim_organizacoes",
        "was/was_dim_organizacoes",
        _raw(contratos="contratos", contratacoes="contratacoes"),
    ),
    Model(
        "was.dim_unidades_orgao",
        "was/was_dim_unidades_orgao",
        _raw(contratos="contratos", contratacoes="contratacoes"),
    ),
    Model(
        "was.fact_contratos",
        "was/was_fact_contratos",
        _raw(contratos="contratos")
        | {"organizacoes": "was.dim_organizacoes", "unidades": "was.dim_unidades_orgao"},
    ),
    Model(
        "was.fact_contratacoes",
        "was/was_fact_contratacoes",
        _raw(contratacoes="contratacoes")
        | {"organizacoes": "was.dim_organizacoes", "unidades": "was.dim_unidades_orgao"},
    ),
    Model(
        "was.mart_procurement_analytics",
        "was/was_mart_procurement_analytics",
        {"contratacoes": "was.fact_contratacoes", "contratos": "was.fact_contratos"},
    ),
    Model(
        "was.mart_compras_beneficios",
        "was/was_mart_compras_beneficios",
        _raw(itens="itens") | {"contratacoes": "was.fact_contratacoes"},
    ),
    Model(
        "was.mart_contratacoes_analytics",
        "was/was_mart_contratacoes_analytics",
        {"contratacoes": "was.fact_contratacoes"},
    ),
)
"""As it was, each after those it reads."""

MEANT = (
    Model("stage.contratos", "meant/stage_contratos", _raw(raw="contratos"), "fact_contratos"),
    Model("mart.spending", "meant/mart_spending", {"stage": "stage.contratos"}),
    Model(
        "stage.contratacoes",
        "meant/stage_contratacoes",
        _raw(raw="contratacoes", details="compras"),
        "fact_contratacoes",
    ),
    Model(
        "meant.mentions",
        "meant/mentions",
        _raw(atas="atas", termos="termos")
        | {"contratacoes": "stage.contratacoes", "contratos": "stage.contratos"},
    ),
    Model("stage.orgaos", "meant/stage_orgaos", {"mentions": "meant.mentions"}, "dim_organizacoes"),
    Model("stage.unidades", "meant/stage_unidades", {"mentions": "meant.mentions"}, "dim_unidades_orgao"),
    Model(
        "mart.procurement",
        "meant/mart_procurement",
        {"contratacoes": "stage.contratacoes", "contratos": "stage.contratos"},
        "mart_procurement_analytics",
    ),
    Model(
        "mart.sme_benefits",
        "meant/mart_sme_benefits",
        _raw(itens="itens", resultados="resultados") | {"contratacoes": "stage.contratacoes"},
        "mart_compras_beneficios",
    ),
    Model(
        "mart.contratacoes_analytics",
        "meant/mart_contratacoes_analytics",
        {"contratacoes": "stage.contratacoes"},
        "mart_contratacoes_analytics",
    ),
)
"""As it should have meant, each after those it reads."""

COMPARED = tuple(model for model in MEANT if model.table.startswith(("stage.", "mart.")))
"""The models that stand where baliza has a table; others are steps between."""


def sql(macro: str, **relations: str) -> str:
    """The text of a macro for plain DuckDB, with the relations that it reads.

    Args:
        macro: its file within `project/macros/`, without suffix.
        relations: what stands for each of the macro's parameters; `domains`, the folder of the official code
            tables, is known.
    """
    text = re.sub(r"{%.*?%}", "", (PROJECT / "macros" / f"{macro}.sql").read_text(encoding="utf-8"))
    for parameter, relation in ({"domains": domains().replace("'", "''")} | relations).items():
        text = text.replace("{{ " + parameter + " }}", relation)
    return text


def domains() -> str:
    """The folder of the official code tables."""
    return str(resources.files("dataflows") / "domains")
