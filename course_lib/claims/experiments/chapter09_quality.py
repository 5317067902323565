"""Advice about data, models and evaluation, followed on the digits: what it gives, and what it forgets."""

import numpy as np

from course_lib.claims.evidence import Evidence
from course_lib.claims.experiments.digit_nets import accuracy, digits, network, train
from course_lib.data import augment
from course_lib.topics import faq, few_shot, judging


def _trained(hidden, x, y, epochs=12, lr=3e-3):
    return train(network(0, hidden), x, y, epochs, lr)


def _moved(x, right=1):
    return augment.shift(x.reshape(-1, 1, 8, 8), 0, right).reshape(-1, 64)


def applications():
    """Answering questions, naming topics and reading digits, each beside its baseline."""
    pairs, rng = faq.knowledge(), np.random.default_rng(0)
    index = faq.TfIdf([p.prompt for p in pairs], faq.trigrams)
    found, _ = faq.retrieve(index, index([p.prompt for p in pairs]), [faq.typed(p.prompt, rng) for p in pairs])
    served = float(np.mean(found == np.arange(len(pairs))))
    texts, labels, _ = faq.topics_of(60)
    vectors, half = faq.TfIdf(texts)(texts), np.arange(len(texts)) % 2 == 0
    topic = np.mean(few_shot.nearest(vectors[~half], few_shot.prototypes(vectors[half], labels[half])) == labels[~half])
    commonest = judging.majority_accuracy(labels[half], labels[~half])
    data = digits()
    seen = np.mean(few_shot.nearest(data.x_test, few_shot.prototypes(data.x_train, data.y_train)) == data.y_test)
    return Evidence(
        f"the service finds {served:.0%} of its answers (chance {1 / len(pairs):.1%}), the same kind of text vectors "
        "name the topic of "
        f"{topic:.0%} (commonest {commonest:.0%}), class means read {seen:.0%} of the digits (chance 10%).",
        said={"text": topic > commonest + 0.1, "images": seen > 0.8, "customer service": served > 0.5},
        gap={"service is no field beside language: both run on TF-IDF": served > 0.5 and topic > commonest},
        right={"each needs its own baseline": commonest > 2 / len(pairs)},
        numbers={"service": round(served, 2), "topics": round(float(topic), 2), "digits": round(float(seen), 2)},
    )


def advantages():
    """Generalisation, with the test set moved by one pixel."""
    data = digits()
    model = _trained(64, data.x_train, data.y_train)
    plain, moved = accuracy(model, data.x_test, data.y_test), accuracy(model, _moved(data.x_test), data.y_test)
    return Evidence(
        f"accuracy {plain:.2f} on new digits of the same kind, {moved:.1f} when each is moved by one pixel.",
        said={"it generalises to new data of the same kind": plain > 0.9},
        gap={"and not to data that differ a little": moved < plain - 0.2},
        right={"one pixel is enough": moved < 0.75},
        numbers={"plain": round(plain, 2)},
    )


def build_steps():
    """The five steps once with a good learning rate and once with a bad one."""
    data = digits()
    nets = (_trained(64, data.x_train, data.y_train, 4, lr) for lr in (3e-3, 1.0))
    good, bad = (accuracy(net, data.x_test, data.y_test) for net in nets)
    return Evidence(
        f"the same five steps give {good:.1f} with a learning rate of 0.003 and less than half with 1.",
        said={"the steps lead to a model": good > 0.85},
        gap={"who chooses the rate, and on which rows, decides": bad < 0.5},
        right={"the rate is a setting to be searched": good - bad > 0.3},
        numbers={"good": round(good, 1)},
    )


def more_parameters():
    """Eight times the hidden units, or ten times the rows?"""
    data = digits()
    test = data.x_test, data.y_test
    few = slice(0, 100)
    tiny, small = (accuracy(_trained(h, data.x_train, data.y_train), *test) for h in (2, 16))
    narrow, wide = (accuracy(_trained(h, data.x_train[few], data.y_train[few], 60), *test) for h in (32, 256))
    rows = accuracy(_trained(32, data.x_train, data.y_train), *test)
    return Evidence(
        "with all rows 16 hidden units do better than 2; with 100 rows 8 times the units change little, the "
        "remaining rows "
        f"bring {rows:.2f}.",
        said={"more parameters, better (2 to 16 units)": small > tiny + 0.2},
        gap={"with few rows more parameters gain little": wide - narrow < 0.05, "rows gain more": rows > wide + 0.03},
        right={"it takes data as well": rows - narrow > wide - narrow},
        numbers={"all rows": round(rows, 2)},
    )


def augmentation():
    """Moved copies help, and flatter if they lie on both sides of the split."""
    data = digits()
    x, y = data.x_train[:300], data.y_train[:300]
    both, labels = np.concatenate([x, _moved(x)]), np.concatenate([y, y])
    plain = np.mean(y[few_shot.nearest(_moved(data.x_test), x)] == data.y_test)
    grown = np.mean(labels[few_shot.nearest(_moved(data.x_test), both)] == data.y_test)
    noise = np.random.default_rng(0)
    wrong = noise.integers(0, 10, 300)  # labels without any meaning
    left = noise.permutation(600) < 300
    copies, meaningless = np.concatenate([x, x + noise.normal(scale=0.05, size=x.shape)]), np.tile(wrong, 2)
    leak = np.mean(meaningless[left][few_shot.nearest(copies[~left], copies[left])] == meaningless[~left])
    return Evidence(
        f"on moved digits copies raise nearest-neighbour accuracy from {plain:.2f} to {grown:.2f}; but where labels "
        "mean nothing, "
        f"copies on both sides of the split score {leak:.2f} in place of 0.1.",
        said={"moved copies help": grown > plain + 0.1},
        gap={"copies across the split look like skill": leak > 0.3},
        right={"so split first": judging.leaking(np.tile(np.arange(300), 2), left.astype(int)) > 100},
        numbers={"plain": plain, "with copies": grown, "leak": leak},
    )


def skills():
    """Without statistics the best of many coin-tossers passes for a model."""
    data = digits()
    right = accuracy(_trained(32, data.x_train, data.y_train), data.x_test, data.y_test)
    runs = np.array([judging.best_of_guessers(100, 50, np.random.default_rng(seed)) for seed in range(200)]).mean(0)
    return Evidence(
        f"programming gives a network with {right:.1f} accuracy; but the best of 100 coin-tossers on 50 rows shows "
        f"{runs[0]:.2f} and is "
        f"worth {runs[1]:.2f}.",
        said={"the skills named suffice to train": right > 0.9},
        gap={"but not to know whether it works": runs[0] > 0.6},
        right={"fresh rows tell": abs(runs[1] - 0.5) < 0.02},
        numbers={"chosen": runs[0], "fresh": runs[1]},
    )


def adjusted_on_test():
    """Adjust on the test set, and report its score."""
    runs = np.array([judging.best_of_guessers(200, 50, np.random.default_rng(seed)) for seed in range(200)]).mean(0)
    return Evidence(
        f"the best of 200 worthless settings scores {runs[0]:.2f} on the 50 rows that chose it and {runs[1]:.2f} on "
        "fresh ones.",
        said={"the score of the rows that chose is what fresh rows give": runs[0] - runs[1] < 0.05},
        right={"it is too high": runs[0] > 0.65, "fresh rows say so": abs(runs[1] - 0.5) < 0.02},
        numbers={"chosen": runs[0], "fresh": runs[1]},
    )


def baseline_first():
    """'Is it an 8?': a finished solution, and the answer that never says yes."""
    data = digits()
    ink, threshold = data.x_test.sum(1), np.quantile(data.x_train.sum(1), 0.95)
    score = float(np.mean((ink > threshold) == (data.y_test == 8)))
    never = judging.majority_accuracy(data.y_train == 8, data.y_test == 8)
    return Evidence(
        f"a rule that calls dark digits 8 is right on {score:.0%}; saying no to everything on {never:.0%}.",
        said={"a solution was found and works on most": score > 0.8},
        gap={"doing nothing is as good": never >= score},
        right={"the baseline comes first": never > 0.85},
        numbers={"rule": score, "never": never},
    )
