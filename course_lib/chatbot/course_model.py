"""The course's own small model: its corpus, tokenizer, training run, and what it is measured by."""

import argparse
import json
import math
import re
from pathlib import Path

import torch

from course_lib.chatbot import corpus
from course_lib.chatbot.bpe import train_bpe
from course_lib.chatbot.chat import SPECIAL, Chat
from course_lib.chatbot.config import Config
from course_lib.chatbot.tokenizer import Tokenizer
from course_lib.chatbot.train import Recipe, Rows, Trainer, log_to, nats_per_token
from course_lib.chatbot.transformer import Transformer
from course_lib.chatbot.weights import COURSE, MODEL, TOKENIZER, save_weights

VOCABULARY = 2048
CONFIG = Config(VOCABULARY, block_size=128, n_layer=4, n_head=4, n_kv_head=2, d_model=128, d_ff=352)
RECIPE = Recipe(steps=4000, batch=12, length=128, lr=4e-3, warmup=60, bf16=True)
RESULTS = Path(__file__).with_name("results")
HELD_OUT = 300  # exchanges of each kind


def prepare(conversations: int = 100_000) -> tuple[Tokenizer, Rows]:
    """Grow the corpus, learn the tokenizer on it, and encode it."""
    bot, between = corpus.corpus(conversations)
    tokenizer = train_bpe(corpus.texts(bot[::3] + between), VOCABULARY, SPECIAL)
    return tokenizer, Rows(*corpus.tokens(tokenizer, bot, between))


def evaluate(model, tokenizer: Tokenizer) -> dict:
    """Held-out perplexity per token of a reply, correct facts, and the replies to the fixed prompts."""
    sets = {"grammar_en": corpus.held_out("en", HELD_OUT), "grammar_zh": corpus.held_out("zh", HELD_OUT),
            "people": [talk[0] for talk in corpus.people(held=True)[:HELD_OUT]]}  # fmt: skip
    bot, found = tokenizer.special["<|bot|>"], {"perplexity": {}, "facts": {}}
    for name, pairs in sets.items():
        rows = [corpus.encode(tokenizer, [p], name == "people")[: model.config.block_size + 1] for p in pairs]
        nats = nats_per_token(model, [row for row in rows if bot in row], after=bot)
        found["perplexity"][name] = round(math.exp(nats), 3)
    chat = Chat(model, tokenizer, max_new_tokens=48)
    facts = {"sums": " = ", "capitals en": "capital of", "capitals zh": "的首都是"}
    pairs = sets["grammar_en"] + sets["grammar_zh"]
    for name, mark in facts.items():
        asked = [p for p in pairs if mark in p.reply]
        answers = chat.answers([p.prompt for p in asked])
        right = sum(fact(p.reply) in answer for answer, p in zip(answers, asked, strict=True))
        found["facts"][name] = f"{right} of {len(asked)}"
    found["fixed"] = dict(zip(corpus.FIXED_PROMPTS, chat.answers(corpus.FIXED_PROMPTS), strict=True))
    return found


def fact(reply: str) -> str:
    """The end of "2 + 3 = 5." or "The capital of France is Paris." or "法国的首都是巴黎。", with its stop."""
    return re.split(r"= | is |的首都是", reply)[-1]


def main(arguments: list[str] | None = None) -> None:
    """Train, save and measure the model; ``--steps 350`` is a quick look."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.chatbot.train", description=__doc__)
    parser.add_argument("--out", type=Path, default=COURSE, help="folder for the weights (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=RECIPE.steps)
    parser.add_argument("--device", help="cuda, mps or cpu; the fastest there is by default")
    parser.add_argument("--checkpoint", type=Path, help="write everything there every 200 steps, and resume from it")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer, rows = prepare()
    tokenizer.save(options.out / TOKENIZER)
    torch.manual_seed(0)
    recipe = Recipe(**{**vars(RECIPE), "steps": options.steps})
    trainer = Trainer(Transformer(CONFIG), rows, recipe, options.device)
    if options.checkpoint and options.checkpoint.exists():
        trainer.resume(options.checkpoint)
    log = log_to(options.out / "training.json", every=50)
    print(f"{trainer.model.n_parameters():,} parameters, {len(rows.ids):,} tokens, {trainer.device}", flush=True)

    def report(trainer):
        log(trainer)
        if options.checkpoint and trainer.step % 200 == 0:
            trainer.save(options.checkpoint)

    trainer.run(report=report)
    save_weights(options.out / MODEL, trainer.model)
    found = evaluate(trainer.model.cpu(), tokenizer)
    (options.out / "evaluation.json").write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    print(json.dumps(found, indent=1, ensure_ascii=False))
