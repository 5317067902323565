"""6.2 The nearest vector by cosine."""

import numpy as np

from course_lib.topics import faq

from ..spec import Exercise, Mistake, numbers


def cosine_nearest(query, documents):
    """(index, cosine) of the row of documents (D, V) with the largest cosine to query (V,). No row is zero."""
    lengths = np.linalg.norm(documents, axis=1) * np.linalg.norm(query)
    cosine = documents @ query / lengths
    best = int(cosine.argmax())
    return best, cosine[best]


def cases(rng):
    """Rows of very different lengths, one of them long and in a wrong direction."""
    for d, v in ((2, 2), (3, 2), (4, 3), (5, 3), (6, 4)):
        documents = numbers(rng, d, v) + 0.05
        documents *= rng.choice([0.1, 1.0, 10.0], d)[:, None]
        yield numbers(rng, v) + 0.05, documents
        yield numbers(rng, v) * 100 + 0.05, documents


COSINE = "documents @ query / lengths"

EXERCISE = Exercise(
    id="6.2",
    title="The nearest by cosine",
    answer=cosine_nearest,
    reference=faq.cosine_nearest,
    cases=cases,
    edges=(
        (np.array([1.0]), np.array([[-2.0]])),
        (np.array([1.0, 0.0]), np.array([[1.0, 0.0]])),
        (np.array([1.0, 0.0]), np.array([[9.0, 9.0], [0.1, 0.0]])),
        (np.array([2.0, 0.0]), np.array([[1.0, 1.0], [5.0, 1.0]])),
        (np.array([1.0, 1.0]), np.array([[-3.0, -3.0], [1.0, 0.0], [0.0, -1.0]])),
        (np.array([1e4, 1.0]), np.array([[1.0, 1e4], [1e4, -1.0], [1.0, 1.0]])),
    ),
    mistakes=(
        Mistake("dot-product", {COSINE: "documents @ query"},
                "Without dividing by the lengths the longest document wins, whatever it is about."),
        Mistake("query-length", {" * np.linalg.norm(query)": ""},
                "The query's length is missing: the right document, but the number is not a cosine; it can exceed 1."),
        Mistake("document-length", {"np.linalg.norm(documents, axis=1) * ": ""},
                "The documents' lengths are missing, so long documents win."),
        Mistake("one-length", {"np.linalg.norm(documents, axis=1)": "np.linalg.norm(documents)"},
                "norm(documents) is one number for the whole table. Each row has its own length: axis=1."),
        Mistake("squared-lengths", {COSINE: "documents @ query / lengths**2"},
                "It divides by the squares of the lengths: norm is already the root."),
        Mistake("farthest", {"argmax": "argmin"}, "This is the document *least* like the query."),
        Mistake("absolute", {"argmax()": "__abs__().argmax()"},
                "A cosine of -1 is the opposite, not a match: do not take absolute values."),
        Mistake("distance", {"return best, cosine[best]": "return best, 1 - cosine[best]"},
                "The second number is the cosine distance 1 - cos. The cosine is asked for."),
        Mistake("euclid", {"cosine.argmax()": "np.linalg.norm(documents - query, axis=1).argmin()"},
                "It takes the nearest by Euclidean distance, which depends on lengths."),
        Mistake("angle", {"return best, cosine[best]": "return best, np.arccos(np.clip(cosine[best], -1, 1))"},
                "The second number is the angle. The cosine itself is asked for."),
        Mistake("index-only", {"return best, cosine[best]": "return best"},
                "The index alone does not say how near it is: return (index, cosine)."),
        Mistake("wrong-order", lambda q, d: (lambda c: (c.max(), int(c.argmax())))(
            d @ q / np.linalg.norm(d, axis=1) / np.linalg.norm(q))),
    ),
    right=(
        lambda q, d: max(((i, row @ q / (np.sqrt(row @ row) * np.sqrt(q @ q))) for i, row in enumerate(d)),
                         key=lambda pair: pair[1]),
        lambda q, d: (lambda c: (int(np.argmax(c)), float(np.max(c))))(
            (d / np.linalg.norm(d, axis=1, keepdims=True)) @ (q / np.linalg.norm(q))),
    ),
    hints=(
        "cos(a, b) = a·b / (|a|·|b|), for every row at once.",
        "documents @ query are all dot products; np.linalg.norm(documents, axis=1) are all lengths.",
        "Divide, take argmax, return int(index) and the cosine there.",
    ),
    minutes=10,
    difficulty=1,
    claims=("S4-6.3-retrieval", "S4-6.1-qa"),
    returns=("index", "cosine"),
)
