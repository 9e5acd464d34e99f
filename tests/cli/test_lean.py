"""What a command does not need stays out of its process."""

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
        "exec('con.execute(\"SELECT len(?)\", [[*range(2_001)]])', {'__name__': 'baliza.some', 'con': con})",
        "True",
    ),
    "an import of another module": ("exec('import hamilton.driver', {'__name__': 'baliza.some'})", "True"),
}


@pytest.mark.parametrize(("then", "there"), THEN.values(), ids=THEN.keys())
def test_pandas_is_imported_where_it_is_needed_alone(then, there):
    ran = subprocess.run(
        [sys.executable, "-c", WHOLE.format(then=then)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == there


def test_commands_that_read_do_without(built_sample):
    script = "import atexit, sys; from baliza.cli.app import main; atexit.register(lambda: print('pandas' in sys.modules)); main()"
    command = [
        sys.executable,
        "-c",
        script,
        "show",
        "mart_spending",
        "--uf",
        "SC",
        "--database",
        built_sample,
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "False"


def test_a_build_imports_pandas_and_neither_pandera_nor_extensions_of_hamilton(tmp_path):
    script = (
        "import atexit, sys; from baliza.cli.app import main; "
        "atexit.register(lambda: print([name for name in sys.modules if name in ('pandas', 'pandera', 'matplotlib')"
        " or name.startswith('hamilton.plugins.')])); main()"
    )
    command = [
        sys.executable,
        "-c",
        script,
        "build",
        "--source",
        "sample",
        "--database",
        tmp_path / "sample.duckdb",
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "['pandas']"
