"""Whatever comes, in whatever order: the file is the one that a build from nothing makes."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baliza.build import catalog, code, renewal
from dataflows.mart import spending
from dataflows.stage import contratos

STAGE = "stage_contratos"
MARTS = [name for name, node in catalog.tables().items() if node.contract.by_group]
RECORDS = st.lists(
    st.fixed_dictionaries(
        {"key": st.integers(0, 14)},
        optional={
            "value": st.sampled_from([None, 0, 50, 100, 20_000_000_000]),
            "day": st.none() | st.integers(-2, 4),
            "orgao": st.integers(0, 2),
            "month": st.none() | st.integers(0, 2),
            "supplier": st.none() | st.integers(0, 2),
            "purchase": st.none() | st.integers(0, 2),
            "empenho": st.booleans(),
            "name": st.none() | st.integers(0, 2),
        },
    ),
    min_size=1,
    max_size=4,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("land"), RECORDS),
        st.tuples(st.just("land without the marts"), RECORDS),
        st.tuples(st.just("drop"), st.sampled_from([STAGE, *MARTS])),
        st.tuples(st.just("parameter"), st.sampled_from([2, 1_000_000_000])),
        st.tuples(st.just("code"), st.sampled_from(["of stage", "of a mart", "as it was"])),
    ),
    min_size=1,
    max_size=5,
)


@given(first=RECORDS, steps=STEPS)
@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_sequence_of_increments_is_a_whole_build(records_file, first, steps):
    _follow(records_file(), first, steps)


@pytest.mark.slow
@given(first=RECORDS, steps=STEPS)
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_of_many_sequences_of_increments_is_a_whole_build(records_file, first, steps):
    _follow(records_file(), first, steps)


def _follow(file, first, steps):
    """Take the steps, and after each hold the file against one built from nothing."""
    params = {}
    with pytest.MonkeyPatch.context() as patch, file.con:
        patch.setattr(renewal, "MOST_KEYS", 1000)
        file.land(*(file.record(**one) for one in first))
        file.build()
        for kind, what in steps:
            if kind.startswith("land"):
                file.land(*(file.record(**one) for one in what))
            elif kind == "drop":
                file.con.execute(f"DROP TABLE IF EXISTS {catalog.tables()[what].location}")
            elif kind == "parameter":
                params = {"review_value": what}
            else:
                _edit(patch, what)
            if kind == "land without the marts":
                file.build([STAGE], **params)
            else:
                file.build(**params)
                assert file.rows() == file.from_nothing(**params)


def _edit(patch, what):
    """Other functions in the modules of the dataflow, as another text of them would make."""
    edited = {
        "of stage": ("edited stage", lambda text: _CLEAN(text).upper(), _SUM),
        # Of the parts alone, which must not exceed the whole.
        "of a mart": ("edited mart", _CLEAN, lambda value, where: _SUM(value, where & (value > 50))),
        "as it was": (_DIGEST, _CLEAN, _SUM),
    }
    digest, clean, sum_where = edited[what]
    patch.setattr(code, "digest", lambda: digest)
    patch.setattr(contratos, "clean", clean)
    patch.setattr(spending, "sum_where", sum_where)


_CLEAN, _SUM, _DIGEST = contratos.clean, spending.sum_where, code.digest()
