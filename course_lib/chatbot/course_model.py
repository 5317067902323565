"""The course's own small model: its corpus, tokenizer, training run, and what it is measured by."""

import argparse
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import torch

from course_lib.chatbot import corpus, distributed
from course_lib.chatbot.bpe import train_bpe
from course_lib.chatbot.chat import SPECIAL, Chat
from course_lib.chatbot.config import Config
from course_lib.chatbot.generation import generate
from course_lib.chatbot.grammar.notation import capitals, read
from course_lib.chatbot.memory import OutOfMemory
from course_lib.chatbot.tokenizer import Tokenizer
from course_lib.chatbot.train import Recipe, Rows, Trainer, log_to, nats_per_token, save_to
from course_lib.chatbot.transformer import Transformer
from course_lib.chatbot.weights import COURSE, MODEL, TOKENIZER, build, load_weights, save_weights, to_arrays
from course_lib.data.dialogue import Pair

VOCABULARY = 2048
CONFIG = Config(VOCABULARY, block_size=128, n_layer=4, n_head=4, n_kv_head=2, d_model=128, d_ff=352)
RECIPE = Recipe(steps=4000, batch=12, length=128, lr=4e-3, warmup=60, bf16=True)
HELD_OUT = 300  # exchanges of each kind


class Stage(NamedTuple):
    """Steps, highest learning rate, and whether the grammar asks for names at once (see `grammar.conversation`)."""

    steps: int
    lr: float
    at_once: bool = True


STAGES = (Stage(4000, 4e-3, at_once=False), Stage(400, 1e-3))  # of the committed model; why: weights/MODEL_CARD.md


def prepare(
    conversations: int = 100_000, tokenizer: Tokenizer | None = None, at_once: bool = True
) -> tuple[Tokenizer, Rows]:
    """Grow the corpus, learn the tokenizer on it if there is none yet, and encode it."""
    bot, between = corpus.corpus(conversations, at_once=at_once)
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
    parser.add_argument("--steps", type=int, help="one stage of so many steps, instead of the committed model's two")
    parser.add_argument("--device", help="cuda, mps or cpu; the fastest there is by default")
    parser.add_argument("--accumulate", type=int, default=1, help="cut each batch into so many parts, to save memory")
    parser.add_argument("--recompute", action="store_true", help="save memory, for a third more work")
    parser.add_argument("--compile", action="store_true", help="let torch.compile make the step")
    parser.add_argument("--checkpoint", type=Path, help="write everything there every 200 steps, and resume from it")
    parser.add_argument("--evaluate", action="store_true", help="only measure the weights in the folder")
    options = parser.parse_args(arguments)
    distributed.join()
    try:
        if not options.evaluate:
            train(options)
        if not distributed.rank():
            _measure(options.out)
    except OutOfMemory as error:
        parser.exit(1, f"{error}\n")
    distributed.leave()


def _measure(folder: Path) -> None:
    found = evaluate(build(*load_weights(folder / MODEL)), Tokenizer.load(folder / TOKENIZER))
    text = json.dumps(found, indent=1, ensure_ascii=False)
    (folder / "evaluation.json").write_text(text + "\n", encoding="utf-8")
    print(text)


def train(options) -> None:
    """Go through the stages; each begins with the weights of the one before, rounded as the file holds them."""
    options.out.mkdir(parents=True, exist_ok=True)
    recipe = replace(RECIPE, accumulate=options.accumulate, recompute=options.recompute, compile=options.compile)
    stages = [Stage(options.steps, RECIPE.lr)] if options.steps else STAGES
    tokenizer = model = None
    for number, stage in enumerate(stages, 1):
        tokenizer, rows = prepare(tokenizer=tokenizer, at_once=stage.at_once)
        torch.manual_seed(0)
        model = build(CONFIG, rounded(model)) if model else Transformer(CONFIG)
        trainer = Trainer(model, rows, replace(recipe, steps=stage.steps, lr=stage.lr), options.device)
        _run(trainer, options, number)
    if not distributed.rank():
        tokenizer.save(options.out / TOKENIZER)
        save_weights(options.out / MODEL, model)


def rounded(model) -> dict:
    """Weights as `save_weights` would store them and `load_weights` read them: float32, rounded to float16."""
    return {name: a.astype("float32") for name, a in to_arrays(model, "float16").items()}


def _run(trainer: Trainer, options, number: int) -> None:
    """One stage, with its log and its checkpoints."""
    path = options.checkpoint and options.checkpoint.with_name(f"{options.checkpoint.name}-{number}")
    if path and path.exists():
        trainer.resume(path)
    reports = [log_to(options.out / ("training.json" if number == 1 else f"training-{number}.json"), every=50)]
    reports += [save_to(path)] if path else []
    if not distributed.rank():
        print(f"stage {number}: {trainer.model.n_parameters():,} parameters, {trainer.device}", flush=True)
    trainer.run(report=lambda trainer: [report(trainer) for report in reports])
