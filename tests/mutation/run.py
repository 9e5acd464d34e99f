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
from left_out import declared
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
    """A module's own tests, and those of every table of its layer that are of this one.

    A module without tests of its own is a part of those that import it, and tried against theirs.
    """
    files, named = set(), []
    for folder, _slash, name in (one.rpartition("/") for one in sorted(_tested(module))):
        own, every = (
            Path("tests", "dataflows", folder, f"test_{which}.py") for which in (name, "every_table")
        )
        files |= {str(file) for file in (every, own) if file.exists()}
        named += [own.name, f"{folder}_{name}"]
    return [*sorted(files), "-k", " or ".join(named)] if files else None


def _tested(module):
    """The modules whose tests are those of this one."""
    folder, _slash, name = module.rpartition("/")
    if Path("tests", "dataflows", folder, f"test_{name}.py").exists():
        return {module}
    importers = (one for one in _modules() if module in _imported(one))
    return set().union(*map(_tested, importers))


def _modules():
    return sorted(
        str(file.relative_to("dataflows").with_suffix("")) for file in Path("dataflows").rglob("[a-z]*.py")
    )


def _imported(module):
    """What a module of dataflows/ takes from another: `from dataflows.mart import years` too."""
    tree = ast.parse(Path("dataflows", f"{module}.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            places = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            yield from (place.removeprefix("dataflows.").replace(".", "/") for place in places)


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
    spans = list(declared(ast.parse(source)))
    lines = source.splitlines()
    kept = []
    for item in db.work_items:
        (mutation,) = item.mutations
        line, column = mutation.start_pos
        left_out = any(start <= (line, column) < end for start, end in spans)
        keyword_only = lines[line - 1][column:].startswith("*,")
        if keyword_only or (left_out and mutation.operator_name != "core/RemoveDecorator"):
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "modules", nargs="*", default=_modules(), help="such as stage/verdicts; all of them by default"
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
