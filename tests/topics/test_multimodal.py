"""Multimodal: the loss is CLIP's, retrieval works on unseen images, needs right captions, and samples are new."""

import numpy as np
import pytest

from course_lib.autograd import Tensor
from course_lib.data import digits
from course_lib.topics import multimodal


@pytest.fixture(scope="module")
def split():
    return digits()


def test_loss_is_torchs_in_both_directions():
    torch = pytest.importorskip("torch")
    s = np.random.default_rng(0).normal(size=(6, 6))
    ours = Tensor(s, requires_grad=True)
    loss = multimodal.info_nce(ours, np.arange(6))
    loss.backward()
    theirs = torch.tensor(s, requires_grad=True)
    ce, labels = torch.nn.functional.cross_entropy, torch.arange(6)
    expected = (ce(theirs, labels) + ce(theirs.T, labels)) / 2
    expected.backward()
    assert loss.item() == pytest.approx(expected.item(), abs=1e-12)
    np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), atol=1e-12)


def test_pairs_of_one_label_share_the_target():
    """Which of two equal words is found does not matter: the loss is least when both are equally likely."""
    labels, sure = np.array([0, 0, 1]), 50.0
    both = sure * (labels[:, None] == labels)
    assert multimodal.info_nce(both, labels) == pytest.approx(np.log(2) * 2 / 3, abs=1e-6)
    own = sure * np.eye(3)
    assert multimodal.info_nce(own, labels) > 10


@pytest.mark.parametrize("shape", [(3, 3), (4, 3)])
def test_loss_refuses_other_shapes(shape):
    with pytest.raises(ValueError, match=r"4 labels need \(4, 4\) similarities, got \(\d, 3\)"):
        multimodal.info_nce(np.zeros(shape), np.arange(4))


def test_bag_of_bytes_counts_and_forgets_the_order():
    bags = multimodal.bag_of_bytes(["three", "ethre", "三", ""])
    assert bags.shape == (4, 256)
    assert bags.sum(1).tolist() == [5, 5, 3, 0]
    assert bags[0, ord("e")] == 2
    assert np.array_equal(bags[0], bags[1])


def test_all_taught_words_differ():
    words = [w for name in multimodal.TAUGHT for w in multimodal.WORDS[name]]
    assert len(np.unique(multimodal.bag_of_bytes(words), axis=0)) == 20


def test_vectors_have_length_1(split):
    model = multimodal.DualEncoder()
    for vectors in (model.images(split.x_test[:5]), model.words(["one", "二"])):
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    x = np.concatenate([split.x_test[:4], multimodal.bag_of_bytes(["one", "two", "一", "二"])], 1)
    cosines = model.images(split.x_test[:4]) @ model.words(["one", "two", "一", "二"]).T
    np.testing.assert_allclose(model(Tensor(x)).data, cosines * np.exp(2.3), atol=1e-4)


def test_retrieval_on_unseen_images(split):
    rows = multimodal.retrieval(split)
    for language in multimodal.TAUGHT:
        for share, low, high in rows[language].values():
            assert low <= share <= high
            assert low > 0.9
    assert rows["German"]["image_to_word"][2] < 0.5  # never taught; some letters are shared


def test_wrong_captions_teach_nothing(split):
    wrong = np.random.default_rng(0).permutation(split.y_train)
    model = multimodal.train_pairs(split.x_train, wrong, epochs=3)
    for way in (multimodal.image_to_word, multimodal.word_to_image):
        assert way(model, split.x_test, split.y_test, "English").mean() < 0.3


def test_galleries_share_no_image(split, monkeypatch):
    asked = []
    model = multimodal.DualEncoder()
    monkeypatch.setattr(model, "images", lambda x: asked.append(x) or np.zeros((len(x), 32)))
    hits = multimodal.word_to_image(model, split.x_test, split.y_test, "Chinese")
    assert hits.shape == (np.bincount(split.y_test).min(), 10)
    assert len(np.unique(asked[0], axis=0)) == hits.size


def test_gaussians_have_the_moments_of_their_class():
    rng = np.random.default_rng(0)
    x = rng.normal(0.5, 0.05, (2000, 4)) @ rng.uniform(0.1, 0.3, (4, 4))  # all within (0, 1)
    generator = multimodal.ClassGaussians(x, np.repeat([3, 8], 1000), components=4)
    made = generator.sample(8, 20_000, rng)
    np.testing.assert_allclose(made.mean(0), x[1000:].mean(0), atol=2e-3)
    np.testing.assert_allclose(np.cov(made.T), np.cov(x[1000:].T), atol=2e-4)
    with pytest.raises(ValueError, match=r"label must be one of \[3, 8\], got 5"):
        generator.sample(5, 1, rng)


def test_generated_digits_are_what_was_asked_for_and_new(split):
    good, crude = multimodal.generation(split), multimodal.generation(split, components=5)
    assert good["agreement"][1] > 0.95 < good["judge"]
    assert crude["agreement"][2] < 0.9
    assert 0.05 < good["unconditional"] < 0.15
    assert good["novelty"] > 0.8
    assert np.mean(good["by_digit"]) == pytest.approx(good["agreement"][0])
