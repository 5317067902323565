"""The course's own small model: its corpus, tokenizer, training run, and what it is measured by."""

import argparse
import json
import math
from pathlib import Path

import torch

from course_lib.chatbot import corpus
from course_lib.chatbot.bpe import train_bpe
from course_lib.chatbot.chat import SPECIAL, Chat
from course_lib.chatbot.config import Config
from course_lib.chatbot.generation import generate
from course_lib.chatbot.grammar.notation import capitals, read
from course_lib.chatbot.tokenizer import Tokenizer
from course_lib.chatbot.train import Recipe, Rows, Trainer, log_to, nats_per_token
from course_lib.chatbot.transformer import Transformer
from course_lib.chatbot.weights import COURSE, MODEL, TOKENIZER, build, load_weights, save_weights
from course_lib.data.dialogue import Pair

VOCABULARY = 2048
CONFIG = Config(VOCABULARY, block_size=128, n_layer=4, n_head=4, n_kv_head=2, d_model=128, d_ff=352)
RECIPE = Recipe(steps=4000, batch=12, length=128, lr=4e-3, warmup=60, bf16=True)
HELD_OUT = 300  # exchanges of each kind


def prepare(conversations: int = 100_000, tokenizer: Tokenizer | None = None) -> tuple[Tokenizer, Rows]:
    """Grow the corpus, learn the tokenizer on it if there is none yet, and encode it."""
    bot, between = corpus.corpus(conversations)
    tokenizer = tokenizer or train_bpe(corpus.texts(bot[::3] + between), VOCABULARY, SPECIAL)
    return tokenizer, Rows(*corpus.tokens(tokenizer, bot, between))


def evaluate(model, tokenizer: Tokenizer) -> dict:
    """Everything that the model card states: perplexity per token of a reply, what is known, and how replies end."""
    sets = {"grammar, English": corpus.held_out("en", HELD_OUT), "grammar, Chinese": corpus.held_out("zh", HELD_OUT),
            "people, English": [talk[0] for talk in corpus.people(held=True)[:HELD_OUT]]}  # fmt: skip
    bot, perplexity = tokenizer.special["<|bot|>"], {}
    for name, pairs in sets.items():
        rows = [corpus.encode(tokenizer, [p], name.startswith("people")) for p in pairs]
        rows = [row for row in rows if len(row) <= model.config.block_size]
        perplexity[name] = round(math.exp(nats_per_token(model, rows, after=bot)), 3)
    chat = Chat(model, tokenizer, max_new_tokens=48)
    fixed = dict(zip(corpus.FIXED_PROMPTS, chat.answers(corpus.FIXED_PROMPTS), strict=True))
    return {"perplexity": perplexity, "right": knowledge(chat), "fixed prompts": fixed}


def knowledge(chat: Chat) -> dict[str, str]:
    """How many facts the model has learned: as "right of asked"."""
    sums = [Pair(f"What is {a} + {b}?", f"{a} + {b} = {a + b}.") for a in range(21) for b in range(21)]
    asked = {
        "capitals, English": [Pair(f"What is the capital of {en}?", f"{city}.") for en, city, _, _ in capitals()],
        "capitals, Chinese": [Pair(f"{zh}的首都是哪里？", f"{city}。") for _, _, zh, city in capitals()],
        "sums trained on": [p for p in sums if not corpus.is_held_out(p)],
        "sums held out": [p for p in sums if corpus.is_held_out(p)],
    }
    found = {}
    for name, pairs in asked.items():
        answers = chat.answers([p.prompt for p in pairs])
        right = sum(a.endswith(p.reply) for a, p in zip(answers, pairs, strict=True))
        found[name] = f"{right} of {len(pairs)}"
    between = [Pair("I like pizza.", "Many people like pizza. What else do you like?")]
    return found | {"names, asked at once": _names(chat, []), "names, after another turn": _names(chat, between)}


def _names(chat, between):
    """Names given and asked for again."""
    names = read("english.txt")[1]["name"]
    told = [[Pair(f"My name is {n}.", f"Nice to meet you, {n}!"), *between] for n in names]
    prompts = [chat.prompt("What is my name?", history) for history in told]
    replies = map(chat.tokenizer.decode, generate(chat.model, prompts, 16, stop=chat.ends))
    return f"{sum(r == f'Your name is {n}.' for r, n in zip(replies, names, strict=True))} of {len(names)}"


def main(arguments: list[str] | None = None) -> None:
    """Train, save and measure the model; ``--steps 350`` is a quick look."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.chatbot.train", description=__doc__)
    parser.add_argument("--out", type=Path, default=COURSE, help="folder for the weights (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=RECIPE.steps)
    parser.add_argument("--lr", type=float, default=RECIPE.lr)
    parser.add_argument("--begin", type=Path, help="folder of weights and tokenizer to go on from, the optimizer anew")
    parser.add_argument("--device", help="cuda, mps or cpu; the fastest there is by default")
    parser.add_argument("--checkpoint", type=Path, help="write everything there every 200 steps, and resume from it")
    parser.add_argument("--evaluate", action="store_true", help="only measure the weights in the folder")
    options = parser.parse_args(arguments)
    if not options.evaluate:
        _train(options)
    found = evaluate(build(*load_weights(options.out / MODEL)), Tokenizer.load(options.out / TOKENIZER))
    text = json.dumps(found, indent=1, ensure_ascii=False)
    (options.out / "evaluation.json").write_text(text + "\n", encoding="utf-8")
    print(text)


def _train(options) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer, rows = prepare(tokenizer=Tokenizer.load(options.begin / TOKENIZER) if options.begin else None)
    tokenizer.save(options.out / TOKENIZER)
    torch.manual_seed(0)
    model = build(*load_weights(options.begin / MODEL)) if options.begin else Transformer(CONFIG)
    recipe = Recipe(**{**vars(RECIPE), "steps": options.steps, "lr": options.lr})
    trainer = Trainer(model, rows, recipe, options.device)
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
