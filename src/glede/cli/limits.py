"""The options that bind what a command may spend on models."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., object])


def limited(function: Function) -> Function:
    """Give a command `--budget` and `--max-calls`, and run it within them."""

    def bound(**values: object) -> object:
        from glede.allowances import within

        money, calls = values.pop("budget"), values.pop("max_calls")
        with within(money, calls):  # type: ignore[arg-type]
            return function(**values)

    bound.__doc__ = function.__doc__
    bound.__name__ = function.__name__
    command: Callable[..., object] = bound
    for option in reversed((*getattr(function, "__click_params__", []),)):
        _keep(command, option)
    for decorate in reversed(_OPTIONS):
        command = decorate(command)
    return command  # type: ignore[return-value]


def _keep(command: Callable[..., object], option: click.Parameter) -> None:
    """The options that the function has already."""
    kept: list[click.Parameter] = command.__dict__.setdefault("__click_params__", [])
    kept.insert(0, option)


_OPTIONS = (
    click.option(
        "--budget",
        metavar="MONEY",
        help="The most that models may cost this job, in all its runs; never passed.",
    ),
    click.option(
        "--max-calls", type=click.IntRange(0), metavar="N", help="The most calls of models of this job."
    ),
)
