"""A personal assistant: understanding is one part, acting safely another."""

import numpy as np

from course_lib.claims.evidence import Evidence
from course_lib.topics import assistant


def calendar():
    """Slots and carried-out commands: on phrases like those learnt from, and on new ones."""
    rng = np.random.default_rng(0)
    tagger = assistant.Tagger(assistant.utterances(150, rng), epochs=3)
    seen, new = assistant.utterances(100, rng), assistant.utterances(100, rng, assistant.NEW)
    f1 = {name: _f1(tagger, some) for name, some in (("seen", seen), ("new", new))}
    done = {name: assistant.executed(tagger, some) for name, some in (("seen", seen), ("new", new))}
    rules = _f1(assistant.by_rules, seen), _f1(assistant.by_rules, new)
    return Evidence(
        f"phrases as learnt: slot F1 {f1['seen']:.2f} (patterns {rules[0]:.2f}), right actions {done['seen']:.0%}; new "
        f"phrases: slot F1 {f1['new']:.2f} (patterns {rules[1]:.2f}), right actions {done['new']:.0%}.",
        said={"it keeps a calendar": done["seen"] > 0.95},
        gap={"but only for phrases like those it learnt from": done["new"] < 0.6},
        right={
            "learning carries further than patterns": f1["new"] > rules[1] + 0.3,
            "slots can be right where the action is wrong": done["new"] < f1["new"] - 0.2,
        },
        numbers={"F1": np.round([*f1.values()], 2), "patterns": np.round(rules, 2),
                 "done": np.round([*done.values()], 2)},
    )


def unsafe():
    """Seven commands that nobody allowed: the model names an intent for each, the rules decide."""
    tagger = assistant.Tagger(assistant.utterances(200, np.random.default_rng(0)), epochs=3)
    diary = assistant.Calendar(dict.fromkeys(assistant.TASKS, ("today", "at 8")))
    understood, answers = [], []
    for text in assistant.UNSAFE:
        words = tuple(text.split())
        tags, intent, _ = tagger(words)
        understood.append(intent)
        answers.append(diary.do(intent, assistant.slots_of(words, tags)))
    first = diary.do("cancel", {"TASK": "pay the rent"})
    kept = len(diary.entries) == len(assistant.TASKS)
    talk = tagger(("cancel", "pay", "the", "rent"))[1]
    return Evidence(
        f"the model takes all {len(understood)} commands that are not its business for one of its own "
        f"({', '.join(sorted(set(understood)))}); the rules refuse {answers.count('refused')}, carry out "
        f"{answers.count('done')}, and ask before cancelling.",
        said={"it understands what it was made for": talk == "cancel"},
        gap={"whatever is said, the model has an intent for it": all(i in ("create", "move", "cancel", "find")
                                                                   for i in understood)},
        right={
            "permission is a rule outside the model: nothing unsafe is done": "done" not in answers and kept,
            "a change that destroys is asked about first": first == "confirm",
        },
        numbers={"intents": " ".join(understood), "answers": " ".join(answers)},
    )


def _f1(understand, examples):
    return assistant.slot_f1([understand(e.words)[0] for e in examples], [e.tags for e in examples])
