"""That what is written as a test is run as one."""

from fnmatch import fnmatch
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def test_no_folder_of_tests_is_passed_over(pytestconfig):
    passed_over = pytestconfig.getini("norecursedirs")
    folders = {file.parent.relative_to(REPOSITORY) for file in REPOSITORY.glob("tests/**/test_*.py")}

    assert len(folders) > 10
    assert [
        folder for folder in folders for part in folder.parts for name in passed_over if fnmatch(part, name)
    ] == []
