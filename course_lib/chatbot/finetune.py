"""SmolLM2 taught to speak as the course's bot, with LoRA: ``python -m course_lib.chatbot.finetune``.

Writes results/lora.json: the loss on held-out exchanges, and replies, before and after.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from course_lib.chatbot import corpus
from course_lib.chatbot.chat import CHATML, Chat
from course_lib.chatbot.lora import add_lora, merge_lora
from course_lib.chatbot.smollm import smollm2
from course_lib.chatbot.train import Recipe, Rows, Trainer, nats_per_token
from course_lib.chatbot.weights import build
from course_lib.data.dialogue import Pair

RESULTS = Path(__file__).with_name("results") / "lora.json"
QUESTIONS = ("Who are you?", "What can you do?", "What is the capital of France?", *corpus.FIXED_PROMPTS)


def rows_of(chat: Chat, pairs: list[Pair]) -> list[list[int]]:
    """Token ids of single exchanges in the chat's own format, to the end of the reply."""
    return [chat.prompt(p.prompt) + chat.tokenizer.encode(p.reply) + chat.ends[0] for p in pairs]


def finetune(chat: Chat, train: list[Pair], held: list[Pair], recipe: Recipe, rank: int = 8) -> dict:
    """Train adapters, merge them into the chat's model, and measure before and after.

    Returns
    -------
    dict
        Nats per token of held-out replies, replies to `QUESTIONS`, and how many numbers learned.
    """
    newline = chat.tokenizer.encode("\n")[-1]  # the last one stands before the reply

    def measure():
        nats = nats_per_token(chat.model, rows_of(chat, held), after=newline, batch=8)
        return {"nats_per_token": round(nats, 3), "replies": dict(zip(QUESTIONS, chat.answers(QUESTIONS), strict=True))}

    before, rows = measure(), rows_of(chat, train)
    starts = np.cumsum([0, *map(len, rows[:-1])])
    torch.manual_seed(0)
    learned = sum(p.numel() for p in add_lora(chat.model, rank))
    trainer = Trainer(chat.model, Rows(np.concatenate(rows), starts), recipe, "cpu")
    trainer.run(report=lambda t: print(f"step {t.step} of {recipe.steps}: loss {t.losses[-1]:.3f}", flush=True))
    merge_lora(chat.model)
    return {"learned_parameters": learned, "held_out_exchanges": len(held), "before": before, "after": measure()}


def main() -> None:
    """Fine-tune on English exchanges of the seed grammar."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.chatbot.finetune", description=__doc__)
    parser.add_argument("--steps", type=int, default=60)
    steps = parser.parse_args().steps
    config, arrays, tokenizer = smollm2()
    chat = Chat(build(config, arrays), tokenizer, CHATML, max_new_tokens=40)
    train = [talk[0] for talk in corpus.grown("en", 2000)]
    recipe = Recipe(steps=steps, batch=4, length=96, lr=2e-3, warmup=5, weight_decay=0.0, bf16=True)
    found = {"steps": steps} | finetune(chat, train, corpus.held_out("en", 60), recipe)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
