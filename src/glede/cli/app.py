"""The group of commands, what all of them share, and the one place where errors become exit codes."""

from __future__ import annotations

import difflib
import errno
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from glede.cli import stopping
from glede.errors import GledeError, InterruptedRunError, UnavailableError, UsageError, first_of

if TYPE_CHECKING:
    from glede.settings import Resolved

T = TypeVar("T")
Function = TypeVar("Function", bound=Callable[..., object])
LOOKED_THROUGH = 10_000
"""Objects more than before after which Python looks for cycles among the youngest."""
COMMANDS = {
    "add": ("adding:add", "Add files, folders, or standard input (-)."),
    "sync": ("syncing:sync", "Add, change and remove documents to match a folder."),
    "watch": ("watching:watch", "Sync a folder again and again, as files in it change."),
    "ask": ("asking:ask", "Answer a question from the documents, with citations."),
    "search": ("asking:search", "Find the passages, tables and pictures that fit."),
    "docs": ("looking:docs", "List the documents."),
    "show": ("looking:show", "Show a document: its pages, blocks and chunks."),
    "open": ("looking:open_citation", "Show where a citation of the last answer stands."),
    "graph": ("graph:graph", "Look at the knowledge graph, mend it, add to it, take it elsewhere."),
    "rm": ("adding:rm", "Remove documents from every store and every answer."),
    "history": ("past:history", "List what a source was, where a history is kept."),
    "purge": ("past:purge", "Forget versions that ended before a date."),
    "retry": ("retrying:retry", "Complete what a model has failed, or add again what has failed."),
    "mcp": ("assistants:mcp", "Offer search, open and ask to assistants (Model Context Protocol)."),
    "jobs": ("jobs:jobs", "List what was added and what has failed; resume what was stopped."),
    "usage": ("usage:usage", "Show what calls of models have used and cost."),
    "serve": ("serving:serve", "Serve the data folder over HTTP, as OpenAI and Ollama do too."),
    "keys": ("serving:keys", "Make, list and revoke the keys of the server."),
    "config": ("configuring:config", "Show the settings and where each one comes from."),
    "doctor": ("configuring:doctor", "Check every part, and say how to mend it."),
    "rebuild": ("caring:rebuild", "Make the index again, and what is damaged beside it."),
    "disable": ("caring:disable", "Take documents out of every answer, and keep them."),
    "enable": ("caring:enable", "Let disabled documents be found again."),
    "export": ("caring:export", "Write a collection into one file."),
    "import": ("caring:take_in", "Take a collection in from a file of `glede export`."),
    "dump": ("looking:dump", "Write out everything that is stored, for comparison."),
}
"""Where each command is defined, so that only the one that runs is imported, and what it is for."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The options that every command has."""

    home: Path | None
    collection: str | None
    as_json: bool
    quiet: bool

    def resolved(self, **arguments: object) -> Resolved:
        """Settings with these options, and those of a command that are settings, on top."""
        from glede.settings import load  # pydantic loads with it

        return load({"home": self.home, "collection": self.collection, **arguments})


def shared(function: Function) -> Function:
    """Give a command the options that every command has, as one argument `shared`."""

    def gathered(**values: object) -> object:
        before = _before()
        given = {name: values.pop(name) or before.get(name) for name in _NAMES}
        options = Shared(
            home=given["home"],  # type: ignore[arg-type]
            collection=given["collection"],  # type: ignore[arg-type]
            as_json=bool(given["as_json"]),
            quiet=bool(given["quiet"]),
        )
        return function(options, **values)

    gathered.__doc__ = function.__doc__
    gathered.__name__ = function.__name__
    command: Callable[..., object] = gathered
    for option in reversed(_OPTIONS):
        command = option(command)
    return command  # type: ignore[return-value]


def _before() -> dict[str, object]:
    """What stands before the command's name, as in `glede --home DIR docs`; the nearest counts."""
    found: dict[str, object] = {}
    context = click.get_current_context().parent
    while context is not None:
        found = {name: value for name, value in context.params.items() if value} | found
        context = context.parent
    return found


_NAMES = ("home", "collection", "as_json", "quiet")
_OPTIONS = (
    click.option("--home", type=click.Path(path_type=Path), metavar="DIR", help="The data folder."),
    click.option("--collection", metavar="NAME", help="The collection of documents."),
    click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output."),
    click.option("-v", "--verbose", count=True, expose_value=False, help="Twice: errors with tracebacks."),
    click.option("-q", "--quiet", is_flag=True, help="No progress, no messages."),
)


class Commands(click.Group):
    """Loads a command when it is used; a bare question is `ask`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module  # see COMMANDS

        module, name = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(f"glede.cli.{module}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS:
            self._check_question(args[0])
            args = ["ask", *args]
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    @staticmethod
    def _check_question(word: str) -> None:
        if word and os.path.exists(word):  # noqa: PTH110, unlike `Path` it takes any question for a name
            raise UsageError(
                f"{word} is a file or folder, not a question", hint=f"To add it: glede add {word}"
            )
        near = difflib.get_close_matches(word, COMMANDS, n=1, cutoff=0.7)
        if near and " " not in word:
            raise UsageError(f"there is no command {word!r}", hint=f"Did you mean `glede {near[0]}`?")


def before_commands(function: Function) -> Function:
    """Let the options that every command has stand before its name as well, unlisted there."""
    group: Callable[..., object] = function
    for option in _OPTIONS:
        group = option(group)
    for parameter in getattr(group, "__click_params__", ()):
        parameter.hidden = True
    return group  # type: ignore[return-value]


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="glede")
@before_commands
def glede(**_: object) -> None:
    """Documents of any kind in, answers with checked citations out.

    \b
    glede add docs/                      make documents searchable
    glede "How is data stored?"          ask them

    Every command has --json, --home DIR, --collection NAME, -v and -q. Exit codes: 0 done, 1 some items
    failed, 2 usage, 3 configuration, 4 a dependency or another process stands in the way, 5 interrupted.
    """


def run(work: Coroutine[object, object, T]) -> T:
    """Run to the end, or until Ctrl-C or SIGTERM, which end it in order, and at once when they come twice."""
    return stopping.run(work, _at_once)


def _at_once(error: InterruptedRunError) -> int:
    code = _report(error, "--json" in sys.argv)
    sys.stdout.flush()
    return code


def hush_libraries() -> None:
    """Keep what native libraries print (faiss, gRPC) off the terminal; our own messages stay.

    They write to file descriptor 2 past Python, so ours move to a copy of it. `-vv` shows everything.
    """
    ours = os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    os.close(nothing)
    sys.stderr = ours


def main() -> None:
    """The entry point of the `glede` command."""
    # A second thread of linear algebra spins beside the first on matrices as small as those of a question: it
    # takes its processor time again and gives nothing. Whoever has set it is left alone.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Nothing that loads is garbage, and Python would look through all of it again and again.
    gc.set_threshold(LOOKED_THROUGH)
    as_json = "--json" in sys.argv
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if not _very_verbose():
        hush_libraries()
    try:
        code = glede.main(standalone_mode=False)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        code = UsageError.exit_code
    except click.ClickException as error:
        code = _report(UsageError(error.format_message()), as_json)
    except click.Abort:
        code = _report(InterruptedRunError("stopped"), as_json)
    except BrokenPipeError:
        code = 0
    except BaseExceptionGroup as group:
        first = first_of(group)
        if not isinstance(first, GledeError | OSError):
            raise
        code = _report(first, as_json)
    except (GledeError, OSError) as error:
        code = _report(error, as_json)
    # Python looks through all that is left for cycles, three times, before it drops it: a third of a second.
    gc.freeze()
    sys.exit(code if isinstance(code, int) else 0)


def _very_verbose() -> bool:
    return "-vv" in sys.argv or sys.argv.count("-v") + sys.argv.count("--verbose") > 1


def _of_the_system(error: OSError) -> GledeError:
    """What the system refused where nobody expected it to."""
    named = f": {str(error.filename)[:200]}" if error.filename else ""
    if error.errno == errno.ENAMETOOLONG:
        return UsageError(f"the name is too long for a file{named}", hint="Check the path.")
    return UnavailableError(f"{error.strerror or error}{named}", hint="-vv shows where that happened.")


def _report(error: GledeError | OSError, as_json: bool) -> int:
    if isinstance(error, OSError):
        error = _of_the_system(error)
    if as_json:
        from glede.cli.writing import write_json

        write_json({"error": {"code": error.code, "message": error.message, "hint": error.hint}})
    else:
        click.echo(f"error[{error.code}]: {error.message}\nhint: {error.hint}", err=True)
    if _very_verbose():
        traceback.print_exception(error)
    return error.exit_code
