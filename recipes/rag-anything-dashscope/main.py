"""Text and a picture in one index, on DashScope's models: `python main.py`, with an `.env` beside it."""

import asyncio
import sys
from pathlib import Path

from glede import Answer, Engine, GledeError
from glede.settings import load

HERE = Path(__file__).parent
TEXT_QUESTION = "How is data stored in Milvus?"
PICTURE_QUESTION = "What stands between the application and the object storage in the architecture picture?"


async def main() -> None:
    async with Engine.open(load().settings) as engine:
        for added in (await engine.add(HERE / "faq.txt", HERE / "architecture.png")).documents:
            print(added.source, added.error.message if added.error else f"{added.chunks} chunks", sep=": ")
        show(await engine.ask(TEXT_QUESTION, mode="hybrid"))
        show(await engine.ask(PICTURE_QUESTION, types=["image"]))


def show(answer: Answer) -> None:
    print(f"\nQuestion: {answer.question}\nAnswer: {answer.text}")
    for cited in answer.citations:
        mark = f"[{cited.marker}]" if cited.verified else f"[{cited.marker}?]"
        words = f'"{cited.quote}"' if cited.quote else f"a model sees: {cited.described}"
        print(f"  {mark} {Path(cited.source).name}, {cited.modality}: {words}")


try:
    asyncio.run(main())
except GledeError as error:
    sys.exit(f"{error.message}\n{error.hint}")
