"""What a command does not need stays out of its process."""

import shutil
import subprocess
import sys

import pytest

WHOLE = """
import sys
import duckdb
from baliza.cli.lean import import_little
import_little()
import_little()
con = duckdb.connect()
{then}
print("pandas" in sys.modules)
"""

THEN = {
    "a statement of baliza with a parameter": (
        "exec('con.execute(\"SELECT ?\", [1])', {'__name__': 'baliza.some', 'con': con})",
        "False",
    ),
    "the same of another program": (
        "exec('con.execute(\"SELECT ?\", [1])', {'__name__': 'ibis.some', 'con': con})",
        "True",
    ),
    "more parameters than are worth it": (
        "exec('con.execute(\"SELECT len(?)\", [[*range(10_001)]])', {'__name__': 'baliza.some', 'con': con})",
        "True",
    ),
    "an import of another module": (
        "exec('import ibis.formats.pandas', {'__name__': 'baliza.some'})",
        "True",
    ),
}


@pytest.mark.parametrize(("then", "there"), THEN.values(), ids=THEN.keys())
def test_pandas_is_imported_where_it_is_needed_alone(then, there):
    ran = subprocess.run(
        [sys.executable, "-c", WHOLE.format(then=then)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == there


def imported(names, *arguments):
    """Which modules of these names, or in `hamilton.plugins`, a command has imported when it ends."""
    script = (
        "import atexit, sys; from baliza.cli.app import main; "
        f"atexit.register(lambda: print([name for name in sys.modules if name in {names}"
        " or name.startswith('hamilton.plugins.')])); main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
    )
    return ran.stdout.splitlines()[-1]


def test_commands_that_read_do_without(built_sample):
    command = ["show", "mart_spending", "--uf", "SC", "--database", built_sample]
    assert imported(("pandas", "json"), *command) == "['json']"


def test_a_build_with_nothing_to_do_imports_none_of_the_dataflow(built_sample, tmp_path):
    file = shutil.copy(built_sample, tmp_path / "pncp.duckdb")
    command = ["build", "--no-fetch", "--source", "sample", "--database", file]
    imported((), *command)  # what the code defines is kept from here on
    assert imported(("ibis", "hamilton", "dataflows.contract", "json"), *command) == "['json']"


HAMILTON = """
import sys
from baliza.cli import lean
lean.import_little()
{first}
import hamilton.driver, hamilton.base
print(sorted({{"numpy", "pandas"}} & set(sys.modules)))
import numpy, pandas
print(pandas.DataFrame({{"n": numpy.arange(3)}}).n.sum(), hamilton.base.pd is pandas)
there = set(map(id, sys.modules.values())) | {{id(hamilton.base.pd), id(hamilton.base.np)}}
loaded = [module for name, module in sys.modules.items() if name.partition(".")[0] == "hamilton"]
print([vars(one)["__name__"] for one in loaded for value in vars(one).values()
       if isinstance(value, type(sys)) and value.__name__.startswith("hamilton") and id(value) not in there])
from hamilton.ad_hoc_utils import create_temporary_module
def two() -> int: return 2
def four(two: int) -> int: return two * 2
nodes = create_temporary_module(two, four)
print(hamilton.driver.Driver({{}}, nodes, adapter=hamilton.base.DictResult()).execute(["four"]))
"""

ONCE = """
class Once:
    asked = False
    def find_spec(self, name, path, target=None, /):
        if name == "hamilton.graph" and not Once.asked:
            Once.asked = True
            raise RuntimeError
sys.meta_path.insert(0, Once())
"""

FIRST = {
    "nothing is imported": ("", ["[]", "3 False", "[]", "{'four': 4}"]),
    "pandas was imported": ("import pandas", ["['numpy', 'pandas']", "3 True", "[]", "{'four': 4}"]),
    "its extensions are wished for": (
        "import os; os.environ['HAMILTON_AUTOLOAD_EXTENSIONS'] = '1'",
        ["[]", "3 False", "[]", "{'four': 4}"],
    ),
    "Hamilton asks for more than names": (
        ONCE,
        ["['numpy', 'pandas']", "3 True", "[]", "{'four': 4}"],
    ),
}


@pytest.mark.parametrize(("first", "said"), FIRST.values(), ids=FIRST.keys())
def test_a_driver_of_hamilton_does_without_pandas_and_who_needs_it_finds_it(first, said):
    ran = subprocess.run(
        [sys.executable, "-c", HAMILTON.format(first=first)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines() == said


def test_a_build_imports_neither_arrays_nor_frames_nor_extensions_of_hamilton(tmp_path):
    needless = ("matplotlib", "numpy", "pandas", "pandera", "pyarrow")
    command = ["build", "--source", "sample", "--database", tmp_path / "sample.duckdb"]
    assert imported((*needless, "hamilton.driver"), *command) == "['hamilton.driver']"
