"""Customer service and text: retrieval with and without abstaining, more data, triples, passages, topics, tasks."""

import re

import numpy as np

from course_lib import metrics
from course_lib.claims.evidence import Evidence
from course_lib.data import chatterbot, descriptions, hsk_sentences
from course_lib.topics import faq, writing

TRIPLE = re.compile(r"(?:^|[.:] )((?:[A-Z][\w-]*)(?: [\w-]+){0,4}?) (is|was) (an?|the) ([a-z][\w-]*(?: [\w-]+){0,5})")
USABLE = {"A computer", "A supercomputer", "Artificial Intelligence", "AI", "Software copying", "A chat robot",
          "A chatterbox", "Vineland", "Bilbo Baggins", "History", "Cricket"}  # read by us; "It" and opinions are not
ASKED = (
    ("how many tumours were measured", "breast_cancer"), ("median house value in districts", "california_housing"),
    ("cartographic forest cover type", "covtype"), ("disease progression one year after baseline", "diabetes"),
    ("handwritten digits scanned from forms", "digits"), ("sepal and petal length of flowers", "iris"),
    ("network intrusion detection attacks", "kddcup99"), ("faces of famous people collected from the web", "lfw"),
    ("physical exercise chins situps", "linnerud"), ("photographs of 40 persons with varying light", "olivetti_faces"),
    ("categorised newswire stories by Reuters", "rcv1"), ("animals in south america", "species_distributions"),
    ("posts from discussion groups", "twenty_newsgroups"), ("chemical analysis of italian grapes", "wine_data"),
    ("features computed from an image of a breast mass", "breast_cancer"), ("alcohol and malic acid", "wine_data"),
)  # fmt: skip


def faq_bot():
    """266 real questions, typed in a hurry, and 365 remarks that no answer fits: with and without a threshold."""
    score, right, inside = _traffic(np.random.default_rng(0))
    half = np.arange(len(score)) % 2 == 0  # the threshold is chosen on one half, judged on the other
    grid = np.linspace(0, 1, 101)
    safe = next((t for t in grid if faq.selective(score[half], right[half], t)[1] >= 0.95), 1.0)
    coverage, accuracy = faq.selective(score[~half], right[~half], safe)
    price = {"bot": 0.01, "human": 4.0, "wrong": 10.0}
    cost = {t: faq.cost_per_query(score[~half], right[~half], t, **price) for t in (0.0, safe, 1.1)}
    known = float(right[inside].mean())
    return Evidence(
        f"answering everything is right for {known:.0%} of the questions it has an answer to, and for "
        f"{right.mean():.0%} of all that is said to it; to be right 95 % of the time it answers {coverage:.0%} and "
        f"hands over {1 - coverage:.0%}.",
        said={"most questions that it has an answer to are answered rightly, at any hour": known > 0.8},
        gap={
            "answering everything is far less accurate than that": right.mean() < 0.6,
            "how many must go to a human is not said, and it is many": 1 - coverage > 0.4,
        },
        right={
            "abstaining buys accuracy": accuracy > 0.9 and coverage > 0.2,
            "and is cheaper than the bot alone and people alone": cost[safe] < min(cost[0.0], cost[1.1]),
        },
        numbers={"known": round(known, 2), "all": round(float(right.mean()), 2), "coverage": round(coverage, 2)},
    )


def data_volume():
    """The same small talk meets a list of 66, 133 and 266 answered questions."""
    rng = np.random.default_rng(0)
    pairs, strangers = faq.knowledge(), faq.small_talk()
    order = rng.permutation(len(pairs))
    asked = [faq.typed(pair.prompt, rng, 0.5, 0.1) for pair in pairs]
    found = [_list_of(pairs, order[:n], asked, strangers) for n in (66, 133, 266)]
    right, near = zip(*found, strict=True)
    return Evidence(
        f"with 66, 133 and 266 answers on the list {right[0]:.0%}, {right[1]:.0%} and {right[2]:.0%} of the questions "
        f"are answered rightly, but remarks that fit no answer come nearer too: mean cosine {near[0]:.2f}, "
        f"{near[1]:.2f}, {near[2]:.2f}.",
        said={"a longer list answers more questions": right[0] < right[1] < right[2]},
        gap={"with more data, what should not be answered looks more like an answer": near[0] < near[1] < near[2]},
        right={"a threshold keeps it out whatever the size": found[2][1] < 0.5},
        numbers={"right": np.round(right, 2), "cosine of strangers": np.round(near, 2)},
    )


def triples():
    """Facts (subject, relation, object) taken from 240 answers by one pattern, each read by us."""
    topics = ("computers", "science", "ai", "literature", "history", "sports")
    answers = sorted({pair.reply for pair in chatterbot(topics=topics)})
    found = [match for text in answers if (match := TRIPLE.search(text))]
    usable = [match for match in found if match[1] in USABLE]
    precision, share = len(usable) / max(len(found), 1), len(found) / len(answers)
    return Evidence(
        f"a pattern “X is a Y” finds a triple in {len(found)} of {len(answers)} answers; {len(usable)} of them are "
        "facts with a subject, the others begin with a pronoun or are opinions.",
        said={"some text becomes triples of a knowledge graph": len(usable) >= 5},
        gap={"most answers hold none that it can see": share < 0.2, "and of those it sees, a third is no fact":
             precision < 0.8},
        right={"precision can be counted once the triples are labelled": 0.4 < precision < 1},
        numbers={"answers": len(answers), "triples": len(found), "usable": len(usable)},
    )


def passages():
    """16 written questions to 14 texts, cut into passages of 60 words; and small talk, which none of them answers."""
    texts = descriptions()
    parts = [(t.title, " ".join(words[i : i + 60])) for t in texts for words in [t.text.split()]
             for i in range(0, len(words), 60)]  # fmt: skip
    titles = np.array([title for title, _ in parts])
    index = faq.TfIdf([text for _, text in parts], faq.trigrams)
    documents = index([text for _, text in parts])
    similarity = index([question for question, _ in ASKED]) @ documents.T
    truth = np.array([title for _, title in ASKED])
    ranked = titles[np.argsort(-similarity, axis=1, kind="stable")]
    first, three = float((ranked[:, 0] == truth).mean()), float((ranked[:, :3] == truth[:, None]).any(1).mean())
    _, stray = faq.retrieve(index, documents, faq.small_talk())
    beyond = float((stray >= np.median(similarity.max(1))).mean())
    return Evidence(
        f"{len(parts)} passages of 14 texts: the right text is first for {first:.0%} and among three for {three:.0%} "
        f"of 16 questions (chance 7 %); a passage is returned for every remark of small talk too.",
        said={"questions find their text": first > 0.5},
        gap={"the first passage is not always the right one": first < 1, "small talk gets a passage as well":
             float((stray > 0).mean()) > 0.95},
        right={"a threshold that lets half of the questions through stops small talk": beyond < 0.02},
        numbers={"recall@1": first, "recall@3": three},
    )


def topic_classification():
    """The topic of 940 remarks among 11, naive Bayes, 5-fold."""
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.naive_bayes import MultinomialNB

    prompts, labels, names = faq.topics_of()
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    x = faq.TfIdf(prompts)(prompts)
    accuracy = cross_val_score(MultinomialNB(alpha=0.1), x, labels, cv=folds)
    majority = float(np.bincount(labels).max() / len(labels))
    return Evidence(
        f"{len(prompts)} remarks, {len(names)} topics: accuracy {accuracy.mean():.2f} (five folds, "
        f"{accuracy.min():.2f} to {accuracy.max():.2f}), always the largest topic {majority:.2f}.",
        said={"texts are classified far better than by the most frequent class": accuracy.min() > majority + 0.2},
        right={"a standard task": accuracy.mean() > 0.6},
        numbers={"accuracy": round(float(accuracy.mean()), 2), "majority": round(majority, 2)},
    )


def one_metric_per_task():
    """Three language tasks on the same 1,000 Chinese sentences with translations, each with its metric."""
    pairs = hsk_sentences()[:1000]
    train, test = pairs[:800], pairs[800:]
    chinese = [re.search(r"[\u4e00-\u9fff]", text) is not None for p in test for text in (p.chinese, p.english)]
    language = metrics.accuracy(np.array(chinese, int), np.tile([1, 0], len(test)))
    split = lambda text: list(text)  # noqa: E731
    index = faq.TfIdf([p.chinese for p in train], split)
    nearest, _ = faq.retrieve(index, index([p.chinese for p in train]), [p.chinese for p in test])
    said, truth = [train[i].english for i in nearest], [p.english for p in test]
    exact = float(np.mean([a == b for a, b in zip(said, truth, strict=True)]))
    chrf = metrics.chrf(said, [truth])
    english = writing.NGram(" ".join(p.english for p in train), 5)
    bits = writing.bits_per_character(english, "".join(c for c in " ".join(truth[:15]) if c in english.alphabet))
    return Evidence(
        f"one simple program per task: language recognised {language:.2f} right; translated by the nearest known "
        f"sentence: exact matches {exact:.2f}, chrF {chrf:.0f} of 100; next English character {bits:.1f} bits.",
        said={"each of the tasks can be done to some degree": language > 0.99 and chrf > 10 and bits < 4},
        gap={"“precise” in one task says nothing of another": language - exact > 0.8},
        right={"exact match and chrF judge one translation differently": chrf / 100 - exact > 0.05},
        numbers={"language": round(language, 2), "exact": round(exact, 2), "chrF": round(chrf), "bits": round(bits, 1)},
    )


def _traffic(rng):
    """Score and correctness of every message, and which of them have an answer."""
    pairs = faq.knowledge()
    index = faq.TfIdf([pair.prompt for pair in pairs], faq.trigrams)
    documents = index([pair.prompt for pair in pairs])
    asked = [faq.typed(pair.prompt, rng, 0.5, 0.1) for pair in pairs]
    found, score = faq.retrieve(index, documents, asked + faq.small_talk())
    inside = np.arange(len(found)) < len(pairs)
    return score, (found == np.arange(len(found))) & inside, inside


def _list_of(pairs, chosen, asked, strangers):
    """Share of all questions answered rightly, and mean cosine of the strangers, with only the chosen pairs listed."""
    texts = [pairs[i].prompt for i in chosen]
    index = faq.TfIdf(texts, faq.trigrams)
    documents = index(texts)
    found, _ = faq.retrieve(index, documents, asked)
    _, near = faq.retrieve(index, documents, strangers)
    return float((np.asarray(chosen)[found] == np.arange(len(asked))).mean()), float(near.mean())
