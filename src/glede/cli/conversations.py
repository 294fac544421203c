"""A conversation in a file: one JSON object a line, with the question and the answer."""

from __future__ import annotations

from pathlib import Path

from glede.errors import UsageError
from glede.results import Answer, Turn


def turns_of(path: Path | None) -> list[Turn]:
    """The turns so far; none where there is no file yet."""
    if path is None or not path.exists():
        return []
    from pydantic import TypeAdapter, ValidationError  # few keep a conversation

    turn = TypeAdapter(Turn)
    try:
        return [turn.validate_json(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, ValueError, ValidationError) as error:
        raise UsageError(
            f"{path} is no conversation: {type(error).__name__}",
            hint='Each line is {"question": "...", "answer": "..."}; a new file begins a new conversation.',
        ) from error


def added(path: Path, question: str, answer: Answer) -> None:
    """Add a turn at the end."""
    from pydantic import TypeAdapter

    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(TypeAdapter(Turn).dump_json(Turn(question, answer.text)).decode() + "\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
