"""Arrow without pandas, until somebody imports it.

Arrow looks whether the first thing that it is given is of pandas, and loads pandas for that: a sixth of a
second, and 40 MB. We have no use for it. A program that imports pandas for itself has Arrow know of it from
then on, as if Arrow had loaded it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

PANDAS = "pandas"


class _Unfindable:
    """Finds no pandas for the thread that made it."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Raise for pandas, and leave all else to the others."""
        if name == PANDAS and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(name)


class _Awaiting:
    """Leaves finding pandas to the others, and tells Arrow of it once it is loaded."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where the others find pandas."""
        others = (finder for finder in tuple(sys.meta_path) if finder is not self and name == PANDAS)
        spec = next((spec for one in others if (spec := one.find_spec(name, path, target))), None)
        if spec is not None and spec.loader is not None:
            self._follow(spec.loader)
        return spec

    def _follow(self, loader: object) -> None:
        load = loader.exec_module  # type: ignore[attr-defined] # all have it that Python still uses

        def load_and_tell(module: ModuleType) -> None:
            load(module)
            import pyarrow.pandas_compat

            pyarrow.pandas_compat._pandas_api.version  # noqa: B018 - it looks pandas up for that
            if self in sys.meta_path:
                sys.meta_path.remove(self)

        setattr(loader, "exec_module", load_and_tell)  # noqa: B010 - a method to the type checker


_leaving = threading.Lock()


def leave_out_pandas() -> None:
    """Have Arrow find no pandas when it first looks for it; where pandas is loaded, Arrow may have it."""
    with _leaving:
        if PANDAS in sys.modules or any(isinstance(finder, _Awaiting) for finder in sys.meta_path):
            return
        import pyarrow

        hidden = _Unfindable()
        sys.meta_path.insert(0, hidden)
        try:
            pyarrow.array([])
        finally:
            sys.meta_path.remove(hidden)
        sys.meta_path.insert(0, _Awaiting())
