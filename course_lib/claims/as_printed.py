"""The articles' formulas, exactly as printed, mistakes included, and the numbers of their worked examples.

For comparison only: the right versions are in `course_lib`. Each names its claim; ``claims.show(id)`` runs the proof.
"""

from types import SimpleNamespace

import numpy as np

from course_lib import activations, optim


def _fixed(values):
    """Make an array that nobody can change by accident."""
    array = np.array(values, dtype=float)
    array.setflags(write=False)
    return array


# Losses


def cross_entropy_sum(probabilities, target):
    """-Σᵢ yᵢ log ŷᵢ over everything given (claims S0-4.2.1-cross-entropy, S2-4.1.2-cross-entropy).

    Right for one sample whose i runs over the classes. The articles do not say what i counts.
    """
    probabilities, target = np.asarray(probabilities, float), np.asarray(target)
    with np.errstate(divide="ignore"):
        logs = np.log(probabilities)
    return 0.0 - np.sum(np.multiply(target, logs, out=np.zeros_like(logs), where=target != 0))  # 0 · log 0 is 0


def cross_entropy_mean(probabilities, target):
    """-(1/n) Σᵢ yᵢ log ŷᵢ with i over the n samples (claim S4-4.1-cross-entropy): a label 0 costs nothing."""
    return cross_entropy_sum(probabilities, target) / np.size(target)


def half_sum_of_squares(prediction, target):
    """½ Σ (y - ŷ)², called the loss over N samples (claim S1-4.2-half-sse); its gradient is ŷ - y, without 1/N."""
    return 0.5 * np.sum((np.asarray(target) - np.asarray(prediction)) ** 2)


# Backpropagation


def delta(dl_dz, z, derivative):
    """δ = ∂L/∂z · σ'(z) (claim S3-4.1-delta): ∂L/∂z already holds σ'(z), so it is counted twice."""
    return np.asarray(dl_dz) * derivative(np.asarray(z))


def weight_update(weight, inputs, delta, lr):
    """W - α (a · δᵀ) for column vectors a (in, 1) and δ (out, 1) (claims S3-4.2-w2-update, S3-4.2-w1-update).

    Raises
    ------
    ValueError
        Always, unless in = out: a δᵀ is (in, out), W is (out, in). With in = out it is silently transposed.
    """
    return weight - lr * (np.reshape(inputs, (-1, 1)) @ np.reshape(delta, (1, -1)))


# Optimizers


def adam_update(param, grad, m, v, t=None, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    """One step of the printed Adam; returns (param, m, v) (claim S0-4.3.2-adam-moments).

    m ← β₁m + (1-β₁)(g - m);  v ← β₂v + (1-β₂)((g - m)² - v), with the old m;  w ← w - α·m/(√v + ε). Same arguments as
    `course_lib.optim.adam_update`; `t` is not used, because the bias correction is missing.
    """
    m, v = beta1 * m + (1 - beta1) * (grad - m), beta2 * v + (1 - beta2) * ((grad - m) ** 2 - v)
    return param - lr * m / (np.sqrt(v) + eps), m, v


class Adam(optim.Adam):
    """`course_lib.optim.Adam` with the printed rule, for a race of the two (claim S0-4.3.2-adam-moments)."""

    def rule(self, param, grad, state, t):
        """Apply the printed `adam_update`."""
        grad = grad + self.weight_decay * param if self.weight_decay else grad
        return adam_update(param, grad, *state, t, self.lr, *self.betas, self.eps)


def gd_update_english(param, curvature, lr):
    """w_t = w_{t-1} - α·∂L/∂w_t, solved for w_t on L = ½c·w² (claim S0-4.3.1-gd-formula).

    The English text takes the gradient at the new point, which makes it the implicit method: w / (1 + αc).
    """
    return param / (1 + lr * curvature)


def sgd_update(param, full_gradient, lr):
    """w - α ∂L/∂w, printed as SGD though it is plain gradient descent (claims S4-4.1-sgd-same, S2-4.3.1-sgd)."""
    return param - lr * full_gradient


# S4's SGD in its section 4.2, as the two copies of the text give it (claim S4-4.2-sgd-drafts).
SGD_DRAFTS = (
    r"w_{ji} \leftarrow w_{ji} - \alpha_t \, \partial L / \partial w_{ji}",
    r"w_{ji} \leftarrow w_{ji} - \alpha \, \partial L / \partial w_{ji}",
)
# S4's gradient descent, and its SGD in section 4.1 (claim S4-4.1-sgd-same).
GD_FORMULA = SGD_FORMULA = SGD_DRAFTS[1]


# Convolution


def convolution(channels, weights):
    """f(x, y) = Σᵢ wᵢ·aᵢ(x, y) (claim S0-4.4.2-convolution): a weighted sum of k channels at one pixel, a 1×1 kernel.

    Shapes: channels (k, H, W), weights (k,) → (H, W). No neighbouring pixel is looked at.
    """
    return np.einsum("k,khw->hw", np.asarray(weights, float), np.asarray(channels, float))


# S1's 2×2 example: W, X and, as printed, output, loss, gradient and the weights after the update. No bias or labels
# are given. Claims S1-4.3-ex-forward, S1-4.3-ex-loss, S1-4.3-ex-gradient, S1-4.3-ex-update.
EXAMPLE_2X2 = SimpleNamespace(
    W=_fixed([[0.1, 0.2], [0.3, 0.4]]),
    X=_fixed([[1, 0], [0, 1]]),
    output=_fixed([[0.7, 0.8], [0.9, 1.0]]),
    loss=0.15,
    gradient=_fixed([[0.3, 0.2], [0.1, 0.2]]),
    W_new=_fixed([[0.1, 0.2], [0.3, 0.4]]),
)

# S1's "logistic regression": the four points, their labels, the printed predictions, and the settings of its listing
# (one Dense(1) without activation, mean squared error, SGD with Keras's default rate). Claims S1-4.3-logreg-data,
# S1-4.3-logreg-two-layers, S1-4.3-logreg-mse, S1-4.3-logreg-output, S1-4.3-logreg-close-claim.
LOGISTIC_REGRESSION = SimpleNamespace(
    X=_fixed([[0, 0], [0, 1], [1, 0], [1, 1]]),
    y=_fixed([0, 0, 1, 1]),
    predictions=_fixed([0.0, 0.00909091, 0.99090909, 0.0]),
    lr=0.01,
    epochs=1000,
)


def train_affine_mse(X, y, w, b, lr=0.01, steps=1000):
    """Full-batch gradient descent on the mean squared error of Xw + b: what S1's listing really trains.

    Claims S1-4.3-logreg-mse, S1-4.3-logreg-two-layers. Keras takes batches of 32, which here is all four points.
    Returns (w, b).
    """
    w, b = np.array(w, float), float(b)
    for _ in range(steps):
        error = X @ w + b - y
        w, b = w - lr * 2 * X.T @ error / len(y), b - lr * 2 * error.mean()
    return w, b


# S3's 3-4-2 network: input and label as printed; it gives no weights, so these are ours (claim S3-4.2-mlp-setup).
NETWORK_342 = SimpleNamespace(
    x=_fixed([1, 2, 3]),
    y=_fixed([0, 1]),
    W1=_fixed([[0.1, 0.2, 0.3], [-0.1, 0.1, 0.2], [0.3, -0.2, 0.1], [0.2, 0.2, -0.4]]),
    b1=_fixed([0.1, 0, -0.1, 0.2]),
    W2=_fixed([[0.2, -0.1, 0.4, 0.3], [-0.3, 0.5, 0.1, 0.2]]),
    b2=_fixed([0.05, -0.05]),
)


def network_forward(net=NETWORK_342):
    """S3's forward pass; returns z1, a1, z2, a2 by name (claim S3-4.2-relu-output).

    The output goes through relu, so it is no probability: a 0 makes the cross-entropy infinite.
    """
    z1 = net.W1 @ net.x + net.b1
    a1 = activations.relu(z1)
    z2 = net.W2 @ a1 + net.b2
    return SimpleNamespace(z1=z1, a1=a1, z2=z2, a2=activations.relu(z2))


def network_deltas(a2, z1, net=NETWORK_342):
    """δ₂ = A₂ - Y and δ₁ = (W₂ᵀ·δ₂)·σ'(Z₁) (claims S3-4.2-delta2, S3-4.2-delta1); the second dot read element-wise."""
    delta2 = a2 - net.y
    return delta2, (net.W2.T @ delta2) * (z1 > 0)


def relu_classifier(x, w, v, b):
    """S4's classifier: h = relu(Σⱼ wⱼx + b), ŷ = relu(Σₖ vₖh + b) (claims S4-4.3-example-sums, S4-4.3-example-loss).

    Shapes: x (..., N), w (..., m), v (..., n), b (..., 1) → (..., N), arrays or tensors; b serves both layers. However
    many weights there are, only their sums count: it is one hidden unit.
    """
    h = activations.relu(w.sum(-1)[..., None] * x + b)
    return activations.relu(v.sum(-1)[..., None] * h + b)
