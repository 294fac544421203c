"""What a model has failed in one run, and whether it is asked any more."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from glede.errors import (
    BudgetError,
    ConfigurationError,
    ContentFilterError,
    ContextLengthError,
    GledeError,
    RefusedRequestError,
)

PATIENCE = 3
"""Calls that a model may fail one after another, before it is not asked any more."""
ITS_OWN = (ContextLengthError, ContentFilterError, RefusedRequestError)
"""What a model refuses because of one text or picture; it is asked for the others all the same."""
_HOPELESS = (ConfigurationError, BudgetError)
"""What nothing else would fare better with."""


@dataclass(slots=True)
class Trouble:
    """What a model has failed so far, and why it is not asked any more."""

    failures: int = 0
    stopped: GledeError | None = None

    def note(self, error: GledeError) -> None:
        """Stop asking where nothing else would fare better, or nothing has for a while."""
        self.failures += not isinstance(error, ITS_OWN)
        if isinstance(error, _HOPELESS) or self.failures >= PATIENCE:
            self.stopped = error

    @property
    def hopeless(self) -> GledeError | None:
        """What stops the run altogether: a key, a model's name, the budget."""
        return self.stopped if isinstance(self.stopped, _HOPELESS) else None

    def check(self) -> None:
        """Raises why the model is not asked any more."""
        if self.stopped is not None:
            raise self.stopped


describing: ContextVar[Trouble | None] = ContextVar("describing", default=None)
"""Of the run that the calls of models are made for, if for any; tasks inherit it."""
