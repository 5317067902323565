"""Our networks behind scikit-learn's interface, so that its pipelines, cross-validation and searches take them."""

import inspect
from contextlib import contextmanager
from copy import deepcopy

import numpy as np

from course_lib import random
from course_lib.activations import softmax
from course_lib.autograd import Tensor, no_grad
from course_lib.losses import cross_entropy
from course_lib.optim import Adam
from course_lib.training import Trainer


class Classifier:
    """A network that is trained by `fit` and then predicts, as scikit-learn's classifiers do.

    Parameters
    ----------
    build : callable
        (features, classes, rng) → Module that turns (N, features, ...) into logits (N, classes). To search over
        architectures, search over this.
    epochs, batch_size : int
    lr, weight_decay : float
    optimizer : class
        Called as ``optimizer(parameters, lr=..., weight_decay=...)``.
    callbacks : sequence of Callback
        Copied for each `fit`.
    seed : int
        Decides first weights, sample order and dropout: equal settings give equal models.

    Attributes
    ----------
    model_ : Module
    classes_ : array, (C,)
        The labels that `fit` saw; column c of `predict_proba` belongs to ``classes_[c]``.
    history_ : History
    """

    def __init__(self, build, epochs=20, lr=1e-3, batch_size=32, weight_decay=0.0, optimizer=Adam, callbacks=(),
                 seed=0):  # fmt: skip
        self.build, self.epochs, self.lr, self.batch_size = build, epochs, lr, batch_size
        self.weight_decay, self.optimizer, self.callbacks, self.seed = weight_decay, optimizer, callbacks, seed

    def fit(self, X, y):
        """Build a new network and train it; returns self."""
        from sklearn.utils.multiclass import check_classification_targets
        from sklearn.utils.validation import validate_data

        X, y = validate_data(self, X, y, dtype=np.float32, allow_nd=True)
        check_classification_targets(y)
        self.classes_, target = np.unique(y, return_inverse=True)
        with _library_seed(self.seed):
            self.model_ = self.build(X.shape[1], len(self.classes_), np.random.default_rng(self.seed))
            optimizer = self.optimizer(self.model_.parameters(), lr=self.lr, weight_decay=self.weight_decay)
            trainer = Trainer(self.model_, optimizer, cross_entropy, (X, target), batch_size=self.batch_size,
                              callbacks=deepcopy(list(self.callbacks)), seed=self.seed)  # fmt: skip
            self.history_ = trainer.run(self.epochs)
        return self

    def predict_proba(self, X) -> np.ndarray:
        """Return probabilities (N, C)."""
        from sklearn.utils.validation import check_is_fitted, validate_data

        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float32, allow_nd=True, reset=False)
        self.model_.eval()
        with no_grad():
            return np.concatenate([softmax(self.model_(Tensor(X[i : i + 1024]))).data for i in range(0, len(X), 1024)])

    def predict(self, X) -> np.ndarray:
        """Return the most probable label of each sample (N,)."""
        p = self.predict_proba(X)
        return self.classes_[p.argmax(1)]

    def score(self, X, y) -> float:
        """Accuracy."""
        return float(np.mean(self.predict(X) == np.asarray(y)))

    def get_params(self, deep: bool = True) -> dict:
        """Return the settings, by name."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def set_params(self, **params):
        """Change settings; the next `fit` uses them. Returns self."""
        known = self.get_params()
        if unknown := sorted(params.keys() - known.keys()):
            raise ValueError(f"Classifier: no parameter {', '.join(unknown)}; it has {', '.join(known)}")
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self):
        from sklearn.utils import ClassifierTags, Tags, TargetTags

        target, classifier = TargetTags(required=True), ClassifierTags()
        return Tags(estimator_type="classifier", target_tags=target, classifier_tags=classifier)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "model_")

    def __repr__(self):
        return f"Classifier({', '.join(f'{k}={v!r}' for k, v in self.get_params().items())})"


@contextmanager
def _library_seed(seed):
    """Seed the library's generator (dropout draws from it) for a while, then put it back."""
    before = random.get_state()
    random.manual_seed(seed)
    try:
        yield
    finally:
        random.set_state(before)
