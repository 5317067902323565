# ---
# jupyter:
#   course:
#     chapter: 7
#     title: Tools and resources
#     minutes: 150
#     complete: true
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 7. Tools and resources
#
# After this chapter you can
#
# - say what is missing on a computer, and which command repairs it;
# - carry a calculation between NumPy, PyTorch and the course's own autograd (自动微分), and name what differs;
# - find a wrong gradient, a wrong shape and the first NaN instead of guessing;
# - measure where time goes before you make anything faster, and repeat a run to the last digit;
# - read a recommendation with suspicion: does the book exist, and who wrote it?
#
# **Time** about two and a half hours, with seven exercises. **Needs** chapter 4 (layers, losses, gradients); PyTorch for three
# cells, which are skipped without it. **Data** the 8×8 digits that scikit-learn carries. **Runs on** any CPU, in less than
# half a minute when no exercise is solved.
#
# Five articles, S0 to S4, recommend tools, books and papers. Each section says what they print, and tests it.

# %%
import numpy as np

from course_lib import claims
from course_lib.checks import check, compare, hint, predict, progress, restore, reveal
from course_lib.preflight import preflight
from course_lib.widgets import GradFlow, plot

preflight(7, needs=("torch",))

# %% [markdown]
# Your answers, predictions and opened hints go to one file on this computer. `restore(7)` brings answers back after the
# notebook was reset; `progress(7)` shows where you stand.
#
# ## 1. A doctor for your computer
#
# **The documents say** (section 5.1 of each) what to install: Python 3.6 or 3.8, TensorFlow, Keras, `tensorflow-gpu`,
# PyTorch, pandas. An environment (环境) is the Python and the packages that a program runs with. It can be repeated only if
# each version is *pinned* (锁定版本): `numpy==2.4.6`, not `numpy`. **Predict**: in how many of the five lists is any version pinned?

# %%
predict("7-p1", "Of the five articles, how many pin at least one version?", answer=None)

# %%
from packaging.requirements import Requirement

from course_lib.topics import doctor

asked = {"S0": ["python>=3.8", "tensorflow>=2.6", "keras>=2.6"], "S1": ["tensorflow", "notebook"],
         "S2": ["python>=3.8", "numpy", "pandas", "transformers", "torch"],
         "S3": ["python>=3.6", "tensorflow", "numpy"],
         "S4": ["python", "tensorflow", "keras", "numpy", "pandas", "tensorflow-gpu"]}
pinning = [name for name, lines in asked.items()
           if any(spec.operator == "==" for line in lines for spec in Requirement(line).specifier)]
compare("7-p1", len(pinning))
for version in ("3.6", "3.8", "3.11"):
    print(doctor.check_python(found=version))

# %% [markdown]
# `doctor` looks at what is there without changing anything: Python, packages, threads (线程), disk, device, git. Every
# problem comes with the command that repairs it. First this computer, of which only the problems are printed (print
# `findings` to see everything with its version); then a patient that we made ill. After that: does the course keep its own
# rule? The second cell forbids Python every network connection and trains a network.

# %%
findings = doctor.diagnose(extras=("chatbot",))
print("this computer:", *[f for f in findings if not f.ok] or ["nothing to repair"])
wanted = {"numpy": ">=2.4,<3", "scipy": ">=1.17,<2", "torch": ">=2.13,<3"}
patient = {"numpy": "1.26.4", "scipy": "1.17.1"}
print("the patient:", *doctor.check_packages(wanted, found=patient),
      doctor.check_threads({}, cores=16), doctor.check_disk(free=0.4), sep="\n")

# %%
from pathlib import Path

from course_lib import losses, nn, optim
from course_lib.data import DIGITS, digits
from course_lib.training import Trainer

data = digits()
with doctor.offline():
    model = nn.Sequential(nn.Linear(64, 32, rng=np.random.default_rng(0)), nn.ReLU(),
                          nn.Linear(32, 10, rng=np.random.default_rng(1)))
    trainer = Trainer(model, optim.Adam(model.parameters(), lr=3e-3), losses.cross_entropy,
                      (data.x_train, data.y_train), validation=(data.x_test, data.y_test))
    trainer.run(10)
print(DIGITS.origin, "·", DIGITS.licence)

# %%
lock = Path("..", "requirements.lock")
lines = [line for line in lock.read_text().splitlines() if line[0] != "#"] if lock.exists() else []
pinned = bool(lines) and all("==" in line for line in lines)
most = (data.y_test == np.bincount(data.y_train).argmax()).mean()
score = trainer.history["val_accuracy"][-1]
print(f"environment-setup: articles that pin a version {len(pinning)} of 5;",
      f"our lock pins every package: {'yes' if pinned else 'no'}")
print(f"environment-setup: trained without network and GPU, test accuracy {score:.2f}",
      f"(always the commonest digit: {most:.2f})")

# %% [markdown]
# **What holds.** A lower bound says what once worked, not what works; a lock file (锁定文件) says exactly what was tested. Python 3.6
# and 3.8 are too old for today's NumPy. `tensorflow-gpu` was withdrawn: since TensorFlow 2.1 the one package serves CPU and
# GPU. And nothing in this course needs a GPU or a network; chapter 5 uses a GPU where there is one.
#
# ## 2. Three ways to compute one gradient
#
# **The document says** (S0-7-data-tools): NumPy computes, pandas handles tables, scikit-learn prepares and trains. True,
# but NumPy knows no gradients. Here is one small model, $\hat y=\tanh(Xw)$ with a squared loss, three times: by hand in
# NumPy, in PyTorch, and on the course's *tape*: it records each operation and then runs them backwards (chapter 4).

# %%
from course_lib.autograd import Tensor, tensor

rng = np.random.default_rng(0)
x, y, w = rng.normal(size=(4, 3)), rng.normal(size=4), rng.normal(size=3)
a = np.tanh(x @ w)  # (4,)
by_hand = x.T @ (2 / 4 * (a - y) * (1 - a**2))  # (3,): you write the chain rule yourself
print("NumPy: loss", np.mean((a - y) ** 2).round(6), " gradient", by_hand.round(6))
wt = tensor(w, requires_grad=True)
loss = (((Tensor(x) @ wt).tanh() - Tensor(y)) ** 2).mean()
loss.backward()  # the tape applies the chain rule
print("our tape: loss", round(loss.item(), 6), " within 1e-12 of NumPy's gradient:",
      bool(np.abs(wt.grad - by_hand).max() < 1e-12))

# %% [markdown]
# | | NumPy | PyTorch | the course's tape |
# |---|---|---|---|
# | axis of a sum | `x.sum(axis=0)` | `x.sum(dim=0)` | `x.sum(dim=0)` |
# | type of `1.0` | float64 | float32 | float32 |
# | gradient | you derive it | `loss.backward()` | `loss.backward()` |
# | to an array | it is one | `t.detach().numpy()` | `t.data` |
# | swap all axes | `x.T` | `x.permute(...)` | `x.T` |
# | GPU | no | yes | no |
#
# **Predict** two things. You call `backward()` a second time without clearing `w.grad`: what happens to it? And
# `np.std([1, 2, 3])` is 0.816; what does `torch.std` of the same three numbers give?

# %%
try:
    import torch
except ImportError:
    torch = None
if torch:
    v = torch.tensor(w, requires_grad=True)
    loss = (((torch.tensor(x) @ v).tanh() - torch.tensor(y)) ** 2).mean()
    loss.backward()
    print("PyTorch: loss", round(loss.item(), 6), " within 1e-12 of NumPy's gradient:",
          bool(np.abs(v.grad.numpy() - by_hand).max() < 1e-12))
predict("7-p2", "After a second backward, w.grad is",
        ["the same", "twice as large", "an error"], answer=None)
predict("7-p3", "torch.std of 1, 2, 3", answer=None)

# %%
u = tensor(w, requires_grad=True)
for _ in range(2):
    (((Tensor(x) @ u).tanh() - Tensor(y)) ** 2).mean().backward()
print("after two calls, gradient / gradient of one call:", (u.grad / by_hand).round(6))
compare("7-p2", "twice as large")
numbers = np.array([1.0, 2.0, 3.0])
compare("7-p3", float(np.std(numbers, ddof=1)))
if torch:
    print("PyTorch's std is that with ddof=1:", torch.std(torch.tensor(numbers)).item() == 1.0)

# %% [markdown]
# **What holds.** Gradients add up until you clear them (`optimizer.zero_grad()`); that is wanted when a batch comes in
# pieces, and a bug otherwise. `np.std` divides by $N$, `torch.std` by $N-1$. Names that look alike are no proof.
#
# ### Dynamic graphs, trainers, and what no longer tells frameworks apart
#
# **The document says** (S0-7-frameworks-graph): PyTorch has a dynamic graph (动态图), TensorFlow is powerful. And
# (S0-7-lightning): PyTorch Lightning brings "automatic gradient optimisation". A graph is *dynamic* if it is recorded
# while the program runs, so that loops and branches may depend on the data.

# %%
from course_lib.topics import debugging

for start in (3.0, 3.1, 60.0):
    value = leaf = tensor(start, dtype=float, requires_grad=True)
    while value < 100:  # a loop that depends on the data
        value = value * 2
    value.backward()
    count = len(debugging.operations(value))
    print(f"x = {start}: operations on the tape {count}, dy/dx = {leaf.grad:.0f}")
claims.show("S0-7-frameworks-graph", "S0-7-lightning")

# %% [markdown]
# **What holds.** The frameworks (框架), compared by the works that the ledger (台账) of claims cites:
#
# | | TensorFlow | PyTorch | Keras |
# |---|---|---|---|
# | runs line by line | since 2.0 (2019), by default | from the start (2016) | as its backend does |
# | compiles a graph | `tf.function` | `torch.compile`, since 2.0 (2023) | through its backend |
# | belongs to | Google | PyTorch Foundation, since 2022 | Keras team, Google |
# | stands on | itself | itself | TensorFlow, JAX or PyTorch, since 3.0 (2023) |
#
# The articles give the state of about 2019, and none of them mentions JAX. Which one is better? That depends on what
# your colleagues, your code and the model that you start from already use; no experiment here decides it.
#
# ## 3. Debugging
#
# **The document says** (S4-7-debug-tools): TensorBoard, pdb, NVIDIA Nsight. Good tools, but the three bugs that cost most
# time in this field raise no error at all: a wrong gradient, a wrong shape, and a NaN (非数) that spreads.
#
# ### A wrong gradient
#
# Someone wrote softplus, $\log(1+e^x)$, and mixed up a sign in its derivative. The test at $x=0$ passes. A gradient check
# (梯度检查) compares with a central difference (中心差分), $\frac{f(x+h)-f(x-h)}{2h}$. How small should $h$ be? **Predict** which power of
# ten gives the smallest error in float64.

# %%
from course_lib.op import Array, op
from course_lib.verify.gradcheck import gradcheck


@op
def softplus(x: Array):
    return np.log1p(np.exp(x)), (lambda g: g / (1 + np.exp(x)),)  # meant: g / (1 + np.exp(-x))


print("at 0:            ", bool(gradcheck(softplus, np.zeros(1))))
print("at random points:", gradcheck(softplus, np.random.default_rng(0).normal(size=3)))
predict("7-p4", "The best step h for a central difference in float64 is about",
        ["1e-2", "1e-5", "1e-8", "1e-12"], answer=None)

# %%
def f(x):
    return 1 / (1 + x * x)

h, x, truth = 0.5 ** np.arange(50), 0.7, -1.4 / 1.49**2
forward = np.abs((f(x + h) - f(x)) / h - truth)
central = np.abs((f(x + h) - f(x - h)) / (2 * h) - truth)

def draw(fig):
    ax = fig.subplots(subplot_kw={"xlabel": "step h", "ylabel": "error of f′(0.7)"})
    ax.loglog(h, forward, label="forward difference")
    ax.loglog(h, central, "--", label="central difference")
    ax.legend()
compare("7-p4", f"1e{round(np.log10(h[central.argmin()])):d}")
plot(draw, "Error against the step. As the step shrinks the central curve falls twice as steeply, "
     "to about 1e-5, the forward one to 1e-8; then both rise, jagged.")

# %% [markdown]
# **What holds.** The formula's own error shrinks like $h^2$ (forward, $\frac{f(x+h)-f(x)}{h}$: like $h$), the rounding error
# (舍入误差) grows like $\varepsilon/h$ with the machine precision (机器精度) $\varepsilon\approx10^{-16}$. The best $h$ balances them: about $\varepsilon^{1/3}$ for central, $\varepsilon^{1/2}$
# for forward differences. Check at random points, never at 0 alone.
#
# **Your turn, exercise 7.1** (12 minutes, ●●○).

# %% tags=["exercise"]
def central_gradient(x, y, w, h):
    """Gradient of L(w) = mean((x @ w - y)²) by central differences with step h; an array like w."""
    ...


check("7.1", central_gradient)

# %% [markdown]
# ### A wrong shape
#
# A model returns predictions of shape $(N,1)$; the targets have shape $(N,)$. NumPy, PyTorch and the tape all *broadcast*
# (广播): they subtract every target from every prediction. The loss is a number, it falls, and the model learns nothing
# but the mean. To see why, stop where it happens and ask. In a notebook you type `%debug` after an error; in the second cell
# the same debugger, pdb (调试器), gets its questions from a list. An *assertion* (断言) turns the silent bug into an error.

# %%
x = np.linspace(-1, 1, 50)
y = 2 * x + 1
for name, target in {"(50, 1) against (50,)": y, "(50, 1) against (50, 1)": y[:, None]}.items():
    slope, offset = (tensor(0.0, dtype=float, requires_grad=True) for _ in range(2))
    for _ in range(300):
        slope.grad = offset.grad = None
        loss = ((slope * x[:, None] + offset - target) ** 2).mean()
        loss.backward()
        slope.data, offset.data = slope.data - 0.3 * slope.grad, offset.data - 0.3 * offset.grad
    print(f"{name}: slope {abs(slope.item()):.2f}, offset {offset.item():.2f}, loss {loss.item():.2f}")

# %%
def step(pred, target):
    assert (pred - target).shape == pred.shape, "broadcast"
    return np.mean((pred - target) ** 2)


questions = ["p pred.shape", "p target.shape", "p (pred - target).shape"]
answers = debugging.ask_debugger(step, questions, x[:, None], y)
for question, answer in zip(questions, answers, strict=True):
    print(f"(Pdb) {question}\n{answer}")
claims.show("S4-7-debug-tools")

# %% [markdown]
# **Your turn, exercise 7.2** (6 minutes, ●○○).

# %% tags=["exercise"]
def mean_squared_error(pred, target):
    """Mean of (pred - target)², where pred and target hold N numbers each, as (N,) or (N, 1)."""
    ...


check("7.2", mean_squared_error)

# %% [markdown]
# ### The first NaN
#
# NaN is infectious: after one wrong operation everything behind it is NaN, and the loss tells you nothing about where it began.
# The tape remembers each operation, so you can walk along it; below, on a softmax written naively. PyTorch does it for the
# backward pass: anomaly detection (异常检测) names the function whose gradient is the first NaN. It costs time; switch it off
# again.

# %%
z = tensor(np.array([1.0, 800.0, -2.0]), requires_grad=True)
with np.errstate(all="ignore"):
    e = z.exp()
    loss = -(e / e.sum()).log().mean()
    loss.backward()
print("loss", loss.item(), " gradient", z.grad)
print("first:", debugging.first_bad_operation(loss))

# %%
if torch:
    import warnings

    with warnings.catch_warnings(), torch.autograd.set_detect_anomaly(True):
        warnings.simplefilter("ignore")  # the warning shows where the operation was called
        t = torch.zeros(2, requires_grad=True)
        try:
            (t.sqrt() * 0).sum().backward()  # sqrt's slope at 0 is infinite; 0 · inf is NaN
        except RuntimeError as error:
            print(str(error).splitlines()[0])

# %% [markdown]
# **Your turn, exercise 7.3** (6 minutes, ●○○). Under it, `GradFlow`: many NaNs begin with steps that are larger than the
# weights themselves. The first weights are too large here, and on the right of the picture the first update lies above
# $10^0$ times the weights. Press Step a few times: what is left of the gradients, and in which layers?

# %% tags=["exercise"]
def first_bad(arrays):
    """Index of the first array that holds a NaN or an infinity; -1 if all numbers are finite."""
    ...


check("7.3", first_bad)

# %%
GradFlow(depth=8, activation="relu", init="too large (σ = 0.5)", predict=True,
         static_steps=0)

# %% [markdown]
# ## 4. Where does the time go?
#
# Measure first. A profiler (性能分析器) counts calls and adds up times; the counts are the same on every computer, the times are
# not. **Predict**: two epochs (轮) on the training digits in batches (批) of 32; how often is `backward` called?

# %%
print("training digits:", len(data.x_train))
predict("7-p5", "Calls of backward in two epochs", answer=None)

# %%
import cProfile
import pstats

trainer = Trainer(model, optim.Adam(model.parameters()), losses.cross_entropy,
                  (data.x_train, data.y_train))
profile = cProfile.Profile()
profile.runcall(trainer.run, 2)
rows = pstats.Stats(profile).stats.items()  # (file, line, name), (first calls, calls, times ...)
calls = {f: sum(row[1] for (file, _, name), row in rows if name == f and "course_lib" in file)
         for f in ("step", "backward", "linear", "cross_entropy", "adam_update")}
print(calls)
compare("7-p5", calls["backward"])

# %% [markdown]
# Why is `step` called twice as often as `backward`? Both the trainer and the optimizer have a `step`. `linear` runs twice a
# step because there are two layers, and `adam_update` once, because all weights and biases lie in one array. Counts like
# these find work that is done twice.
#
# Then compare two ways, several times each, and take the best time of each: other programs can only make a run
# slower. Here 300 × 10 squared distances between digits, in Python loops and as one matrix product.

# %%
from timeit import repeat

few = data.x_test[:300].astype(float)

def with_loops():
    return [[sum((a - b) ** 2 for a, b in zip(p, q, strict=True)) for q in few[:10].tolist()]
            for p in few.tolist()]

def with_product():
    squares = (few**2).sum(1)
    return squares[:, None] + squares[:10] - 2 * few @ few[:10].T

print("same distances:", np.abs(np.array(with_loops()) - with_product()).max() < 1e-9)
best = [min(repeat(f, number=1, repeat=3)) for f in (with_loops, with_product)]
print("matrix product more than 10 times faster:", best[0] > 10 * best[1])

# %% [markdown]
# Is it worth it? If the share $p$ of the time is made $n$ times faster, the whole gets $\frac{1}{(1-p)+p/n}$ times faster
# (Amdahl's law, 阿姆达尔定律). The rest sets the limit.
#
# **Your turn, exercise 7.4** (5 minutes, ●○○), under the figure.

# %%
from course_lib.topics import numerics

workers = np.logspace(0, 4, 200)


def draw(fig):
    ax = fig.subplots()
    for share, style in ((0.5, "-"), (0.9, "--"), (0.99, "-.")):
        ax.plot(workers, numerics.amdahl(share, workers), style, label=f"{share:.0%} made faster")
    ax.set(xscale="log", yscale="log", xlabel="times faster, this part",
           ylabel="times faster, the whole")
    ax.legend()

plot(draw, "Speed-up of the whole against that of a part. With half of the time in that part the "
     "curve levels off at 2, with nine tenths at 10, with 99 per cent at 100.")

# %% tags=["exercise"]
def amdahl(parallel, workers):
    """How many times faster it all gets when a share `parallel` of it gets `workers` times faster."""
    ...


check("7.4", amdahl)

# %% [markdown]
# ### On a GPU
#
# **Not run here**: this page was stored on a computer without a GPU. The one thing to know: a GPU works on while Python
# goes ahead. Without `synchronize` you time how long it takes to *ask*, not how long it takes to compute.
#
# ```python
# a = torch.randn(8192, 8192, device="cuda")
# (a @ a).sum().item()                            # warm up: the first call loads kernels
# torch.cuda.synchronize(); start = time.perf_counter()
# b = a @ a                                       # returns at once
# asked = time.perf_counter() - start
# torch.cuda.synchronize()                        # waits until it is done
# done = time.perf_counter() - start
#
# with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU,
#                                         torch.profiler.ProfilerActivity.CUDA]) as profile:
#     a @ a
# print(profile.key_averages().table(sort_by="self_device_time_total", row_limit=5))
# ```
#
# NVIDIA Nsight Systems (`nsys profile python train.py`) shows the same on a time line, with the gaps in which the GPU waits
# for data.
#
# ## 5. The same again tomorrow
#
# A run is reproducible (可复现) if code, versions, data, seed (随机种子) and the order of additions are the same. The last one
# surprises most people: $(a+b)+c\ne a+(b+c)$ in floating-point numbers (浮点数). **Predict**: 10,000 numbers, added in 200 random
# orders in float32. How many different sums?

# %%
predict("7-p6", "Different sums among 200 orders", ["1", "2 to 10", "more than 50"], answer=None)

# %%
rng = np.random.default_rng(0)
values = rng.normal(size=10_000).astype(np.float32)
sums = np.array([numerics.sum_in_order(values, rng.permutation(len(values))) for _ in range(200)])
exact = numerics.compensated_sum(values)
print("different sums:", len(set(sums.tolist())), " exact:", round(exact, 4))
compare("7-p6", "more than 50")

def draw(fig):
    ax = fig.subplots()
    ax.hist(sums - exact, bins=30)
    ax.axvline(0, ls="--", color="black")
    ax.set(xlabel="float32 sum minus exact sum", ylabel="orders out of 200")

plot(draw, "Histogram of the errors of 200 orders of addition: a bell around zero, the dashed line.",
     height=2.6)

# %% [markdown]
# **What holds.** Threads split a sum differently from run to run and from one processor to the next; so does a GPU. That is why
# this course sets one thread and prints few digits. A sum can also be made all but independent of the order: a second number
# collects what rounding cuts off at each addition, and is added at the end (Neumaier, 1974).
#
# **Your turn, exercise 7.5** (15 minutes, ●●●).

# %% tags=["exercise"]
def stable_sum(values):
    """Sum of floats, one by one, adding at the end what rounding cut off on the way (Neumaier)."""
    ...


check("7.5", stable_sum)

# %% [markdown]
# ### Seeds
#
# A seed fixes the random numbers of *one generator*. If two parts of a program share a generator, each changes what the
# other draws. Better: every part gets a generator of its own, made from numbers that say what it is for.

# %%
from course_lib.topics import repeatable

shared = np.random.default_rng(7)
first = shared.permutation(6)
shared = np.random.default_rng(7)
shared.normal()  # someone added one line that draws a number
print("shared generator, one draw more:", first, "becomes", shared.permutation(6))
own = [repeatable.epoch_order(6, 7, 0) for _ in range(2)]
print("own generator, seed 7, epoch 0: ", own[0], "stays", own[1])

# %%
def train(seed):
    rng = np.random.default_rng(seed)
    model = nn.Sequential(nn.Linear(64, 32, rng=rng), nn.ReLU(), nn.Linear(32, 10, rng=rng))
    trainer = Trainer(model, optim.Adam(model.parameters(), lr=3e-3), losses.cross_entropy,
                      (data.x_train, data.y_train), validation=(data.x_test, data.y_test),
                      seed=seed)
    return trainer.run(5)["val_accuracy"][-1], model

(score, one), (again, two) = train(0), train(0)
weights = [repeatable.fingerprint(m[0].weight.data) for m in (one, two)]
print("same seed, same weights to the last bit:", weights[0] == weights[1])
scores = [train(seed)[0] for seed in range(5)]
print(f"five seeds: median {np.median(scores):.2f}, from {min(scores):.2f} to {max(scores):.2f}")

# %% [markdown]
# **What holds.** A seed makes a run repeatable, not right: report several seeds and the spread between them, as above.
#
# **Your turn, exercise 7.6** (6 minutes, ●○○) and **exercise 7.7** (8 minutes, ●●○). A hash (哈希) is a short name for
# content: one bit changed, and it is another name. Write it beside every result, and you know which data it came from. In 7.7
# the name depends on type and shape, too: for a float64 array of 2 rows and 3 columns the text is `<f8 (2, 3)`.

# %% tags=["exercise"]
def epoch_order(n, seed, epoch):
    """The permutation of n samples that default_rng draws first, seeded with [seed, epoch]."""
    ...


check("7.6", epoch_order)


# %% tags=["exercise"]
def fingerprint(array):
    """SHA-256 (hex) of the text "<dtype.str> <shape>" followed by the bytes in C order."""
    ...


check("7.7", fingerprint)

# %%
changed = data.x_train.copy()
changed[0, 0] += 1 / 16  # one pixel of one digit, one grey level
arrays = {"digits": data.x_train, "one pixel changed": changed, "a copy": data.x_train.copy()}
for name, array in arrays.items():
    print(f"{name:18}{repeatable.fingerprint(array)[:16]}")

# %% [markdown]
# ## 6. Git for notebooks
#
# **The document says** (S0-7-git-github): Git (版本控制) tracks versions, and GitHub is Git's online platform. Git names every
# content by its hash, too; you can compute the name yourself. GitHub is one of several places to put a copy.

# %%
import shutil

versions = [b"lr = 0.1\n", b"lr = 0.01\n"]
print("git's names of two versions:", [repeatable.blob_id(version)[:7] for version in versions])
claims.show("S0-7-git-github", "S1-7-git") if shutil.which("git") else findings[-1]

# %% [markdown]
# A notebook file holds the code, the outputs and the pictures. **Predict**: you change the learning rate in one cell and run it
# again. How many lines of the `.ipynb` differ (the diff, 差异), compared with a text file of the code alone (py:percent, as in this
# course)?

# %%
from course_lib.topics import notebook_text


def cells(lr):
    printed = [f"step {t}: w = {(1 - 2 * lr) ** t:.4f}" for t in range(1, 7)]
    picture = f"in place of a PNG, {lr}".encode() * 50
    return [("import numpy as np", [], b""), (f"lr = {lr}\nrun(lr)", printed, picture)]

before, after = cells(0.1), cells(0.01)
for name, text in {".ipynb": notebook_text.notebook, ".py": notebook_text.percent_text}.items():
    lines = notebook_text.changed(text(before), text(after))
    print(f"{name}: {len(lines)} lines in the diff, the longest has {max(map(len, lines))} characters")
print(*lines, sep="\n")

# %% [markdown]
# **What holds.** In the text you see what was changed; in the notebook it drowns in outputs. So the course writes the
# text and derives the notebook from it, outputs included, and a test compares the two. Other ways: strip outputs before a commit, or
# use a diff that understands notebooks (nbdime).
#
# Notebooks also remember. **The document says** (S2-7-jupyter-colab) that Jupyter is an interactive environment. What it
# leaves out: the page does not show in which order its cells were run.

# %%
sources = ["x = 1", "x = x + 1", "y = 10 * x"]
print("top to bottom:        ", notebook_text.run_cells(sources, [0, 1, 2]))
print("second cell run twice:", notebook_text.run_cells(sources, [0, 1, 1, 2]))
claims.show("S2-7-jupyter-colab")

# %% [markdown]
# ## 7. The shelf
#
# The articles recommend books, papers, courses and sites. The next table has their books and papers, each article's
# repeats left out. **Predict**: for how many does the title, the author or the kind (book or paper) differ from the work, or
# can no work be found at all?

# %%
from course_lib.claims import references

shelf = references.table(chapter=7)
print("references:", len(shelf))
predict("7-p7", "References that differ from the work, or have none", answer=None)

# %%
differing = [row[2] for row in shelf.rows]
print("as published:", differing.count("nothing"), " no work found:", differing.count("not found"),
      " otherwise:", len(shelf) - differing.count("nothing") - differing.count("not found"))
compare("7-p7", len(shelf) - differing.count("nothing"))
shelf

# %% [markdown]
# **What holds.** The famous titles are right. Where an article goes beyond them it often goes wrong, and in a typical way: a
# plausible author (Bostrom for Tegmark), a plausible title that could not be found, a template's "A & B & C". Check a
# reference in a catalogue, never by how it sounds. The course's own list is `course_lib/claims/references.json`, in CSL-JSON, and a
# test reads it.

# %%
claims.disagreements(chapter=7)

# %% [markdown]
# ### What a title promises can be tested without the paper
#
# Four of the papers that cannot be found name a subject that can be tried. **The document says** (S4-7-bias-variance-paper) that a
# paper analyses bias (偏差) and variance (方差). The subject is real (Geman et al., 1992): the test error is bias² + variance + noise.

# %%
from course_lib.topics import classics

degrees = range(1, 10)
parts = np.array([classics.bias_variance(d) for d in degrees])  # bias², variance, noise, test error

def draw(fig):
    ax = fig.subplots()
    for k, (name, style) in enumerate((("bias²", "-"), ("variance", "--"), ("noise", ":"))):
        ax.plot(degrees, parts[:, k], style, label=name)
    ax.plot(degrees, parts[:, 3], "o", label="test error, measured")
    ax.plot(degrees, parts[:, :3].sum(1), "k-", lw=1, label="their sum")
    ax.set(xlabel="degree of the polynomial", ylabel="squared error", ylim=(0, 0.35))
    ax.legend(ncols=2)
plot(draw, "Against the degree: bias squared falls to nearly zero at 3, variance grows slowly, noise "
     "is constant. The measured test error lies on their sum and is least at 3.")

# %% [markdown]
# Another title names "small deformations". Train on the digits, then move every test digit one pixel to the right: this
# network fails, and no human reader would.

# %%
scores = np.array([classics.shift_scores(seed) for seed in range(5)])
for name, column in zip(("as they are", "moved by one pixel"), scores.T, strict=True):
    print(f"{name:19} five seeds: median {np.median(column):.2f},",
          f"from {column.min():.2f} to {column.max():.2f}")
print(f"{'baseline':19} always the commonest digit {most:.2f}")
claims.show("S4-7-small-deformations-paper", "S1-7-mlp-theory-paper",
            "S3-7-perceptron-noise", "S0-7-paper-gal")

# %% [markdown]
# ## Recap
#
# - The doctor says what is missing and which command repairs it; a lock file says what was tested.
# - NumPy, PyTorch and the tape give the same gradient. Defaults differ: types, $N$ or $N-1$, gradients that add up.
# - Gradients are checked by central differences at random points with $h\approx10^{-5}$; shapes by assertions; the first NaN by
#   walking along the tape.
# - Measure, then compute by Amdahl's law whether it is worth it. A seed, a hash and a fixed order make a run repeatable.
# - A reference is checked in a catalogue. Many of the articles' references do not survive that.
#
# **For later** (spaced review, from chapters 1 to 6): 1. Why do two linear layers without an activation collapse into one?
# (4) 2. What does Adam's first step look like, whatever the size of the gradient? (4) 3. Which statistics may a scaler see, and why
# not the test set's? (3) 4. What is the difference between pre-training and fine-tuning? (2) 5. Against which baseline do you judge a
# recommender? (6)
#
# **Next**: chapter 8 looks at trends and challenges: smaller models, privacy, fairness, energy, each with a number. Below: your exercises,
# and all claims of section 7 in the five articles.

# %%
progress(7)
claims.table(chapter=7, evidence=True)
