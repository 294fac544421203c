"""Questions to FAQs, embedded here, answered by Mistral on Lepton: `python main.py [FILE ...]`."""

import asyncio
import sys
from pathlib import Path

from glede import Answer, Engine, GledeError
from glede.settings import load

DOCUMENTS = [Path(name) for name in sys.argv[1:]] or [Path(__file__).with_name("faq")]
QUESTION = "How is data stored in Milvus?"
RECIPE: dict[str, object] = {  # unless the environment or .env says otherwise
    "chat": "lepton:mistral-7b",
    "chunker": "heading",
    "search_limit": 3,
}


async def main() -> None:
    found = load()
    unset = {name: value for name, value in RECIPE.items() if name not in found.origins}
    async with Engine.open(found.settings.model_copy(update=unset)) as engine:
        for added in (await engine.add(*DOCUMENTS)).documents:
            print(added.source, added.error.message if added.error else f"{added.chunks} chunks", sep=": ")
        show(await engine.ask(QUESTION))


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
