"""Change the dataflow, one place at a time, and see which changes no test notices. docs/contributing.md says more.

python tests/mutation/run.py                             every module of dataflows/
python tests/mutation/run.py stage/verdicts mart/spending
python tests/mutation/run.py stage/itens --sample 100    every so many, evenly

Cosmic Ray writes each change into the file and takes it back. Found so far stays in `.mutation/<module>.sqlite`:
a second run goes on where the first ended; `--again` runs the survivors once more, after a test was added.
"""

import argparse
import ast
import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path

import pytest
from cosmic_ray import plugins
from cosmic_ray.commands import init
from cosmic_ray.mutating import use_mutation
from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult
from operators import CORE, IBIS

ROOT = Path(__file__).parents[2]
SKIPPED = WorkResult(worker_outcome=WorkerOutcome.SKIPPED)


def run(module, sample, *, again):
    path = Path("dataflows", f"{module}.py")
    session = Path(".mutation", f"{module.replace('/', '_')}.sqlite")
    session.parent.mkdir(exist_ok=True)
    tests = _tests_of(module)
    started = time.monotonic()
    if tests is None:
        return f"{module}: no tests of its own"
    if _tried(tests, 600) is not TestOutcome.SURVIVED:
        return f"{module}: its tests fail without a change"
    patience = 30 + 3 * (time.monotonic() - started)
    with use_db(session) as db:
        if not db.num_work_items:
            init([path], db, {})
            _skip(db, path, sample)
        done = dict(db.results)
        for item in sorted(db.work_items, key=_place):
            known = done.get(item.job_id)
            if known is None or (again and known.test_outcome is TestOutcome.SURVIVED):
                db.set_result(item.job_id, _result(item.mutations[0], tests, patience))
        found = sorted(
            ((_place(item), result) for item, result in db.completed_work_items if result.diff), key=str
        )
    lost = [(place, result) for place, result in found if not result.is_killed]
    for ((line, _column), operator, _occurrence), result in lost:
        print(f"{path}:{line} {operator}\n{result.diff}")
    seconds = round(time.monotonic() - started)
    return (
        f"{module}: {len(found)} mutants, {len(found) - len(lost)} killed, {len(lost)} survived, {seconds} s"
    )


def _tests_of(module):
    """A module's own tests, and those of every table of its layer that are of this one."""
    folder, _slash, name = module.rpartition("/")
    own, every = (Path("tests", "dataflows", folder, f"test_{which}.py") for which in (name, "every_table"))
    files = [str(file) for file in (every, own) if file.exists()]
    return [*files, "-k", f"{own.name} or {folder}_{name}"] if own.exists() else None


def _result(mutation, tests, patience):
    operator = plugins.get_operator(mutation.operator_name)(**mutation.operator_args)
    with use_mutation(mutation.module_path, operator, mutation.occurrence) as (before, after):
        outcome = _tried(tests, patience)
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    diff = next((f"    - {old}\n    + {new}" for old, new in pairs if old != new), "    - the last lines")
    return WorkResult(worker_outcome=WorkerOutcome.NORMAL, test_outcome=outcome, diff=diff)


def _tried(tests, patience):
    """Whether the tests notice, in processes that have imported what takes long already, but nothing of ours."""
    for which in ("not slow and not hypothesis", "not slow and hypothesis"):  # the quick ones first
        child = multiprocessing.get_context("fork").Process(target=_pytest, args=(which, tests))
        child.start()
        child.join(patience)
        child.kill()
        if child.exitcode not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return TestOutcome.KILLED
    return TestOutcome.SURVIVED


def _pytest(which, tests):
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    # The test that noticed the last change often notices the next one. What was imported beforehand comes with
    # plugins of pytest.
    options = ("-x", "-n", "0", "-m", which, "--ff", "-o", "cache_dir=.mutation/pytest")
    os._exit(pytest.main([*options, "-W", "ignore::pytest.PytestAssertRewriteWarning", *tests]))


def _skip(db, path, sample):
    """Leave out what is no behaviour, and of the rest all but an even sample."""
    source = path.read_text(encoding="utf-8")
    spans = list(_declared(ast.parse(source)))
    lines = source.splitlines()
    kept = []
    for item in db.work_items:
        (mutation,) = item.mutations
        line, column = mutation.start_pos
        declared = any(start <= (line, column) < end for start, end in spans)
        keyword_only = lines[line - 1][column:].startswith("*,")
        if keyword_only or (declared and mutation.operator_name != "core/RemoveDecorator"):
            db.set_result(item.job_id, SKIPPED)
        else:
            kept.append(item)
    step = max(1, len(kept) / sample) if sample else 1
    sampled = {int(place * step) for place in range(sample or len(kept))}
    for place, item in enumerate(sorted(kept, key=_place)):
        if place not in sampled:
            db.set_result(item.job_id, SKIPPED)


def _place(item):
    (mutation,) = item.mutations
    return tuple(mutation.start_pos), mutation.operator_name, mutation.occurrence


def _declared(tree):
    """Columns of contracts, types, docstrings, names of rules, sentences of errors."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            body = (one for one in node.body if not isinstance(one, ast.FunctionDef))
            yield from map(_span, [*node.decorator_list, *body])
        if isinstance(node, ast.FunctionDef):
            yield from map(_span, [*node.decorator_list, *filter(None, [node.returns])])
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            yield _span(node.annotation)
        literal = isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal"
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if literal or docstring or isinstance(node, ast.Raise):
            yield _span(node)


def _span(node):
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def main():
    every = sorted(
        str(file.relative_to("dataflows").with_suffix("")) for file in Path("dataflows").rglob("[a-z]*.py")
    )
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "modules", nargs="*", default=every, help="such as stage/verdicts; all of them by default"
    )
    parser.add_argument("--sample", type=int, help="at most so many mutants of a module")
    parser.add_argument("--again", action="store_true", help="run the survivors once more")
    asked = parser.parse_args()
    plugins.OPERATOR_PROVIDERS.clear()
    plugins.OPERATOR_PROVIDERS.update(core=CORE, ibis=IBIS)
    sys.dont_write_bytecode = True
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # not before the file is as it was
    # The real answers are not redistributed: what only they notice is missing in the tests.
    os.environ["BALIZA_REAL_PAGES"] = os.devnull
    import hamilton.driver  # noqa: F401
    import ibis.backends.duckdb  # noqa: F401
    import pandera.ibis  # noqa: F401
    from hypothesis import Phase, settings

    # That an example fails is enough: the shortest that does takes long to find.
    settings.register_profile("mutation", database=None, phases=(Phase.explicit, Phase.generate))
    settings.load_profile("mutation")
    for module in asked.modules:
        print(run(module, asked.sample, again=asked.again), flush=True)


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))  # these files, wherever the package is installed from
    main()
