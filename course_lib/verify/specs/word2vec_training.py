"""word2vec's gradients and steps beside PyTorch's, its neighbours beside gensim's."""

from unittest.mock import patch

import numpy as np

from course_lib import word2vec as ours
from course_lib.autograd import Tensor
from course_lib.verify.gradcheck import gradcheck
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import holds, normal, seeds, st
from course_lib.verify.spec import Measured, Spec, case, edge
from course_lib.verify.specs.word2vec import OPTIONS, corpus, gensim_model, spec
from course_lib.verify.tools import torch


def batches(rng):
    for b, k, d in ((1, 1, 1), (3, 5, 4), (2, 3, 7)):
        yield case(normal(rng, (b, d)), normal(rng, (b, d)), normal(rng, (b, k, d)))


def loss_edges(rng):
    yield edge("empty", np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 2, 3)))
    yield edge("±1e4", np.full((1, 2), 1e4), np.full((1, 2), 1e4), np.full((1, 1, 2), -1e4))
    yield edge("±1e4", np.full((1, 2), 1e4), np.full((1, 2), -1e4), np.full((1, 1, 2), 1e4))
    yield edge("NaN", np.array([[np.nan, 1.0]]), np.ones((1, 2)), np.ones((1, 1, 2)))


def torch_loss(center, context, negative):
    log_sigmoid = torch.nn.functional.logsigmoid
    return -log_sigmoid((center * context).sum(-1)).sum() - log_sigmoid(-(negative @ center[..., None])).sum()


def torch_update(inputs, outputs, center, targets, lr):
    """One step of torch.optim.SGD over two embeddings."""
    v, u = (torch.tensor(m, requires_grad=True) for m in (inputs, outputs))
    optimizer = torch.optim.SGD([v, u], lr)
    loss = torch_loss(v[center], u[targets[:, 0]], u[targets[:, 1:]])
    loss.backward()
    optimizer.step()
    inputs[...], outputs[...] = v.detach().numpy(), u.detach().numpy()
    return loss.item()


def tables(rng, dtype=np.float64):
    """Vectors of 9 words, and a batch in which words come more than once."""
    inputs, outputs = (rng.normal(size=(9, 5)).astype(dtype) for _ in "vu")
    return inputs, outputs, rng.integers(0, 9, 12), rng.integers(0, 9, (12, 4))


def update_error(dtype):
    a, b = (tables(np.random.default_rng(0), t) for t in (dtype, np.float64))
    losses = [[f(*t, 0.1) for _ in range(10)] for f, t in ((ours.update, a), (torch_update, b))]
    return max(relative(*losses), relative(a[0], b[0]), relative(a[1], b[1]))


def update_differences_error(dtype):
    """The step, divided by the learning rate, is the gradient that finite differences find."""
    inputs, outputs, center, targets = tables(np.random.default_rng(1))
    v, u = (Tensor(m.copy(), requires_grad=True) for m in (inputs, outputs))

    def loss(v, u):
        return ours.negative_sampling_loss(v[center], u[targets[:, 0]], u[targets[:, 1:]])

    report = gradcheck(loss, v, u)
    assert report, report
    loss(v, u).backward()
    ours.update(inputs, outputs, center, targets, 1.0)
    return max(report.error, relative(v.data - inputs, v.grad), relative(u.data - outputs, u.grad))


def neighbours(matrix, k=10):
    unit = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    cosine = unit @ unit.T
    np.fill_diagonal(cosine, -np.inf)
    return [set(row) for row in np.argsort(-cosine, 1)[:, :k]]


def overlap(a, b, k=10) -> float:
    """Share of the k nearest words that two sets of vectors agree on, over all words."""
    return float(np.mean([len(x & y) / k for x, y in zip(neighbours(a, k), neighbours(b, k), strict=True)]))


def train_error(dtype):
    """Share of the 10 nearest words that differ from gensim's."""
    vectors, wv = ours.train(corpus(), **OPTIONS), gensim_model().wv
    return 1 - overlap(vectors.matrix, np.array([wv[word] for word in vectors.words]))


def same_training_error(dtype):
    """The same run with every step taken by PyTorch: float32, so equal to rounding, which 300 steps enlarge."""
    options = {"vector_size": 10, "min_count": 5, "epochs": 1}
    with patch.object(ours, "update", torch_update):
        expected = ours.train(corpus(), **options).matrix
    return relative(ours.train(corpus(), **options).matrix, expected)


@holds(rng=seeds())
def of_zero_vectors_is_log_2_for_each_score(rng):
    b, k = rng.integers(1, 6, 2)
    loss = ours.negative_sampling_loss(np.zeros((b, 3)), rng.normal(size=(b, 3)), rng.normal(size=(b, k, 3)))
    assert np.isclose(loss, b * (1 + k) * np.log(2))


@holds(rng=seeds())
def small_steps_lower_the_loss_and_other_rows_stay(rng):
    inputs, outputs, center, targets = tables(rng)
    before = inputs.copy(), outputs.copy()
    losses = [ours.update(inputs, outputs, center, targets, 1e-3) for _ in range(3)]
    assert losses == sorted(losses, reverse=True)
    for old, new, used in zip(before, (inputs, outputs), (center, targets), strict=True):
        others = np.setdiff1d(np.arange(9), used)
        assert np.array_equal(old[others], new[others])


@holds(seed=st.integers(0, 99), examples=3)
def words_of_one_topic_end_up_together(seed):
    rng = np.random.default_rng(seed)
    texts = [list(rng.choice(list(topic), 6)) for topic in ("abcde", "vwxyz") for _ in range(150)]
    vectors = ours.train(texts, vector_size=8, sample=0, epochs=15, batch_size=16, seed=seed)
    for word in vectors.words:
        near = {other for other, _ in vectors.nearest(word, 4)}
        assert near <= set("abcde" if word in "abcde" else "vwxyz")


@holds(seed=st.integers(0, 99), examples=2)
def same_seed_same_vectors(seed):
    a, b = (ours.train(corpus()[:100], vector_size=5, min_count=3, epochs=1, seed=seed).matrix for _ in "ab")
    assert np.array_equal(a, b)


SPECS = (
    Spec("word2vec.negative_sampling_loss", batches, torch_loss, edges=loss_edges,
         properties=(of_zero_vectors_is_log_2_for_each_score,)),
    Spec("word2vec.update", parity=Measured("torch.optim.SGD, 10 steps", update_error),
         second=Measured("finite differences of the loss", update_differences_error),
         properties=(small_steps_lower_the_loss_and_other_rows_stay,)),
    spec("train", ("gensim: share of the 10 nearest words that differ", train_error, 0.35),
         ("the same run stepped by PyTorch, float32", same_training_error, 1e-3),
         words_of_one_topic_end_up_together, same_seed_same_vectors),
)  # fmt: skip
