"""Every error baliza raises on purpose.

Each carries three sentences: what was asked, what was found, what to do. The exit code of the command is
that of the error's class.

    BalizaError                      1
    ├── UsageError                   2   what was typed cannot be done
    │   ├── ConfigurationError
    │   ├── ForbiddenQueryError
    │   ├── InvalidPeriodError
    │   ├── InvalidQueryError
    │   ├── InvalidCnpjError
    │   ├── InvalidConditionError
    │   ├── SameFileError
    │   ├── InvalidSettingError
    │   ├── OutputExistsError
    │   ├── UnknownEndpointError
    │   ├── UnknownEnvironmentError
    │   ├── UnknownModalidadeError
    │   ├── UnknownParameterError
    │   ├── UnknownRecordError
    │   ├── UnknownTargetError
    │   ├── UnexplainableError
    │   └── UnconfirmedError
    ├── DatabaseError                1   the DuckDB file
    │   ├── NotADatabaseError
    │   ├── DatabaseMissingError
    │   ├── DatabaseLockedError
    │   ├── DatabaseReadOnlyError
    │   ├── DiskFullError
    │   ├── OutOfMemoryError
    │   ├── NewerFormatError
    │   ├── NothingToMigrateError
    │   ├── OlderTableError
    │   └── MixedSourcesError        2
    ├── MissingPackageError          1   a part of baliza that was not installed
    ├── QueryError                   1   a question that cannot be answered
    │   └── QueryStoppedError
    ├── HarvestError                 1   PNCP or the way to it
    │   ├── UnreachableError
    │   └── NotPncpError
    ├── StaleDocumentsError          1   written documents that are not of the present code
    ├── ExportError                  1   a table or a picture could not be written
    ├── PanelError                   1   a panel could not be written
    └── BuildError                   1   a table could not be made
        ├── NodeFailedError
        ├── NodesFailedError
        ├── ContractBrokenError
        ├── LandingsBrokenError
        ├── EditedError
        ├── NothingToBuildError
        └── NothingToRollBackError
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

INTERRUPTED = 130
"""How a command ends that was interrupted."""


def is_interruption(error: BaseException) -> bool:
    """Whether it is Ctrl-C; DuckDB, in the middle of a statement, makes an error of its own of it."""
    return isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt)


class BalizaError(Exception):
    """Root of the tree: catch it to catch whatever baliza raises on purpose.

    The sentences are templates and the facts their values, so that whoever shows them can translate the
    sentences first.

    Args:
        asked: what the user or the program asked for.
        found: what was there instead.
        remedy: what to do, with the command where there is one.
        facts: values of the placeholders in the sentences.
    """

    exit_code = 1

    def __init__(self, asked: str, found: str, remedy: str, **facts: object) -> None:
        super().__init__(asked, found, remedy)
        self.asked = asked
        self.found = found
        self.remedy = remedy
        self.facts = facts

    def sentences(self, translate: Callable[[str], str] = str) -> tuple[str, str, str]:
        """What was asked, what was found, what to do."""

        def told(template: str) -> str:
            return translate(template).format(**self.facts) if self.facts else translate(template)

        return told(self.asked), told(self.found), told(self.remedy)

    def __str__(self) -> str:
        return " ".join(self.sentences())


class UsageError(BalizaError):
    """Raised when what was typed cannot be done, before anything is touched."""

    exit_code = 2


class ForbiddenQueryError(UsageError):
    """Raised when a query is anything but one SELECT over published tables."""


class InvalidPeriodError(UsageError):
    """Raised when dates are unreadable, reversed, or not yet closed."""


class InvalidQueryError(UsageError):
    """Raised when a statement of SQL cannot be run over the file, or does more than read."""


class InvalidCnpjError(UsageError):
    """Raised when a CNPJ has the wrong shape or check digits."""


class InvalidConditionError(UsageError):
    """Raised when `--where` is not one condition on columns that the table has; the nearest are told."""


class SameFileError(UsageError):
    """Raised when what was to be read and what was to be written are one file."""


class OutputExistsError(UsageError):
    """Raised when a folder holds what must not be replaced: an export without `--force`, or no panel."""


class ConfigurationError(UsageError):
    """Raised when baliza.toml cannot be read, or sets what does not exist; the nearest names are told."""


class InvalidSettingError(UsageError):
    """Raised when an option, a variable or a line of baliza.toml has a value of the wrong kind."""


class UnknownEnvironmentError(UsageError):
    """Raised when `--env` names no environment of baliza.toml; the nearest names are in the remedy."""


class UnknownEndpointError(UsageError):
    """Raised when `--endpoint` names no endpoint of PNCP; the nearest names are in the remedy."""


class UnknownModalidadeError(UsageError):
    """Raised when `--modalidade` names no code of PNCP's table."""


class UnknownRecordError(UsageError):
    """Raised when a key or a number names no record in the file."""


class UnconfirmedError(UsageError):
    """Raised when a long harvest was not confirmed: nobody is there to be asked, or the answer was no."""


class UnknownParameterError(UsageError):
    """Raised when `--param` or baliza.toml names no parameter, or gives it a value of the wrong type."""


class UnknownTargetError(UsageError):
    """Raised when a target names no table; the nearest names are in the remedy."""


class UnexplainableError(UsageError):
    """Raised when it cannot be said which records are behind the rows of a table."""


class DatabaseError(BalizaError):
    """Raised when the DuckDB file cannot be used."""


class NotADatabaseError(DatabaseError):
    """Raised when the path holds something that is not a DuckDB file."""


class DatabaseMissingError(DatabaseError):
    """Raised when a command that only reads finds no file."""


class DatabaseLockedError(DatabaseError):
    """Raised when another process holds the file."""


class DatabaseReadOnlyError(DatabaseError):
    """Raised when the file or its folder cannot be written."""


class DiskFullError(DatabaseError):
    """Raised when the disk that DuckDB needs ran out; what had been committed stands."""


class OutOfMemoryError(DatabaseError):
    """Raised when a statement needs more memory than DuckDB may take; what had been committed stands."""


class NewerFormatError(DatabaseError):
    """Raised when the file was written by a newer baliza or DuckDB."""


class NothingToMigrateError(DatabaseError):
    """Raised when a file that was to be migrated holds nothing of the old layout."""


class OlderTableError(DatabaseError):
    """Raised when a table was made by another baliza, and lacks a column that this one reads."""


class MixedSourcesError(DatabaseError):
    """Raised when a file that holds one source (PNCP, sample, simulator) is asked to take another."""

    exit_code = 2


class MissingPackageError(BalizaError):
    """Raised when a command needs packages that `pip install baliza` alone does not bring."""


class QueryError(BalizaError):
    """Raised when DuckDB cannot make sense of a query."""


class QueryStoppedError(QueryError):
    """Raised when a query took more time or memory than it may."""


class HarvestError(BalizaError):
    """Raised when PNCP cannot be harvested."""


class UnreachableError(HarvestError):
    """Raised when there is no connection to PNCP at all."""


class NotPncpError(HarvestError):
    """Raised when the address answers, but not as PNCP's API does."""


class StaleDocumentsError(BalizaError):
    """Raised when documents that are written from the code are not what it would write; says which."""


class ExportError(BalizaError):
    """Raised when a table or a picture could not be written; nothing half-written is left."""


class PanelError(BalizaError):
    """Raised when a panel could not be written; the one before, if any, stands."""


class BuildError(BalizaError):
    """Raised when a table could not be made; the last good one stands."""


class NodeFailedError(BuildError):
    """Raised when the SQL of a node fails."""


class NodesFailedError(BuildError):
    """Raised when several nodes could not be made, each for its own reason.

    Args:
        errors: of each node.
    """

    def __init__(
        self, asked: str, found: str, remedy: str, *, errors: Sequence[BalizaError], **facts: object
    ) -> None:
        super().__init__(asked, found, remedy, **facts)
        self.errors = errors

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *map(str, self.errors)])


class ContractBrokenError(BuildError):
    """Raised when a table breaks its contract or a reconciliation gate; it was rolled back.

    Args:
        violations: the rules that do not hold, with a sample of rows.
    """

    def __init__(
        self, asked: str, found: str, remedy: str, *, violations: list[Any], **facts: object
    ) -> None:
        super().__init__(asked, found, remedy, **facts)
        self.violations = violations


class LandingsBrokenError(BuildError):
    """Raised when a raw table does not hold what the diary of landings says it holds."""


class EditedError(BuildError):
    """Raised when the code of the dataflow is no longer what it was as the command began."""


class NothingToBuildError(BuildError):
    """Raised when the file holds no data at all."""


class NothingToRollBackError(BuildError):
    """Raised when no snapshot has a table otherwise than it is."""
