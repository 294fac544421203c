"""Questions that follow from one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glede.results import Answer, Turn

if TYPE_CHECKING:
    from glede.engine import Engine


class Conversation:
    """Questions that follow from one another; each knows the `turns` before it.

    conversation = engine.conversation()
    await conversation.ask("Where does Milvus store data?")
    await conversation.ask("And its metadata?")
    """

    def __init__(self, engine: Engine, collection: str | None = None) -> None:
        self.turns: list[Turn] = []
        self._engine = engine
        self._collection = collection

    async def ask(self, question: str, *, limit: int | None = None) -> Answer:
        """An answer, as `Engine.ask`."""
        answer = await self._engine.ask(
            question, limit=limit, collection=self._collection, history=self.turns
        )
        self.turns.append(Turn(question, answer.text))
        return answer
