# ---
# jupyter:
#   course:
#     chapter: 4
#     title: Mathematical models and formulas
#     minutes: 180
#     complete: true
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4. Mathematical models and formulas
#
# After this chapter you can
#
# - write a layer, an activation, a loss and an optimizer step, and say which formula each one is;
# - carry a gradient back through a network by hand, and check the result with finite differences (有限差分);
# - read a printed formula with suspicion: check its shapes, its signs and its limits by running it;
# - train a digits network and explain why its first weights decide how it ends;
# - tell optimisation (find the best point) from sampling (draw from a distribution).
#
# **Time** about three hours, with eleven exercises. **Needs** Python, NumPy, the idea of a derivative. **Data** the 8×8
# digits that scikit-learn carries. **Runs on** any CPU, in less than a minute when no exercise is solved.
#
# Five articles, S0 to S4, explain this subject. Each section says what they print, asks you for a prediction, and runs it.

# %%
import numpy as np

from course_lib import claims
from course_lib.checks import check, compare, hint, predict, progress, restore, reveal, use_mine
from course_lib.preflight import preflight
from course_lib.widgets import ActLab, GradFlow, GraphStepper, LossLab, OptiRace, TrainDeck, plot

preflight(4)

# %% [markdown]
# Your answers, predictions and opened hints go to one file on this computer. `restore(4)` brings answers back after the
# notebook was reset; `progress(4)` shows where you stand.
#
# ## 1. One unit, one layer
#
# **The document says** (S0-4.1.2-weighted-sum, S3-4.1-forward): a unit (神经元) multiplies its inputs by weights (权重),
# adds them up with a bias (偏置), and passes the sum on to an activation function (激活函数):
# $z=\sum_i w_i a_i+b$, $\;a=f(z)$. A layer does this for many units at once: $z=Wa+b$. S0 calls the sum itself an
# activation. The usual name for $z$ is *pre-activation*.
#
# PyTorch and this course store samples in rows, so a layer computes $XW^\top+b$ with $W$ of shape (out, in).
#
# **Predict.** S1 says that the activation function "decides" whether a unit fires. Suppose you leave it out and stack
# two layers directly: $W_2(W_1x)$. What have you built? Put your answer in as `answer=...`; the cell runs on without one.

# %%
from course_lib import activations, nn
from course_lib.autograd import Tensor

w, a, b = np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, -1.0]), 0.5
layer = nn.Linear(3, 1, dtype=np.float64)
layer.load_state_dict({"weight": w[None, :], "bias": [b]})
print("by hand", w @ a + b, " Linear", layer(Tensor(a)).data)
predict("4-p1", "Two layers without an activation between them can represent",
        ["more than one layer", "exactly what one layer can", "less than one layer"], answer=None)

# %%
rng = np.random.default_rng(0)
W1, W2, x = rng.normal(size=(4, 3)), rng.normal(size=(2, 4)), rng.normal(size=3)
print("without activation, equal to one layer:", np.abs(W2 @ (W1 @ x) - (W2 @ W1) @ x).max() < 1e-12)
bent = W2 @ np.maximum(W1 @ x, 0)
print("with relu, largest difference to one layer:", np.abs(bent - (W2 @ W1) @ x).max().round(3))
compare("4-p1", "exactly what one layer can")

# %% [markdown]
# **What holds.** Two linear maps are one linear map. The activation is there to prevent that, not to "decide". A step
# function would decide; the usual activations answer by degrees.
#
# ## 2. Activations
#
# Three are common: the sigmoid (S 型函数) $\sigma(z)=1/(1+e^{-z})$, between 0 and 1; $\tanh z$ (双曲正切), between -1 and 1;
# and relu (线性整流) $\max(0,z)$, which lets half of the line through unchanged.
#
# **The document says**: relu has "fewer parameters" (S4-4.2-relu-properties), and tanh has an "identity mapping"
# property (S4-4.2-tanh-identity). **Predict** before you look: how many parameters does relu have, and where is tanh
# the identity? Below lies, under tanh and its slope, what really arrives at the units of a network that looks at digits.
# Drag z; make the weights larger; choose sigmoid, then relu, and watch both percentages.

# %%
from course_lib.data import digits

rng = np.random.default_rng(0)
tanh_net = nn.Sequential(nn.Linear(64, 64, rng=rng), nn.Tanh(), nn.Linear(64, 64, rng=rng), nn.Tanh())
ActLab(tanh_net, digits().x_train[:256], scale=5.0, predict=True)

# %%
z = np.array([0.1, 0.5, 1.0, 2.0])
print("tanh(z) - z:", (np.tanh(z) - z).round(4))
print("parameters of relu:", len(nn.ReLU().parameters()))
print("largest slope of ten sigmoids in a row:", f"{0.25**10:.1e}")
with np.errstate(over="ignore"):
    print("1/(1+exp(-z)) at z = -1000 goes through exp(1000) =", np.exp(1000.0))
claims.show("S4-4.2-tanh-identity", "S4-4.2-relu-properties")

# %% [markdown]
# **What holds.** Where a derivative is near zero the unit is *saturated* (饱和): hardly any gradient (梯度, the derivative
# of the loss; section 4) passes, and ten sigmoids in a row let almost none through, since the largest slope of one is a
# quarter. relu lets all of it through for $z>0$ and nothing for $z<0$. tanh is close to the identity only near 0. And a
# formula can be right and still overflow (溢出).
#
# **Your turn, exercise 4.1** (10 minutes, ●●○). Write the sigmoid so that no intermediate value overflows, for any
# finite input. `hint("4.1")` opens a hint.

# %% tags=["exercise"]
def sigmoid(x):
    """σ(x) = 1 / (1 + e⁻ˣ) for an array of any shape, without overflow."""
    ...


check("4.1", sigmoid)

# %% [markdown]
# **The document says** (S3-4.2-relu-output): S3's network for two classes ends with relu and is trained with
# cross-entropy. Its numbers were not printed, so we choose some. Look at what the loss has to work with.

# %%
z2 = np.array([0.32, -0.14])  # the last layer's pre-activations; the true class is the second
with np.errstate(divide="ignore"):
    print("relu:   ", activations.relu(z2), " loss", -np.log(activations.relu(z2)[1]))
p = activations.softmax(z2)
print("softmax:", p.round(6), " loss", round(-np.log(p[1]), 6))

# %% [markdown]
# relu's outputs are not probabilities: one is 0, and $-\log 0$ is infinite. softmax, $p_i=e^{z_i}/\sum_j e^{z_j}$, makes
# positive numbers that sum to 1 out of any real numbers $z_i$. Those are called *logits* (未归一化得分).
#
# **Your turn, exercise 4.2** (10 minutes, ●●○). softmax along any axis, for logits up to ±10,000.

# %% tags=["exercise"]
def softmax(x, dim=-1):
    """eˣⁱ / Σ eˣʲ along the axis dim."""
    ...


check("4.2", softmax)

# %% [markdown]
# ## 3. Losses
#
# A loss (损失函数) turns all errors into one number. **The document says**:
#
# - S4-4.2-ce-small-error: the cross-entropy (交叉熵) is *larger* when the error is *smaller*;
# - S4-4.1-cross-entropy: $L=-\frac1n\sum_{i=1}^n y_i\log\hat y_i$ with $y_i$ the true label (标签) of sample $i$ and
#   $\hat y_i$ the prediction for it.
#
# **Predict.** With labels 1, 0, 1, 0, which constant prediction makes the printed formula smallest?

# %%
predict("4-p2", "The printed loss is smallest when every prediction is", ["0", "0.5", "1"], answer=None)

# %%
from course_lib import losses
from course_lib.claims import as_printed

print("probability of the true class:", [0.99, 0.9, 0.5, 0.1, 0.01])
print("its cross-entropy:            ", (-np.log([0.99, 0.9, 0.5, 0.1, 0.01])).round(5).tolist())
y = np.array([1.0, 0.0, 1.0, 0.0])
for constant in (0.01, 0.5, 0.99):
    guess = np.full(4, constant)
    right = losses.binary_cross_entropy(guess, y)
    print(f"predict {constant}: printed {as_printed.cross_entropy_mean(guess, y):.4f}, right {right:.4f}")
compare("4-p2", "1")
claims.show("S4-4.1-cross-entropy", "S4-4.2-ce-small-error", "S1-4.2-half-sse")

# %%
two = digits().y_train < 2  # zeros and ones; x: the ink in the two middle columns, y: whether it is a one
ink = digits().x_train[two].reshape(-1, 8, 8)[:24, :, 3:5].mean((1, 2))


def printed(z, y):
    """S4's formula for one sample, with the prediction σ(z)."""
    return -y * np.log(activations.sigmoid(z))


LossLab((ink - ink.mean()) / ink.std(), digits().y_train[two][:24], own=printed, predict=True)

# %% [markdown]
# **What holds.** A good prediction has a small loss, so S4's sentence is the wrong way round. S4's formula drops every
# sample with label 0, so it is best to say yes to everything: choose the loss `printed` above and step; its landscape
# falls for ever towards large b. Choose cross-entropy: there is a lowest point. Lift one data point with the mean squared
# error (均方误差, MSE), then with the mean absolute error (平均绝对误差, MAE), and compare how far the valley moves. The right
# form for two classes keeps both terms, $-y\log\hat y-(1-y)\log(1-\hat y)$; for more classes the inner sum runs over
# classes and the mean over samples.
#
# **Your turn, exercise 4.3** (15 minutes, ●●●). Cross-entropy straight from logits. Taking `log(softmax(...))`
# fails for confident mistakes; find a form that does not.

# %% tags=["exercise"]
def cross_entropy(logits, target):
    """Mean over the samples of -log softmax(logits)[target]; logits (N, C), target (N,) class indices."""
    ...


check("4.3", cross_entropy)

# %% [markdown]
# ## 4. The chain rule
#
# Backpropagation (反向传播) is the chain rule (链式法则), applied from the loss back to the first layer. It computes
# gradients. Changing the weights is the work of the optimizer (优化器): S3's Chinese text mixes the two, its English text
# does not.
#
# **The document says** (S3-4.1-delta): $\delta=\frac{\partial L}{\partial z}\cdot\sigma'(z)$ with $z$ the input of the
# activation. Take one sigmoid unit with $z=wx+b=0.5$, $a=\sigma(z)$, target 1 and loss $L=\frac12(a-1)^2$. The cell finds
# $\partial L/\partial z$ by moving $z$ a little; from the *tape*, on which the library records each operation to run it
# backwards; and from two formulas. Then go back through the graph (计算图) with the arrow keys. Type each gradient before
# you uncover it; a wrong guess does no harm.

# %%
from course_lib.autograd import tensor

z = tensor(np.array(0.5), requires_grad=True)
loss = 0.5 * (activations.sigmoid(z) - 1) ** 2
loss.backward()
s, h = activations.sigmoid(0.5), 1e-6
nudged = [0.5 * (activations.sigmoid(0.5 + step) - 1) ** 2 for step in (h, -h)]
print(f"moving z:          {(nudged[0] - nudged[1]) / (2 * h):.6f}")
print(f"tape:              {z.grad:.6f}")
print(f"dL/da times σ′(z): {(s - 1) * s * (1 - s):.6f}")
print(f"as printed:        {as_printed.delta(z.grad, 0.5, lambda t: s * (1 - s)):.6f}")
unit = {"w": 1.0, "x": 0.3, "b": 0.2}
GraphStepper(lambda w, x, b: 0.5 * ((w * x + b).sigmoid() - 1) ** 2, unit, predict=True)

# %% [markdown]
# **What holds.** $\partial L/\partial z$ already contains $\sigma'(z)$. The printed formula multiplies by it a second
# time. What is meant is $\delta=\frac{\partial L}{\partial a}\odot\sigma'(z)$, where ⊙ multiplies element by element. Each
# gradient in the graph is the one after it times a local derivative. Where a value is used twice, the two products are
# added: try `GraphStepper(lambda a=3.0: a * a)`.
#
# **Your turn, exercise 4.4** (8 minutes, ●●○).

# %% tags=["exercise"]
def sigmoid_delta(dL_da, z):
    """dL/dz of a sigmoid unit a = σ(z), from dL/da."""
    ...


check("4.4", sigmoid_delta)

# %% [markdown]
# ### S3's network with 3, 4 and 2 units
#
# S3 walks through one training step of this network without any weights. With weights filled in, every line can be
# checked: on the tape first, then by hand, then the update as S3 prints it (S3-4.2-w2-update),
# $W_2\leftarrow W_2-\alpha\,(A_1\delta_2^\top)$, with $\alpha$ the size of the step, $A_1$ the outputs of the four hidden
# units (隐藏单元) and $\delta_2=\partial L/\partial z_2$. **Predict** whether its shapes fit.
#
# `Sequential` strings layers together. The label is *one-hot* (独热): 1 at its class and 0 elsewhere.

# %%
net = as_printed.NETWORK_342  # our weights for S3's shapes; x is one sample, y its one-hot label
model = nn.Sequential(nn.Linear(3, 4, dtype=np.float64), nn.ReLU(), nn.Linear(4, 2, dtype=np.float64))
model.load_state_dict({"0.weight": net.W1, "0.bias": net.b1, "2.weight": net.W2, "2.bias": net.b2})
target = int(net.y.argmax())
logits = model(Tensor(net.x[None, :]))
loss = losses.cross_entropy(logits, [target])
loss.backward()
print("parameters:", sum(p.size for p in model.parameters()))
print("logits", logits.data[0].round(4), " loss", round(loss.item(), 6))

# %%
z1 = net.W1 @ net.x + net.b1  # the same by hand, for one column vector
a1 = np.maximum(z1, 0)
delta2 = activations.softmax(net.W2 @ a1 + net.b2) - net.y  # softmax and cross-entropy together
delta1 = (net.W2.T @ delta2) * (z1 > 0)
grads = dict(zip(["W1", "b1", "W2", "b2"], [p.grad for p in model.parameters()], strict=True))
mine = {"W2": np.outer(delta2, a1), "b2": delta2, "W1": np.outer(delta1, net.x), "b1": delta1}
for name, value in mine.items():
    print(name, "by hand equals the tape:", np.abs(value - grads[name]).max() < 1e-12)
print("dL/dW1\n", grads["W1"].round(6))

# %%
try:
    as_printed.weight_update(net.W2, a1[:, None], delta2[:, None], lr=0.1)
except ValueError as error:
    print("as printed:", error)
print("δ₂ A₁ᵀ has shape", np.outer(delta2, a1).shape, "and W₂ has", net.W2.shape)
claims.show("S3-4.2-w2-update", "S3-4.2-delta2", "S3-4.2-delta1")

# %% [markdown]
# **What holds.** The printed product is the transpose of the gradient. The last row of $\partial L/\partial W_1$ is zero:
# that unit's $z$ is negative, relu passes nothing back, and the unit learns nothing from this sample.
#
# **Your turn, exercise 4.5** (12 minutes, ●●●). The backward pass of a whole layer, for a batch (批), its samples in rows:
# $Y=XW^\top+b$. You get $G=\partial L/\partial Y$. Shapes tell you most of the answer.

# %% tags=["exercise"]
def linear_backward(x, w, g):
    """(dL/dx, dL/dw, dL/db) for y = x wᵀ + b; x (N, in), w (out, in), g = dL/dy (N, out)."""
    ...


check("4.5", linear_backward)

# %% [markdown]
# ### S1's two worked examples, recomputed
#
# **The document says** (S1-4.3-ex-forward and the three claims after it): for $W=\begin{bmatrix}.1&.2\\.3&.4\end{bmatrix}$
# and $X=I$ a sigmoid layer gives $\begin{bmatrix}.7&.8\\.9&1.0\end{bmatrix}$, the loss is 0.15, the gradient is
# $\begin{bmatrix}.3&.2\\.1&.2\end{bmatrix}$, and after the update the weights are what they were.
#
# S1's second example trains "logistic regression" (逻辑回归) on four points with labels 0, 0, 1, 1 and prints the
# predictions 0, 0.0091, 0.9909, 0. **Predict**: can an *affine* (仿射) model, $f(x)=w\cdot x+b$, give these four values on
# the corners of a square?

# %%
W = np.array([[0.1, 0.2], [0.3, 0.4]])
out = activations.sigmoid(W)
print("sigmoid(W)\n", out.round(6))
needed = np.log([0.7 / 0.3, 0.8 / 0.2, 0.9 / 0.1]) - [0.1, 0.2, 0.3]
print("bias each printed entry would need:", needed.round(3))
labels = [np.array(bits).reshape(2, 2) for bits in np.ndindex(2, 2, 2, 2)]
possible = {round(as_printed.half_sum_of_squares(np.array([[0.7, 0.8], [0.9, 1.0]]), t), 4) for t in labels}
print("smallest losses that 0/1 labels could give:", *sorted(possible)[:5],
      "- is 0.15 among all?", 0.15 in possible)
gradient = (out - np.eye(2)) * out * (1 - out)  # for labels I
print("gradient for labels I\n", gradient.round(6))
claims.show("S1-4.3-ex-forward", "S1-4.3-ex-loss", "S1-4.3-ex-gradient", "S1-4.3-ex-update")

# %%
corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
printed = np.array([0, 0.0091, 0.9909, 0])
print("every affine f has f(0,0) + f(1,1) - f(0,1) - f(1,0) = 0; the printed values give",
      printed @ [1, -1, -1, 1])
labels = corners[:, 0].astype(float)
w, b = np.zeros(2), 0.0
for _ in range(1000):
    error = activations.sigmoid(corners @ w + b) - labels
    w, b = w - 0.5 * corners.T @ error / 4, b - 0.5 * error.mean()
p = activations.sigmoid(corners @ w + b)
loss = losses.binary_cross_entropy(p, labels)
print("real logistic regression, 1,000 steps:", p.round(3), " loss", loss.round(4))
claims.show("S1-4.3-logreg-output")

# %% [markdown]
# ## 5. Optimizers
#
# Gradient descent (梯度下降) moves against the gradient: $w\leftarrow w-\alpha\nabla L(w)$, with the learning rate (学习率)
# $\alpha$. **The documents say** that with a suitable rate it converges; none gives a bound. For a quadratic loss there
# is one: $\alpha<2/\lambda_{\max}$, with $\lambda_{\max}$ the largest curvature (曲率), the second derivative in the
# direction in which it is largest.

# %%
X = np.column_stack([np.arange(4.0), np.ones(4)])  # fit y = 2x + 1 (S0-4.4.1-linear-regression)
y = X @ [2.0, 1.0]
curvatures = np.linalg.eigvalsh(2 / 4 * X.T @ X)
bound = 2 / curvatures.max()
print("curvatures", curvatures.round(4), " so the learning rate must stay below", round(bound, 5))
for lr in (0.1, 0.237, 0.239):
    w = np.zeros(2)
    for _ in range(1000):
        w = w - lr * 2 / 4 * X.T @ (X @ w - y)
    print(f"α = {lr}: distance to the solution after 1,000 steps {np.abs(w - [2, 1]).max():.2g}")

# %% [markdown]
# ### Adam, as printed and as published
#
# Adam keeps a running mean $m$ of the gradients $g$ and $v$ of their squares; $\beta_1$ and $\beta_2$ say how slowly they
# forget, and a small $\epsilon$ keeps it from dividing by 0. **The document says**
# (S0-4.3.2-adam-moments): $m_t=\beta_1m_{t-1}+(1-\beta_1)[g_t-m_{t-1}]$,
# $v_t=\beta_2v_{t-1}+(1-\beta_2)[(g_t-m_{t-1})^2-v_{t-1}]$, $w_t=w_{t-1}-\alpha\,m_t/(\sqrt{v_t}+\epsilon)$.
# The paper (Kingma & Ba, ICLR 2015) has no $m_{t-1}$ inside the brackets, no $v_{t-1}$, and divides both averages by
# $1-\beta^t$, because they start at 0 and are too small at first: the bias correction (偏差修正).
#
# **Predict.** The published first step has size $\alpha$. How many times larger is the printed one?

# %%
predict("4-p3", "The printed first step is how many times the learning rate?", answer=None)

# %%
from course_lib.optim import adam_update

g, zero = np.array([1.0, -2.0, 3.0]), np.zeros(3)
print("published first step / α:", (-adam_update(zero, g, zero, zero, 1, lr=0.1)[0] / 0.1).round(4))
first = -as_printed.adam_update(zero, g, zero, zero, 1, lr=0.1)[0] / 0.1
print("printed first step / α:  ", first.round(4))
compare("4-p3", float(np.abs(first).max().round(4)))
claims.show("S0-4.3.2-adam-moments", "S0-4.3.2-adam-moment-names", "S0-4.3.1-gd-formula")

# %%
def draw(fig):
    ax = fig.subplots()
    for name, update in {"published": adam_update, "as printed (S0)": as_printed.adam_update}.items():
        w, m, v, path = np.zeros(1), np.zeros(1), np.zeros(1), [0.0]
        for t in range(1, 401):
            w, m, v = update(w, np.ones(1), m, v, t, lr=0.01)  # the gradient is always 1
            path.append(w[0])
        ax.plot(-np.diff(path) / 0.01, label=name)
    ax.set(xlabel="step", ylabel="step size / learning rate", ylim=(0, None))
    ax.legend()

plot(draw, "Step size under a constant gradient. Published Adam: 1 learning rate at every step. The printed "
     "rule starts above 3, climbs to about 6 within ten steps and then falls slowly.")

# %% [markdown]
# **Your turn, exercise 4.6** (15 minutes, ●●●). Adam as published. When it is right, `use_mine("adam", adam_step)`
# puts your function into the library: every optimizer below then runs on it.

# %% tags=["exercise"]
def adam_step(param, grad, m, v, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """One Adam step, the t-th (t = 1, 2, ...); returns (param, m, v). The inputs stay as they are."""
    ...


check("4.6", adam_step)

# %% [markdown]
# ### Momentum, noise and a race
#
# **The document says** (S4-4.1-sgd-same, S2-4.3.1-sgd) that stochastic gradient descent (随机梯度下降, SGD) uses the very
# formula of gradient descent. The difference is *which* gradient: that of a randomly drawn sample or small batch.
# Momentum (动量) averages these noisy gradients over time. Let them race: drag the learning rate, switch the bias
# correction off, add noise. "Adam as printed" runs with them.

# %%
for noise in (0.0, 1.0):  # 200 races on the ravine ½(x² + 30y²), without and with noise in the gradient
    for name, update in {"published": adam_update, "as printed": as_printed.adam_update}.items():
        rng, w = np.random.default_rng(0), np.tile([-2.5, 1.2], (200, 1))
        m = v = np.zeros_like(w)
        for t in range(1, 151):
            w, m, v = update(w, w * [1, 30] + noise * rng.normal(size=w.shape), m, v, t, lr=0.05)
        print(f"noise {noise}, Adam {name}: median loss after 150 steps {np.median(w**2 @ [0.5, 15]):.1g}")
OptiRace(surface="ravine", printed=True, predict=True)

# %% [markdown]
# **What holds.** All racers have the same learning rate, and that is not the same thing for all: momentum 0.9 adds up to
# ten gradients, while RMSprop (Adam's $v$ without its $m$) and Adam divide by the gradient's size. Without noise the printed Adam even ends lower than
# the published one; its steps are longer. RMSprop ends lowest of all here. With noise, which every small batch brings,
# the published Adam ends lower than the printed one. One picture does not judge a formula, and no method wins everywhere.
#
# **Your turn, exercise 4.7** (8 minutes, ●○○).

# %% tags=["exercise"]
def momentum_step(param, grad, velocity, lr, momentum):
    """PyTorch's form: u ← μu + g, w ← w - αu; returns (param, velocity)."""
    ...


check("4.7", momentum_step)
claims.show("S4-4.1-sgd-same", "S2-4.3.1-sgd", "S2-4.3-accelerate")

# %% [markdown]
# ## 6. A network that reads digits
#
# S3 trains a network with 64 inputs, 64 hidden units and 10 classes. Its first weights (initialisation, 初始化) can be all
# zero, large random numbers (with the standard deviation $\sigma=1$), or random numbers whose size fits the layer (He et
# al., 2015: $\sigma=\sqrt{2/n}$ for $n$ inputs before relu). Five seeds (随机种子) of each show what is luck and what is
# not. One epoch (轮) uses every sample of the training set (训练集) once; accuracy (准确率) is the share of right answers on
# the test set (测试集). The loss is in *nats*, since its logarithm is the natural one.
#
# **Your turn, exercise 4.8** (12 minutes, ●●○): the network's forward pass, on plain arrays. In the cell after it, **predict**
# how well the network does that starts at zero.

# %% tags=["exercise"]
def mlp_forward(x, w1, b1, w2, b2):
    """softmax(relu(x w1ᵀ + b1) w2ᵀ + b2): the class probabilities (N, classes) of a batch x (N, inputs)."""
    ...


check("4.8", mlp_forward)

# %%
from sklearn import linear_model, neighbors

from course_lib import init, optim
from course_lib.data import DIGITS, digits
from course_lib.training import Trainer

data = digits()
print(DIGITS.origin, "·", DIGITS.licence)
print("training", data.x_train.shape, "test", data.x_test.shape)
most = np.bincount(data.y_train).argmax()
print(f"baseline, always say {most}: accuracy {(data.y_test == most).mean():.3f}")
for other in (linear_model.LogisticRegression(max_iter=1000), neighbors.KNeighborsClassifier(3)):
    score = other.fit(data.x_train, data.y_train).score(data.x_test, data.y_test)
    print(f"baseline, {type(other).__name__}: accuracy {score:.3f}")
predict("4-p4", "Test accuracy after 15 epochs when all weights start at zero", answer=None)

# %%
def train(seed, first_weights, epochs=15):  # a 64-64-10 network on the digits
    rng = np.random.default_rng(seed)
    model = nn.Sequential(nn.Linear(64, 64, rng=rng), nn.ReLU(), nn.Linear(64, 10, rng=rng))
    for layer in (model[0], model[2]):
        first_weights(layer.weight, rng)
        init.zeros_(layer.bias)
    optimizer = optim.Adam(model.parameters(), lr=3e-3)
    trainer = Trainer(model, optimizer, losses.cross_entropy, (data.x_train, data.y_train),
                      validation=(data.x_test, data.y_test), seed=seed)
    trainer.run(epochs)
    return trainer

# %%
STARTS = {"He": lambda w, rng: init.kaiming_normal_(w, nonlinearity="relu", rng=rng),
          "σ = 1": lambda w, rng: init.normal_(w, 0, 1, rng),
          "zeros": lambda w, rng: init.zeros_(w)}
runs = {name: [train(seed, start) for seed in range(5)] for name, start in STARTS.items()}
for name, trainers in runs.items():
    final = [t.history["val_accuracy"][-1] for t in trainers]
    print(f"{name:6} test accuracy over 5 seeds: median {np.median(final):.2f}, "
          f"from {min(final):.2f} to {max(final):.2f}")
compare("4-p4", round(float(np.median([t.history["val_accuracy"][-1] for t in runs["zeros"]])), 2))
gap = [t.history["val_loss"][-1] - t.history["loss"][-1] for t in runs["He"]]
slope = [np.polyfit(range(5), t.history["val_loss"][-5:], 1)[0] for t in runs["He"]]
print(f"Curves from fresh networks: test loss exceeds training loss by {np.median(gap):.2f} at the end, and "
      f"its slope over the last 5 epochs is {np.median(slope):+.3f} an epoch (medians)")

# %%
def draw(fig):
    left, right = fig.subplots(1, 2)
    for k, (name, trainers) in enumerate(runs.items()):
        for i, t in enumerate(trainers):
            style = {"color": f"C{k}", "ls": ("-", "--", "-.")[k], "lw": 1}
            left.plot(t.history["epoch"], t.history["val_loss"], **style)
            right.plot(t.history["epoch"], t.history["val_accuracy"], **style, label=None if i else name)
    left.set(xlabel="epoch", ylabel="test loss (nats)", yscale="log")
    right.set(xlabel="epoch", ylabel="test accuracy")
    right.legend()

plot(draw, "Test loss and accuracy over 15 epochs, five seeds for each start. He is best from the first epoch "
     "on; weights of size 1 climb slowly and stay below; zeros stay at one in ten.")

# %% [markdown]
# **What holds.** Zeros: all hidden units are equal and, with both layers at zero, no gradient reaches them; only the
# last bias learns. Too large: the first loss is huge and most of the training goes into undoing it. The right size keeps
# signal and gradient alive through the layers. Three neighbours do better than the network: a baseline (基线) belongs
# beside every model. Look at the digits that the best start still gets wrong, and at what one pixel does. The interval
# (置信区间) comes from the bootstrap (自助法): the 360 test digits are drawn anew 2,000 times, with replacement.

# %%
trainer = runs["He"][0]
guess = trainer.model(Tensor(data.x_test)).data.argmax(1)
wrong = np.flatnonzero(guess != data.y_test)[:8]
moved = np.roll(data.x_test.reshape(-1, 8, 8), 1, axis=2).reshape(-1, 64)  # one pixel to the right
after = (trainer.model(Tensor(moved)).data.argmax(1) == data.y_test).mean()
redrawn = np.random.default_rng(0).choice(guess == data.y_test, (2000, 360)).mean(1)
low, high = np.quantile(redrawn, [0.025, 0.975])
print(f"Digits: 95 % interval {low:.2f} to {high:.2f} (360 digits, bootstrap); moved by a pixel: {after:.2f}")

def draw(fig):
    for ax, i in zip(fig.subplots(1, len(wrong)), wrong, strict=True):
        ax.imshow(data.x_test[i].reshape(8, 8), cmap="gray_r")
        ax.set_title(f"{guess[i]}, not {data.y_test[i]}", fontsize=8)
        ax.set_axis_off()
plot(draw, f"{len(wrong)} misread test digits, each titled with the guess and the truth.", height=1.5)

# %% [markdown]
# ### Drive the training yourself
#
# Play, pause, change the learning rate in the middle, fork a second run, rewind. It is this very network, started anew.
#
# Below it, `GradFlow` shows the gradient of every layer of a deep network. Start with weights that are too small: the lower
# rows hardly move. Then choose weights of the right size, or add residual connections (残差连接), which add a layer's input
# to its output.

# %%
TrainDeck(train(0, STARTS["He"], epochs=0), predict=True)

# %%
GradFlow(depth=10, activation="tanh", predict=True)

# %% [markdown]
# ## 7. Convolution and pooling
#
# An image has one or several channels (通道), such as red, green and blue. **The document says** (S0-4.4.2-convolution):
# $f(x,y)=\sum_{i=1}^k w_i a_{i,x,y}$. Look at the indices: no neighbour of the pixel $(x,y)$ occurs. That is a weighted sum
# of $k$ channels, a 1×1 kernel. A convolution (卷积) slides a window of weights, the kernel (卷积核), over the image:
# $f(x,y)=b+\sum_c\sum_{u,v}w_{c,u,v}\,a_{c,x+u,y+v}$, where $c$ counts channels and $(u,v)$ places in the window.
# (Frameworks do not flip the kernel; mathematics books do.)

# %%
from course_lib import conv, pooling

image, kernel = np.arange(1.0, 17).reshape(1, 1, 4, 4), np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
print("conv2d\n", conv.conv2d(image, kernel)[0, 0])
print("kernel flipped\n", conv.conv2d(image, kernel[..., ::-1, ::-1])[0, 0])
print("max pool\n", pooling.max_pool2d(image, 2)[0, 0])
print("average pool\n", pooling.avg_pool2d(image, 2)[0, 0])
claims.show("S0-4.4.2-convolution", "S0-4.4.2-pooling", "S0-4.4.2-fully-connected")

# %% [markdown]
# **Your turn, exercise 4.9** (15 minutes, ●●○): slide the window, without padding (填充). **Exercise 4.10** (12 minutes, ●●○):
# max pooling (池化) with windows that do not overlap; rows and columns that fill no whole window are left out.

# %% tags=["exercise"]
def conv2d_valid(image, kernel):
    """Cross-correlation of an image (H, W) with a kernel (h, w) → (H - h + 1, W - w + 1)."""
    ...


check("4.9", conv2d_valid)


# %% tags=["exercise"]
def max_pool2d(image, size):
    """Largest value of each size × size window of an image (H, W) → (H // size, W // size)."""
    ...


check("4.10", max_pool2d)

# %% [markdown]
# ## 8. Sampling is not optimisation
#
# **The document says** (S2-4.3.2-mcmc): Markov chain Monte Carlo (MCMC, 马尔可夫链蒙特卡罗) is an optimisation method that
# draws random points and converges to the best one. The simplest such method is that of Metropolis: propose a random move
# from $w$ to $w'$; make it with probability $\min(1,\,p(w')/p(w))$; else stay, and count $w$ once more. **Predict**: with the
# density (概率密度) $p(w)\propto e^{-(w-2)^2}$, what share of a long chain lies within 0.1 of the best point $w=2$?

# %%
predict("4-p5", "Share of the chain's points within 0.1 of the best point", answer=None)

# %%
rng = np.random.default_rng(0)
w, chain = 0.0, []
for move, u in zip(rng.normal(0, 1, 20_000), rng.random(20_000), strict=True):
    if np.log(u) < (w - 2) ** 2 - (w + move - 2) ** 2:  # accept with probability min(1, density ratio)
        w += move
    chain.append(w)
chain = np.array(chain[1000:])  # without the way from the start
print(f"chain: mean {chain.mean():.1f}, standard deviation {chain.std():.1f} "
      f"(theory: 2 and {np.sqrt(0.5):.1f})")
compare("4-p5", round(float((np.abs(chain - 2) < 0.1).mean()), 2))

# %% [markdown]
# **What holds.** The chain does not settle: it visits each region as often as the density says. That is what sampling is
# for. Lower a temperature step by step (simulated annealing, 模拟退火) and it becomes an optimiser; large models are trained with
# gradients.
#
# **Your turn, exercise 4.11** (15 minutes, ●●●): the same rule on numbered states. `proposals` has the state proposed at
# each step, `u` a random number from 0 to 1 for each.

# %% tags=["exercise"]
def metropolis(log_p, proposals, u, start=0):
    """States (0..K-1) visited by a Metropolis chain with log-densities log_p (K,), one for each proposal."""
    ...


check("4.11", metropolis)

# %% [markdown]
# ## 9. A classifier that dies
#
# **The document says** (S4-4.3-example-sums, S4-4.3-example-loss): $h=\sigma(\sum_j w_jx+b)$, $y=\sigma(\sum_k w_kh+b)$,
# relu everywhere, squared error. Two things go wrong at once, and you can now say why: the sum over $j$ multiplies the
# *same* $x$, so all units are one unit; and a relu output whose $z$ is below zero for
# every sample has gradient 0 and stays there.

# %%
claims.show("S4-4.3-example-sums", "S4-4.3-example-loss")

# %% [markdown]
# ## Recap
#
# - A layer is $XW^\top+b$ and an activation; without the activation, layers collapse into one.
# - The gradient goes back as $\delta_l=(W_{l+1}^\top\delta_{l+1})\odot f'(z_l)$, $\nabla W_l=\delta_la_{l-1}^\top$. Shapes and
#   finite differences expose a wrong formula at once.
# - Cross-entropy falls as the true class becomes more probable; it needs both terms, and logits.
# - Adam needs its bias correction; a learning rate has a largest useful value; the first weights decide much.
# - MCMC samples. Gradient descent optimises.
#
# **For later** (spaced review): 1. Why does $\log(\mathrm{softmax}(z))$ fail for large $z$, and what is done instead?
# 2. A gradient is exactly $N$ times too large: what was forgotten? 3. Which of $\delta A^\top$ and $A\delta^\top$ has the shape of
# $W$? 4. What does a relu unit with $z<0$ for all samples learn? 5. What does Adam do at its very first step, whatever
# the size of the gradient?
#
# **Next**: chapter 5 puts these pieces together into a chatbot. Below: your exercises, and all claims of section 4 in the
# five articles, each with its evidence, run now.

# %%
progress(4)
claims.table(chapter=4, evidence=True)
