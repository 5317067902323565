"""The printed programs: what they need, and where each one stops. Each is cut down to the lines that stop it."""

import ast
from importlib.metadata import metadata, requires

import numpy as np

from course_lib.claims.evidence import Evidence

# Of each listing, in our own words, the line that stops it, and what stands before it as far as it matters.
S0_VECTORS = "vectors = ...\nwidth = vectors.shape[1]"
S0_DATA = "fit(x_train, y_train)"
S0_REPLY = "row = pad_sequences([tokenize(text)])"
S1_GPT3 = "from transformers import TFGPT3LMHeadModel"
S1_LOSS = "loss = model.compute_loss"
S1_CLASSIFIER = "size = len(tokenizer.word_index) + 1"
S1_LABELS = "train_labels = labels"
S2_BATCHES = "for batch in inputs:\n    model(**batch)"
S2_LOGITS = "scores = encoder(torch.zeros(1, 4, 8)).logits"
S4_MAIN = "train(X_train, y_train, X_val, y_val)"
S1_FLOW = "model = pretrained()\nmodel = Fresh()\nmodel.fit()"  # S1's variable, before and in the classifier


def python_versions():
    """Python 3.6 and 3.8 against what today's NumPy asks for; what is imported against what is installed."""
    least = metadata("numpy")["Requires-Python"]
    needs = tuple(int(n) for n in least.removeprefix(">=").split("."))
    s3_imports, s3_installs = {"tensorflow", "numpy", "sklearn", "matplotlib"}, {"tensorflow", "numpy"}
    return Evidence(
        f"the NumPy installed here refuses both Python 3.6 and 3.8; S3 imports {len(s3_imports - s3_installs)} "
        "packages "
        "more than its steps install.",
        said={"Python 3.8 is enough": needs <= (3, 8)},
        right={"the course states its own least version": needs <= _own_least()},
        numbers={"NumPy asks for": least, "not installed": ", ".join(sorted(s3_imports - s3_installs))},
    )


def install_steps():
    """Are versions pinned, is the address a place?"""
    s2 = "pip install numpy pandas transformers torch"
    address = "github.com/your-username/"
    pinned = [word for word in s2.split()[2:] if any(sign in word for sign in "=<>~")]
    ours = [r for r in requires("course-lib") if "extra" not in r]
    bounded = [r for r in ours if ">" in r]
    return Evidence(
        f"S2 names {len(s2.split()) - 2} packages and the version of {len(pinned)}, and clones from an account called "
        f"your-username; of the course's own {len(ours)} requirements {len(bounded)} state a version.",
        said={"the packages that S2's listing imports are named": {"torch", "transformers"} <= set(s2.split())},
        gap={
            "no version is named, so the same line installs something else next year": not pinned,
            "the address is a placeholder": "your-" in address,
        },
        right={"requirements can state their versions": len(bounded) == len(ours) > 0},
        numbers={"pinned by S2": len(pinned), "stated by the course": len(bounded)},
    )


def first_errors():
    """Run each listing's decisive line; see also where S1's pre-trained model goes."""
    import torch

    encoder = torch.nn.TransformerEncoder(torch.nn.TransformerEncoderLayer(8, 2, 8, batch_first=True), 1)
    tools = {"torch": torch, "model": torch.nn.Linear(2, 2), "encoder": encoder.eval(), "tokenizer": _Tokenizer(),
             "inputs": {"input_ids": np.zeros((2, 3)), "attention_mask": np.ones((2, 3))}, "train": max, "fit": max,
             "X_train": 0, "y_train": 0}  # fmt: skip
    s0 = {"vectors": None, "text": "hello"}
    errors = {
        "S0's vectors": first_error(S0_VECTORS, s0), "S0's data": first_error(S0_DATA, {"fit": max}),
        "S0's reply": first_error(S0_REPLY, s0), "S1's model": first_error(S1_GPT3, {}),
        "S1's loss": first_error(S1_LOSS, tools),
        "S1's classifier": first_error(S1_CLASSIFIER, tools), "S1's labels": first_error(S1_LABELS, {}),
        "S2's batches": first_error(S2_BATCHES, tools), "S2's logits": first_error(S2_LOGITS, tools),
        "S4's main": first_error(S4_MAIN, tools),
    }  # fmt: skip
    kinds = [e.split(":")[0] for e in errors.values()]
    return Evidence(
        f"of {len(errors)} decisive lines {kinds.count('')} run: one imports a class that does not exist, "
        f"{kinds.count('NameError')} use a name that nobody "
        f"defined, {kinds.count('AttributeError')} an attribute that does not exist, {kinds.count('TypeError')} a word "
        "in place of a batch; S1's pre-trained model is overwritten before it is used.",
        said={
            "the listings run": "" in kinds,
            "S1's classifier uses the pre-trained model": uses_first_value(S1_FLOW, "model"),
        },
        right={
            "each stops with an error of its own": all(kinds),
            "the same lines run once the names exist": not first_error(
                S0_DATA, {"fit": max, "x_train": 0, "y_train": 0}
            ),
            "a variable used before it is overwritten is found to be used": uses_first_value("m = f()\nm.fit()", "m"),
        },
        numbers=errors,
    )


def first_error(lines: str, names: dict) -> str:
    """The error with which these lines stop, or nothing."""
    try:
        exec(compile(lines, "<listing>", "exec"), dict(names))
    except ImportError:
        return "ImportError: no such class, with the package or without"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def uses_first_value(lines: str, name: str) -> bool:
    """Whether the first value of a variable is read before it gets another."""
    given = 0
    for node in ast.parse(lines).body:
        if given == 1 and any(
            isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for n in ast.walk(node)
        ):
            return True
        given += isinstance(node, ast.Assign) and node.targets[0].id == name
    return False


def _own_least():
    return tuple(int(n) for n in metadata("course-lib")["Requires-Python"].removeprefix(">=").split("."))


class _Tokenizer:
    """As GPT-2's: it has a vocabulary and a length, and no word_index."""

    vocab: tuple = ()
