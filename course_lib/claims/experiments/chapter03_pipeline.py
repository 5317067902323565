"""S4's pseudo-code and S1's two lists: what is missing until the steps run, and run again."""

import ast

import numpy as np

from course_lib import losses, optim
from course_lib.claims import as_printed_pipeline as printed
from course_lib.claims.evidence import Evidence
from course_lib.claims.experiments.tools import raises
from course_lib.data import breast_cancer, preprocess, splitting
from course_lib.topics import bundle as bundles
from course_lib.topics import char_lstm
from course_lib.training import Trainer


def pseudocode():
    """The names that S4's six calls need, and the same six steps with ours."""
    missing = printed.undefined(printed.PIPELINE)
    steps = [step for step in ("fit", "evaluate", "save", "compile") if f".{step}(" in printed.PIPELINE]
    labels = np.array([0, 1, 1])
    accuracy, same = _pipeline(0), _pipeline(0) == _pipeline(0)
    return Evidence(
        f"the listing fails at its first call: {missing[0]} is nowhere defined, nor is {missing[1]}; it never "
        "compiles a "
        f"loss, and asks a list of labels for its second axis; with these filled in, a run gives test accuracy "
        f"{accuracy:.2f}.",
        said={
            "the pseudo-code is a pipeline that one can run": not missing and "compile" in steps,
            "labels have a second axis": not raises(IndexError, lambda: labels.shape[1]),
        },
        right={"a whole pipeline runs": accuracy > 0.9, "twice the same": same},
        numbers={"undefined": ", ".join(missing), "accuracy": round(accuracy, 2)},
    )


def steps_again():
    """The seven steps with a seed and a manifest, and without."""
    table = breast_cancer()
    x, y = table.matrix(), (table["diagnosis"] == "malignant").astype(int)
    about = [bundles.manifest("1", 0, rows, y) for rows in (x, x, np.where(np.arange(569)[:, None] == 3, x + 1e-9, x))]
    accuracies = {_pipeline(seed) for seed in range(4)}
    return Evidence(
        f"four seeds give {len(accuracies)} different test accuracies; a manifest with seed, versions and the data's "
        "hash is the same for the same data and notices one row that moved by a billionth.",
        said={"the steps lead to a model": max(accuracies) > 0.9},
        gap={"without a seed the result is one of several": len(accuracies) > 1},
        right={"the hash tells same data from changed": about[0] == about[1] and about[0]["data"] != about[2]["data"]},
        numbers={"different results": len(accuracies)},
    )


def text_listing():
    """S1's text generator: what its calls get and give, and a model with next-character targets."""
    calls = [node.func.attr for node in ast.walk(ast.parse(printed.GENERATOR)) if isinstance(node, ast.Call)
             and isinstance(node.func, ast.Attribute)]  # fmt: skip
    fit_targets = printed.positional(printed.GENERATOR, "fit")
    text = printed.PROVERBS * 12
    letters = char_lstm.alphabet(text)
    train, test = char_lstm.encode(text[:-300], letters), char_lstm.encode(text[-300:], letters)
    model = char_lstm.CharLSTM(letters, hidden=32, rng=np.random.default_rng(0))
    char_lstm.train(model, train, length=32, batch_size=8, steps=60, lr=2e-2)
    bigram, ours = char_lstm.ngram_bits(train, test, len(letters), 2), char_lstm.bits(model, test, 100)
    written = char_lstm.generate(model, "the ", 40)
    return Evidence(
        f"the texts of the listing are Ellipsis, which cannot be iterated, and fit gets {fit_targets} argument, no "
        "targets; nothing after predict turns probabilities into text. With next-character targets, on a text that "
        f"repeats itself: {ours:.1f} bits per character after 60 steps, bigram {bigram:.1f}.",
        said={
            "its texts can be tokenised": not raises(TypeError, lambda: list(...)),
            "it is told what to predict": fit_targets >= 2,
            "it generates text": any(word in calls for word in ("generate", "sample", "choice", "sequences_to_texts")),
        },
        right={"with targets a small LSTM beats the bigram": ours < bigram, "and writes text": len(written) == 44},
        numbers={"bigram": round(bigram, 2), "LSTM": round(ours, 2)},
    )


def _pipeline(seed):
    """Split, scale, train, test."""
    table = breast_cancer()
    x, y = table.matrix(), (table["diagnosis"] == "malignant").astype(int)
    train, _, test = splitting.stratified_split(y, seed=seed)
    scaler = preprocess.StandardScaler().fit(x[train])
    z, z_test = (scaler.transform(x[part]).astype(np.float32) for part in (train, test))
    model = bundles.mlp((30, 16, 2), np.random.default_rng(seed))
    trainer = Trainer(model, optim.Adam(model.parameters(), lr=3e-3), losses.cross_entropy, (z, y[train]), seed=seed)
    trainer.run(8)
    return trainer.evaluate(z_test, y[test])["accuracy"]
