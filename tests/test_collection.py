"""That what is written as a test is run as one."""

from fnmatch import fnmatch
from pathlib import Path

from tests.conftest import LONGEST

REPOSITORY = Path(__file__).parents[1]


def test_no_folder_of_tests_is_passed_over(pytestconfig):
    passed_over = pytestconfig.getini("norecursedirs")
    folders = {file.parent.relative_to(REPOSITORY) for file in REPOSITORY.glob("tests/**/test_*.py")}

    assert len(folders) > 10
    assert [
        folder for folder in folders for part in folder.parts for name in passed_over if fnmatch(part, name)
    ] == []


def test_the_files_that_begin_first_are_there():
    assert [name for name in LONGEST if not (REPOSITORY / "tests" / name).is_file()] == []
