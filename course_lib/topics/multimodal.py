"""Images and words in one space (多模态): contrastive retrieval, and pictures generated on request.

CLIP in miniature (Radford et al., ICML 2021): digit images against number words, English and Chinese. A word is a bag
of its UTF-8 bytes, so that neither language needs a vocabulary.
"""

import numpy as np

from course_lib.arithmetic import exp, permute, sqrt
from course_lib.autograd import Tensor, no_grad
from course_lib.losses import cross_entropy
from course_lib.metrics import share_interval
from course_lib.nn import Linear, Module, Parameter, ReLU, Sequential
from course_lib.optim import Adam
from course_lib.training import fit

WORDS = {
    "English": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "Chinese": tuple("零一二三四五六七八九"),
    "German": ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"),
}
TAUGHT = ("English", "Chinese")


def bag_of_bytes(words) -> np.ndarray:
    """How often each of the 256 bytes occurs in each word: (N, 256) float64. The order of the bytes is lost."""
    counts = [np.bincount(np.frombuffer(word.encode(), np.uint8), minlength=256) for word in words]
    return np.array(counts, float).reshape(-1, 256)


def info_nce(similarity, labels):
    """½ (cross-entropy of every image over the words + of every word over the images), from similarities (N, N).

    Row n is image n, column n its own word. Pairs with the same label are all right: they share the target. With labels
    that differ this is the loss of van den Oord, Li & Vinyals, 2018, arXiv:1807.03748, in both directions, as in CLIP.
    """
    labels = np.asarray(labels)
    if tuple(similarity.shape) != (len(labels), len(labels)):
        raise ValueError(f"info_nce: {len(labels)} labels need ({len(labels)}, {len(labels)}) similarities, "
                         f"got {tuple(similarity.shape)}")  # fmt: skip
    same = (labels[:, None] == labels).astype(similarity.dtype)
    target = same / same.sum(1, keepdims=True)
    return (cross_entropy(similarity, target) + cross_entropy(permute(similarity, (1, 0)), target)) * 0.5


class DualEncoder(Module):
    """One encoder for images, one for words, into vectors of length 1 in a common space.

    In float64, so that a trained one answers alike on machines that round differently.
    """

    def __init__(self, size=32, seed=0):
        options = {"rng": np.random.default_rng(seed), "dtype": np.float64}
        self.image = Sequential(Linear(64, 64, **options), ReLU(), Linear(64, size, **options))
        self.word = Sequential(Linear(256, 64, **options), ReLU(), Linear(64, size, **options))
        self.log_scale = Parameter(np.array(2.3))  # similarities are cosines times e^2.3 ≈ 10 at first

    def forward(self, x):
        """Similarities (N, N) of N images and N words: x (N, 64 + 256) holds both side by side."""
        images, words = _unit(self.image(x[:, :64])), _unit(self.word(x[:, 64:]))
        return images @ permute(words, (1, 0)) * exp(self.log_scale)

    def images(self, x) -> np.ndarray:
        """Vectors of images (N, 64)."""
        with no_grad():
            return _unit(self.image(Tensor(x))).data

    def words(self, words) -> np.ndarray:
        """Vectors of words."""
        with no_grad():
            return _unit(self.word(Tensor(bag_of_bytes(words)))).data


def _unit(x):
    return x / sqrt((x * x).sum(-1, keepdim=True) + 1e-12)


def train_pairs(x, y, languages=TAUGHT, epochs=6, seed=0) -> DualEncoder:
    """Teach a `DualEncoder` on images x (N, 64) of digits y, each with its word in every language."""
    pairs = [np.concatenate([x, bag_of_bytes([WORDS[name][d] for d in y])], 1) for name in languages]
    model = DualEncoder(seed=seed)
    fit(model, Adam(model.parameters(), lr=3e-3), info_nce, (np.concatenate(pairs), np.tile(y, len(pairs))),
        epochs=epochs, batch_size=64, metrics={}, seed=seed)  # fmt: skip
    return model


def image_to_word(model, x, y, language) -> np.ndarray:
    """Recall@1, image by image: is the nearest of the ten words the right one? Booleans (N,); chance is 1/10."""
    return (model.images(x) @ model.words(WORDS[language]).T).argmax(1) == y


def word_to_image(model, x, y, language, seed=0) -> np.ndarray:
    """Recall@1, word by word, in galleries of ten images, one of each digit: Booleans (galleries, 10).

    No image is in two galleries: there are as many as the rarest digit has images.
    """
    rng = np.random.default_rng(seed)
    galleries = np.bincount(y, minlength=10).min()
    of_digit = [rng.permutation(np.flatnonzero(y == d))[:galleries] for d in range(10)]
    images = model.images(x[np.stack(of_digit, 1)].reshape(-1, 64)).reshape(galleries, 10, -1)
    return (model.words(WORDS[language]) @ images.transpose(0, 2, 1)).argmax(2) == np.arange(10)


def retrieval(split, seed=0) -> dict[str, dict]:
    """Teach English and Chinese on the training images, ask with the test images in these and in German.

    Returns
    -------
    dict of language → dict
        image_to_word and word_to_image: (recall@1, low, high) with 95 % intervals. Nobody taught it German: that row
        shows what the model makes of words it does not know.
    """
    model = train_pairs(split.x_train, split.y_train, seed=seed)
    ways = {"image_to_word": image_to_word, "word_to_image": word_to_image}
    asked = split.x_test, split.y_test
    return {language: {name: share_interval(way(model, *asked, language)) for name, way in ways.items()}
            for language in WORDS}  # fmt: skip


class ClassGaussians:
    """A generator one can ask for a digit: in the first principal components, one normal distribution per class.

    Parameters
    ----------
    x, y : array, (N, D) and (N,)
        What it imitates.
    components : int
        How many principal components.
    """

    def __init__(self, x, y, components=20):
        self.center = x.mean(0)
        axes = np.linalg.svd(x - self.center, full_matrices=False)[2][:components]  # (components, D)
        self.axes = axes * np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(1)])[:, None]  # one sign everywhere
        codes = (x - self.center) @ self.axes.T
        self.parts = {c: (codes[y == c].mean(0), np.cov(codes[y == c].T)) for c in np.unique(y).tolist()}

    def sample(self, label: int, n: int, rng) -> np.ndarray:
        """n new images (n, D) of a class, with values cut off at 0 and 1."""
        if label not in self.parts:
            raise ValueError(f"sample: label must be one of {list(self.parts)}, got {label!r}")
        codes = rng.multivariate_normal(*self.parts[label], size=n, method="cholesky")
        return np.clip(self.center + codes @ self.axes, 0, 1)


def generation(split, n=100, components=20, seed=0) -> dict:
    """Does a judge, taught on the real training images, see in the generated ones the digit that was asked for?

    Returns
    -------
    dict
        judge, its accuracy on real test images; agreement on generated ones, (share, low, high), and by_digit;
        unconditional, on images drawn from one normal distribution of all digits, whatever was asked; novelty, median
        distance of a generated image to the nearest training image, over the same for real test images: far below 1
        would be copying.
    """
    from sklearn.linear_model import LogisticRegression

    x, y, rng = split.x_train, split.y_train, np.random.default_rng(seed)
    judge = LogisticRegression(max_iter=500).fit(x, y)
    asked = np.repeat(np.arange(10), n)
    generator = ClassGaussians(x, y, components)
    made = np.concatenate([generator.sample(d, n, rng) for d in range(10)])
    agrees = judge.predict(made) == asked
    anything = ClassGaussians(x, np.zeros(len(x), int), components).sample(0, len(asked), rng)
    return {
        "judge": float((judge.predict(split.x_test) == split.y_test).mean()),
        "agreement": share_interval(agrees),
        "by_digit": agrees.reshape(10, n).mean(1).tolist(),
        "unconditional": float((judge.predict(anything) == asked).mean()),
        "novelty": _to_nearest(made, x) / _to_nearest(split.x_test, x),
    }


def _to_nearest(a, b):
    squared = (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T
    return float(np.median(np.sqrt(np.maximum(squared.min(1), 0))))

