"""Arrow without pandas, in the processes of the command line, which have no use for it."""

from __future__ import annotations

import sys


class Unfindable:
    """Finds no pandas for whoever imports it."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Raise for pandas, and leave all else to the others."""
        if name == "pandas":
            raise ModuleNotFoundError(name)


def leave_out_pandas() -> None:
    """Have Arrow find no pandas when it first looks for it.

    Arrow looks whether the first thing that it is given is of pandas, and loads pandas for that: a sixth of a
    second, and 40 MB. It loads it all the same for whoever then asks it for frames. In programs of others
    Arrow is left alone.
    """
    if "pandas" in sys.modules:
        return
    import pyarrow

    finder = Unfindable()
    sys.meta_path.insert(0, finder)
    try:
        pyarrow.array([])
    finally:
        sys.meta_path.remove(finder)
