"""pandas stays out of the process of a command that does not need it."""

import subprocess
import sys

import pytest

WHOLE = """
import sys
import duckdb
from baliza.cli.lean import leave_pandas_out
leave_pandas_out()
leave_pandas_out()
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
