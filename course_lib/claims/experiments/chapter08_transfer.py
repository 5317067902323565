"""Few labels, no labels, new labels: prototypes, zero-shot by description, forgetting."""

from itertools import combinations

import numpy as np

from course_lib.claims.evidence import Evidence
from course_lib.claims.experiments.digit_nets import accuracy, digits, logits, network, train
from course_lib.topics import few_shot as shots
from course_lib.topics import zero_shot as described


def zero_shot():
    """Two digits without a single label: a network with an untrained row for them, and their seven segments."""
    d, network_right, segments_right = digits(), [], []
    for pair in combinations(range(10), 2):
        seen, unseen = ~np.isin(d.y_train, pair), np.isin(d.y_test, pair)
        x, y = d.x_test[unseen], d.y_test[unseen]
        if pair[0] + pair[1] == 9:  # training 45 networks takes longer than it teaches
            model = train(network(0), d.x_train[seen], d.y_train[seen], 4)
            network_right.append(accuracy(model, x, y))
        weights = described.attribute_weights(d.x_train[seen], described.SEGMENTS[d.y_train[seen]])
        found = shots.nearest(described.predict_attributes(weights, x), described.SEGMENTS[list(pair)])
        segments_right.append(float((np.array(pair)[found] == y).mean()))
    learned, recognised = float(np.mean(network_right)), float(np.mean(segments_right))
    return Evidence(
        f"two digits without labels: a network trained on the other eight gets {learned:.2f} of them right; told "
        "apart by a "
        f"description (which of seven segments they light) {recognised:.2f}, mean of {len(segments_right)} pairs, "
        "chance 0.50.",
        said={"trained without any label of a class, a network has learned that class": learned > 0.2},
        right={"without learning anything new, a description tells two apart better than chance": recognised > 0.55},
        numbers={"pairs": len(segments_right), "by description": round(recognised, 2)},
    )


def few_shot():
    """Prototypes of the digits 5 to 9 with 1 and 10 labels each, on pixels and on a network trained on 0 to 4."""
    d = digits()
    old, new = d.y_train < 5, d.y_test >= 5
    encoder = train(network(0), d.x_train[old], d.y_train[old], 10)[:2]
    x, y, found = d.x_train[~old], d.y_train[~old] - 5, {}
    for name, features in {"pixels": lambda a: a, "frozen encoder": lambda a: logits(encoder, a)}.items():
        for k in (1, 10):
            picks = [shots.draw_shots(y, k, np.random.default_rng(seed)) for seed in range(5)]
            guesses = [shots.nearest(features(d.x_test[new]), shots.prototypes(features(x[i]), y[i])) for i in picks]
            found[name, k] = float(np.mean([(g == d.y_test[new] - 5).mean() for g in guesses]))
    pixels, frozen = ([found[name, k] for k in (1, 10)] for name in ("pixels", "frozen encoder"))
    return Evidence(
        f"one label for each class: {pixels[0]:.2f} right by the nearest prototype, ten: {pixels[1]:.2f} (chance "
        "0.20); on "
        f"features of a network that learned other digits only {frozen[0]:.2f} and {frozen[1]:.2f}.",
        said={"a few labels are enough to be well above chance": pixels[0] > 0.5},
        gap={"where the features come from decides: those of another task are worse than pixels":
             pixels[1] - frozen[1] > 0.05},
        right={"ten labels do better than one": min(pixels[1] - pixels[0], frozen[1] - frozen[0]) > 0.05},
        numbers={f"{name}, {k}": round(value, 2) for (name, k), value in found.items()},
    )  # fmt: skip


def forgetting():
    """A network that knows 0 to 4 learns 5 to 9 from 50 images, alone and with 50 old ones replayed."""
    d = digits()
    old, test_old = d.y_train < 5, d.y_test < 5
    model = train(network(0), d.x_train[old], d.y_train[old], 15)
    start, rng = model.state_dict(), np.random.default_rng(0)
    new = np.flatnonzero(~old)[shots.draw_shots(d.y_train[~old], 10, rng)]
    kept = np.flatnonzero(old)[shots.draw_shots(d.y_train[old], 10, rng)]
    scores = {"before": _old_and_new(model, test_old)}
    for name, i in {"new only": new, "with replay": np.concatenate([new, kept])}.items():
        model.load_state_dict(start)
        train(model, d.x_train[i], d.y_train[i], 30, batch_size=16)
        scores[name] = _old_and_new(model, test_old)
    before, alone, replay = (scores[k] for k in ("before", "new only", "with replay"))
    return Evidence(
        f"after 50 images of the new digits accuracy on them is {alone[1]:.2f}, on the old ones it falls from "
        f"{before[0]:.2f} to {alone[0]:.2f}; with 50 old images replayed it stays at {replay[0]:.2f}.",
        said={"fine-tuning adapts to the new task": alone[1] > 0.7},
        gap={"and forgets the old one, unless something prevents it": before[0] - alone[0] > 0.3},
        right={"replaying a few old samples keeps most of it": replay[0] > 0.8},
        numbers={"old, before": round(before[0], 2), "old, after": round(alone[0], 1),
                 "old, replay": round(replay[0], 2)},
    )


def _old_and_new(model, old):
    d = digits()
    return accuracy(model, d.x_test[old], d.y_test[old]), accuracy(model, d.x_test[~old], d.y_test[~old])
