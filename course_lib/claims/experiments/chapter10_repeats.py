"""Section 10 against section 7 of the same article: what is new, and do the mistakes come back?"""

from course_lib.claims import references
from course_lib.claims.evidence import Evidence

LISTED = {  # section 10, titles as printed
    "S0": ("Deep Learning", "神经网络与深度学习", "Deep Learning with Python", "Attention Is All You Need",
           "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
           "A Theoretically Grounded Application of Dropout in Recurrent Neural Networks",
           "Natural Language Processing with Deep Learning", "Artificial Intelligence: A Modern Approach"),
    "S3": ("Deep Learning", "Neural Networks and Deep Learning",
           "Hands-On Machine Learning with Scikit-Learn, Keras & TensorFlow", "Learning Deep Architectures for AI",
           "A Theoretical Analysis of the Single-Layer perceptron in the Presence of Noise"),
    "S4": ("Deep Learning", "Python Deep Learning", "Dive into Deep Learning",
           "A Theoretical Analysis of theBias-Variance Tradeoff", "Large-Scale Language Modeling for "
                   "Next-Generation NLP"),
}  # fmt: skip


def repeated_s0():
    """S0: nothing new, and Goldberg's title wrong again."""
    return _incomplete("S0")


def repeated_s3():
    """S3: nothing new, and a book among the papers again."""
    return _incomplete("S3")


def repeated_s4():
    """S4: is what comes back right?"""
    again, faulty, unknown = _compare("S4")
    return Evidence(
        f"{again} of {len(LISTED['S4'])} titles stood in section 7; {faulty} of them differ from the work, "
        f"{unknown} were "
        "not found.",
        said={"what is repeated is as published": not faulty, "every title can be found": not unknown},
        right={"all are repeats": again == len(LISTED["S4"]), "wrong authors come back": faulty > 1},
        numbers={"repeats": again, "wrong again": faulty, "not found": unknown},
    )


def _incomplete(article):
    titles = LISTED[article]
    again, faulty, unknown = _compare(article)
    return Evidence(
        f"{again} of {len(titles)} titles stood in section 7; {faulty} of them differ from the work, {unknown} "
        f"were not "
        "found.",
        said={"books and papers are listed": bool(titles)},
        gap={"nothing is new": again == len(titles), "mistakes come back": faulty + unknown > 0},
        right={"other titles are new": not _before(article, "A title that nobody has")},
        numbers={"repeats": again, "wrong again": faulty, "not found": unknown},
    )


def _compare(article):
    """(titles that stood in section 7, those printed otherwise than published, those not found)."""
    rows = [_before(article, title) for title in LISTED[article]]
    works = references.works()
    faulty = sum(any(p.work and references.differences(p, works[p.work]) for p in row) for row in rows)
    return sum(map(bool, rows)), faulty, sum(bool(row) and not any(p.work for p in row) for row in rows)


def _before(article, title):
    """The references of this title in section 7 of this article."""
    return [p for p in references.printed()
            if p.claim.startswith(f"{article}-7") and references.normal(p.title) == references.normal(title)]
