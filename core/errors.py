"""Errors that reach a user: one clear line, and an exit code per class (see docs/runbook.md)."""


class TakeupError(Exception):
    """Base of every error that is reported in one line without a traceback."""

    exit_code = 1


class UsageError(TakeupError):
    """The command, an option, a setting or a register is wrong: nothing was started."""

    exit_code = 2


class GateFailed(TakeupError):
    """A data-quality gate stopped the run: nothing was published."""

    exit_code = 3


class IntegrityError(TakeupError):
    """The event log does not hold what it recorded: nothing is published from it."""

    exit_code = 4


class LeaseHeld(TakeupError):
    """Another run works on this home."""

    exit_code = 5
