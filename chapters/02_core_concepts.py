# ---
# jupyter:
#   course:
#     chapter: 2
#     title: Core concepts and connections
#     minutes: 150
#     complete: true
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 2. Core concepts and connections
#
# After this chapter you can
#
# - count the parameters of a model, and say what a figure like "175 billion" means in bytes, operations and money;
# - tell five families of networks apart (dense, convolutional, recurrent, Transformer, GAN) by what they share and what they see;
# - show with one test whether a model may look ahead, and with another whether it knows the order of its input;
# - train two networks against each other, and judge what they generate by measurements instead of by eye;
# - decide by an experiment whether pre-training helps.
#
# **Time** about two and a half hours, with six exercises. **Needs** Python and NumPy; chapter 4 explains gradients.
# **Data** the 8×8 digits and the data descriptions that scikit-learn carries. **Runs on** any CPU in about half a minute.
#
# Five articles, S0 to S4, explain this subject. Each section says what they print, asks for a prediction, and runs it.

# %%
import numpy as np

from course_lib import arithmetic, attention, claims, losses, nn, optim
from course_lib.autograd import Tensor
from course_lib.checks import check, compare, hint, predict, progress, restore, reveal
from course_lib.preflight import preflight
from course_lib.topics import gan, live_graph, transfer
from course_lib.topics import tiny_transformer as tiny
from course_lib.training import Trainer, fit
from course_lib.widgets import ConvStep, GateTape, TrainDeck, plot

preflight(2)

# %% [markdown]
# ## 1. How large is "large"?
#
# **The document says** (S0-2.1-definition, S0-2.1-bert-params): a large model (大模型) has billions of parameters (参数), in
# the English version hundreds of millions; GPT-3 has 175 billion; BERT has 3.4 亿 in Chinese, "3.4 billion" in English. A
# parameter is a number that training sets.
#
# **Predict.** BERT is the articles' own example. Is it a large model by their Chinese definition?

# %%
predict("2-p1", "BERT-large has a billion parameters or more", ["yes", "no"], answer=None)

# %%
def block_parameters(d):  # a Transformer block of width d, counted in the real layer
    return sum(p.size for p in nn.TransformerEncoderLayer(d, 2, 4 * d).parameters())


for d in (4, 8, 16):
    print(f"width {d}: counted {block_parameters(d)}, 12d² + 13d = {12 * d * d + 13 * d}")
gpt3 = (50257 + 2048) * 12288 + 96 * (12 * 12288**2 + 13 * 12288) + 2 * 12288
bert = (30522 + 512 + 2 + 2) * 1024 + 24 * (12 * 1024**2 + 13 * 1024) + 1024**2 + 1024
print(f"GPT-3 {gpt3:,}, BERT-large {bert:,}")
compare("2-p1", "yes" if bert >= 1e9 else "no")
claims.show("S0-2.1-definition", "S0-2.1-gpt3-params", "S0-2.1-bert-params")

# %% [markdown]
# **What holds.** The formula was checked on small blocks, then used for large ones. 亿 is $10^8$: the translation
# multiplied BERT by ten. No threshold is agreed on; a printed count settles what an adjective cannot.
#
# **The document says** (S0-2.2.1-gpt3-cost, S0-2.2.3-deployment): training GPT-3 cost several hundred thousand dollars, in
# English tens of thousands; deployment needs "enough" power. Both can be computed. Training takes about 6 operations for
# each parameter and each token (词元), and GPT-3 read 300 billion tokens.

# %%
operations = 6 * gpt3 * 300e9
hours = operations / 28e12 / 3600  # one V100 at 28 teraflop/s, an assumption
cost = hours * 1.5  # dollars, at 1.50 an hour
print(f"{operations:.2e} operations, {hours / 8760:.0f} years on one V100, {cost / 1e6:.1f} million dollars")
for usd in (50_000, 500_000):
    print(f"{usd:,} dollars buy {usd / cost:.1%} of it")
for what, size in {"16 bits": 2, "8 bits": 1, "training with Adam": 16}.items():
    print(f"{what}: {gpt3 * size / 1e9:,.0f} GB")
claims.disagreements(2)

# %% [markdown]
# ## 2. A deep network
#
# **The document says** (S2-2.1-neural-networks): a deep neural network (深度神经网络, DNN) stacks layers of units, each with
# inputs, a computation and an output. Here is one with 1,885 parameters. It reads the digits as 64 numbers in a row. Three
# seeds (随机种子) show how much is luck; and a baseline (基线) without any training shows what is earned: 3-NN, which
# answers like the three nearest training images.

# %%
from course_lib.data import DIGITS, augment, digits

data = digits(flat=False)  # images (N, 1, 8, 8)
print(DIGITS.origin, "·", DIGITS.licence)
print("training", data.x_train.shape, "test", data.x_test.shape)


def accuracy(predict_class, x=None):
    x = data.x_test if x is None else x
    return float((predict_class(x) == data.y_test).mean())


def classes(model):  # a function from images to predicted classes
    return lambda x: model.eval()(Tensor(x)).data.argmax(1)

# %%
def train(make, seed, epochs=10, lr=5e-3):
    model = make(np.random.default_rng(seed))
    trainer = Trainer(model, optim.Adam(model.parameters(), lr=lr), losses.cross_entropy,
                      (data.x_train, data.y_train), seed=seed,
                      validation=(data.x_test, data.y_test))
    trainer.run(epochs)
    return trainer


def dense(rng):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 25, rng=rng), nn.ReLU(),
                         nn.Linear(25, 10, rng=rng))

# %%
from sklearn.neighbors import KNeighborsClassifier

neighbours = KNeighborsClassifier(3).fit(data.x_train.reshape(-1, 64), data.y_train)
models = {"3-NN": [lambda x: neighbours.predict(x.reshape(-1, 64))]}
models["dense"] = [classes(train(dense, seed).model) for seed in range(3)]
for name, found in models.items():
    print(f"{name}: test accuracy {np.mean([accuracy(f) for f in found]):.2f} ({len(found)} runs)")
claims.show("S2-2.1-neural-networks", "S3-2.1-brain")

# %% [markdown]
# **What holds.** The small network comes close to the baseline and does not beat it: on clean, centred digits the nearest
# neighbours are hard to beat. Nothing here simulates a brain, as S3 says; it is a chain of functions with gradients.
#
# ## 3. Convolution: sharing weights
#
# **The document says** (S4-2.1-core-concepts): a convolutional neural network (卷积神经网络, CNN) extracts features from
# images. Its idea is weight sharing (权重共享): one small kernel is used at every place.
#
# **Your turn, exercise 2.1** (8 minutes, ●○○). How many parameters does sharing save?

# %% tags=["exercise"]
def conv_weights(channels, filters, kernel, height, width):
    """Parameters of the convolution, and of a dense layer with the same inputs and outputs.

    Both with biases; the convolution has `filters` kernels and keeps height × width.
    """
    ...


check("2.1", conv_weights)

# %%
shared = sum(p.size for p in nn.Conv2d(1, 8, 3, padding=1).parameters())
unshared = sum(p.size for p in nn.Linear(64, 8 * 64).parameters())
print(f"CNN: weight sharing, first layer {shared} parameters instead of {unshared:,}")


def convolutional(rng):
    return nn.Sequential(nn.Conv2d(1, 8, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(8, 16, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(64, 10, rng=rng))


runs = [train(convolutional, seed) for seed in range(3)]
models["CNN"] = [classes(run.model) for run in runs]
print(f"parameters: {sum(p.size for p in runs[0].model.parameters()):,}")
ConvStep(data.x_test[4], model=runs[0].model, predict=True)

# %% [markdown]
# The widget slides a kernel over a test image; below it stand the filters that the CNN has just learned, and the maps they
# make. Press one of them to take it as the kernel; then try stride 2, and hover over either side.
#
# **Predict.** A convolution does the same everywhere. Move every test image by one pixel: how accurate is the CNN then?

# %%
predict("2-p2", "Test accuracy of the CNN on images moved by one pixel", answer=None)

# %%
moves = ((0, 1), (0, -1), (1, 0), (-1, 0))
moved = [augment.shift(data.x_test, *move) for move in moves]
plain = {name: [accuracy(f) for f in found] for name, found in models.items()}
after = {name: [np.mean([accuracy(f, x) for x in moved]) for f in found]
         for name, found in models.items()}
for name in models:
    still = plain[name]
    print(f"{name}: test accuracy {np.mean(still):.2f} ({min(still):.2f} to {max(still):.2f}), "
          f"moved by one pixel {np.mean(after[name]):.2f}")
compare("2-p2", round(float(np.mean(after["CNN"])), 2))
claims.show("S4-2.3-classification")

# %%
def draw(fig):
    ax = fig.subplots()
    for k, name in enumerate(models):
        for i, (a, b) in enumerate(zip(plain[name], after[name], strict=True)):
            style = {"color": f"C{k}", "marker": "os^"[k], "ls": ("-", "--", "-.")[k]}
            ax.plot([0, 1], [a, b], label=None if i else name, **style)
    ax.set(xticks=[0, 1], xticklabels=["as they are", "moved by one pixel"],
           xlim=(-0.3, 1.3), ylim=(0, 1), ylabel="test accuracy")
    ax.legend()

plot(draw, "Accuracy of 3-NN, a dense network and a CNN on the test images and on the same "
     "images moved by one pixel. All fall steeply, the dense network furthest.", height=2.8)

# %% [markdown]
# **What holds, and an honest failure.** Textbooks say that a CNN does not mind a shift. Each convolution does move with
# its input. But pooling keeps coarse places, and the last layer has a weight for each of them, so the network as a whole
# minds. It minds less than the dense network, and more than 3-NN, which has no weights at all. What helps is to train on
# shifted images (augmentation, 数据增强).
#
# Drive the training of this very CNN: play, change the learning rate, rewind.

# %%
TrainDeck(train(convolutional, 0, epochs=0), predict=True)

# %% [markdown]
# ## 4. Recurrence: reading in order
#
# **The document says** (S4-2.1-rnn): a recurrent neural network (循环神经网络, RNN) remembers what it has read. It keeps a
# state $h$ and changes it at every step: $h_t=\tanh(Wx_t+Uh_{t-1}+b)$, the same $W$ and $U$ each time: weights shared over
# time. An LSTM (长短期记忆) adds a cell $c$ and gates (门) that decide what to forget, to store and to show.
#
# **Your turn, exercise 2.2** (15 minutes, ●●●). With $i,f,o$ through the sigmoid and $g$ through tanh:
# $c'=f\odot c+i\odot g$, $h'=o\odot\tanh c'$.

# %% tags=["exercise"]
def lstm_step(x, h, c, w_ih, w_hh, b):
    """The new (h, c); gates in the order i, f, g, o.

    x (in,), h and c (H,), w_ih (4H, in), w_hh (4H, H), b (4H,).
    """
    ...


check("2.2", lstm_step)

# %%
class Rows(nn.Module):
    """Reads an image row by row, from top to bottom, and answers after the last row."""

    def __init__(self, rng):
        self.lstm, self.head = nn.LSTM(8, 24, batch_first=True, rng=rng), nn.Linear(24, 10, rng=rng)

    def forward(self, x):
        return self.head(self.lstm(x.reshape(len(x), 8, 8))[0][:, -1])


readers = [train(Rows, seed, lr=1e-2) for seed in range(2)]
found = [accuracy(classes(run.model)) for run in readers]
print(f"LSTM on rows: test accuracy {np.mean(found):.2f} (2 runs)")
claims.show("S4-2.1-rnn")

# %% [markdown]
# **What holds.** It reads eight rows and still knows the first at the end. Over fifty steps a plain RNN does not: its
# gradient shrinks or grows like $w^{50}$. `GateTape` shows it: an LSTM and an RNN of the same size, both trained to guess
# the next letter, read a text. Hold every forget gate at 1, then at 0, and see how far back the gradient of a guess reaches;
# then compare with what the learned gates do.

# %%
GateTape(predict=True)

# %% [markdown]
# ## 5. Attention: looking everywhere at once
#
# **The document says** (S2-2.1-self-attention): in a Transformer every position can attend to the whole sequence. Attention
# (注意力) compares a query (查询) with the key (键) of every position and takes a weighted mean of their values (值):
# $\mathrm{softmax}(qK^\top/\sqrt d)\,V$, where softmax turns scores into shares that sum to 1.
#
# **Your turn, exercise 2.3** (12 minutes, ●●○), and **exercise 2.4** (12 minutes, ●●○): the mask (掩码) that hides the future.

# %% tags=["exercise"]
def attend(query, keys, values):
    """What one query gets; query (d,), keys (S, d), values (S, v) → (v,).

    Scores up to 10,000 must not overflow.
    """
    ...


check("2.3", attend)

# %% tags=["exercise"]
def causal_weights(scores):
    """Weights (T, T) of a decoder: row t is a softmax of scores[t] up to position t, then 0."""
    ...


check("2.4", causal_weights)

# %% [markdown]
# **Predict.** Four positions. The value at the last one is changed. Does the output at the first position change, if the
# causal mask (因果掩码) is on?

# %%
predict("2-p3", "With the causal mask, a change at position 3 changes the output at position 0",
        ["yes", "no"], answer=None)

# %%
rng = np.random.default_rng(0)
q, k, v = rng.normal(size=(3, 4, 8))
scores = q @ k.T / np.sqrt(8)
by_hand = np.exp(scores) / np.exp(scores).sum(1, keepdims=True) @ v
attended = attention.scaled_dot_product_attention
print("the library equals three lines of NumPy:", np.abs(attended(q, k, v) - by_hand).max() < 1e-12)
changed = v + np.array([0, 0, 0, 1])[:, None]
moved = {}
for causal in (False, True):
    difference = attended(q, k, changed, None, causal) - attended(q, k, v, None, causal)
    moved[causal] = np.abs(difference).max(1)
    print("causal:" if causal else "all:   ", "change at positions 0 to 3", moved[causal].round(2))
free, masked = moved[False][0], moved[True][0]
print(f"Transformer: change at position 0 without mask {free:.2f}, with the causal mask {masked:.2f}")
compare("2-p3", "yes" if masked > 0 else "no")

# %% [markdown]
# **What holds.** "Every position sees all" is true of an encoder (编码器) such as BERT. A decoder (解码器) such as GPT may not
# see what it is to predict. (The library's attention agrees with PyTorch's to ten digits; docs/VERIFICATION.md has the row.)
#
# ### Order has to be added
#
# Attention takes a mean over positions, and a mean does not know their order. A test on real data: is a digit upside
# down? Its eight rows are the same, in reverse. One model gets position vectors (位置编码), the other does not.

# %%
images = np.concatenate([data.x_train[:, 0], data.x_train[:, 0, ::-1]])  # rows reversed: upside down
turned = np.repeat([0, 1], len(data.x_train))
tests = np.concatenate([data.x_test[:, 0], data.x_test[:, 0, ::-1]])
order = {}
for positions in (True, False):
    rng = np.random.default_rng(0)
    model = tiny.TinyTransformer(nn.Linear(8, 16, rng=rng), 16, 2, 8, causal=False,
                                 positions=positions, rng=rng)
    fit(model, optim.Adam(model.parameters(), lr=5e-3), tiny.mean_loss, (images, turned),
        epochs=3, batch_size=64, metrics={})
    guess = model(Tensor(tests)).data.mean(1).argmax(1)
    order[positions] = (guess == np.repeat([0, 1], len(data.x_test))).mean()
error = 1.96 * np.sqrt(order[True] * (1 - order[True]) / len(tests))  # half of a 95 % interval
print(f"Transformer: upside down or not, {order[True]:.2f} ± {error:.2f} with positions, {order[False]:.2f} without")
claims.show("S2-2.1-self-attention")

# %% [markdown]
# ### One model, two tasks: GPT and BERT in miniature
#
# **The document says** (S4-2.3-bert-generation): GPT and BERT both generate text. The next cell trains the *same* network
# twice on real text, the descriptions of scikit-learn's data sets (BSD-3-Clause), symbol by symbol. The decoder predicts
# the next symbol; the encoder restores a hidden one and sees both sides. The unit is bits per symbol; less is better.
# Baseline: a table of how often each symbol follows each other one.

# %%
from course_lib.data import descriptions

text = " ".join(" ".join(d.text for d in descriptions()).lower().split())
text = " ".join("".join(c if c in "abcdefghijklmnopqrstuvwxyz.," else " " for c in text).split())
ids, alphabet = tiny.encode(text)
cut, V = int(0.9 * len(ids)), len(alphabet)
pairs = np.ones((V, V))
np.add.at(pairs, (ids[: cut - 1], ids[1:cut]), 1)
table = -np.log2((pairs / pairs.sum(1, keepdims=True))[ids[cut:-1], ids[cut + 1 :]]).mean()
print(f"{len(ids):,} symbols, alphabet of {V}; on the last tenth the table needs {table:.2f} bits")

# %%
def language_model(causal, make, length, epochs, size, lr):
    rng = np.random.default_rng(0)
    model = tiny.TinyTransformer(nn.Embedding(V + 1, 32, rng=rng), 32, V, length, causal=causal,
                                 rng=rng)
    history = fit(model, optim.Adam(model.parameters(), lr=lr), tiny.symbol_loss, make(ids[:cut]),
                  epochs=epochs, batch_size=size, validation=make(ids[cut:]), metrics={})
    return model, history["val_loss"][-1] / np.log(2)


gpt, left = language_model(True, lambda part: tiny.next_symbol(part, 16), 16, 4, 32, 1e-2)
bert, both = language_model(False, lambda part: tiny.hidden_symbol(part, 7, V, 2), 7, 2, 64, 5e-3)
print(f"Transformer: bits per symbol, decoder {left:.1f}, encoder {both:.1f}, table {table:.1f}")

# %% [markdown]
# Only the decoder can write: it draws a symbol from its prediction, reads it in, and goes on.

# %%
start = [alphabet.index(c) for c in "the data "]
print("".join(alphabet[i] for i in tiny.generate(gpt, start, 60, np.random.default_rng(1))))
claims.show("S4-2.3-bert-generation")

# %% [markdown]
# **What holds.** The decoder's line looks like English from far away, and is none: a second of training on 34,000 symbols. The encoder
# needs fewer bits because it sees both sides, and for the same reason it cannot write from left to right. (One run each: take
# the second digit with a grain of salt.)
#
# ## 6. The whole as a graph
#
# **The document says** (S4-2.2-architecture): a large model is a chain, input → features (特征) → fusion (融合) → output.
# Some networks are: here one takes features from an image in two ways, joins them, and answers. The picture is no
# drawing. It is the tape that recorded the forward pass, walked backwards from the result.

# %%
class Fused(nn.Module):
    """A convolution sees strokes, a dense layer the ink in each row; both together answer."""

    def __init__(self, rng):
        self.conv, self.rows = nn.Conv2d(1, 4, 3, stride=2, rng=rng), nn.Linear(8, 6, rng=rng)
        self.head = nn.Linear(4 * 9 + 6, 10, rng=rng)

    def forward(self, image):
        strokes = self.conv(image).relu().reshape(len(image), 36)
        ink = self.rows(image.sum(3).reshape(len(image), 8)).relu()
        return self.head(arithmetic.cat([strokes, ink], 1))

# %%
fused = train(Fused, 0, epochs=5).model
image = Tensor(data.x_test[:1], requires_grad=True)
graph = live_graph.trace(fused(image), image=image)
print(f"test accuracy {accuracy(classes(fused)):.2f}; results read more than once: {graph.forks()}")
plot(lambda fig: live_graph.draw(fig.subplots(), graph),
     "The recorded graph: the image forks into a convolution with relu and into row sums with a "
     "dense layer and relu; cat joins both, a dense layer answers. Bold frames have weights.",
     width=8.6, height=1.9)

# %% [markdown]
# **Predict.** Now the tape of a Transformer with two blocks. How often does it "fuse" the positions, and is it a chain?

# %%
predict("2-p4", "Number of results that more than one operation reads (a chain has 0)", answer=None)

# %%
rng = np.random.default_rng(0)
model = tiny.TinyTransformer(nn.Linear(8, 16, rng=rng), 16, 10, 8, causal=False, layers=2, rng=rng)
rows = Tensor(data.x_test[:1, 0], requires_grad=True)
graph = live_graph.trace(model(rows), rows=rows)
print("operations:", len(graph.nodes), " results read more than once:", graph.forks())
print("mixing of positions:", graph.count("scaled_dot_product_attention"))
compare("2-p4", graph.forks())
claims.show("S4-2.2-architecture", "S3-2.1-architectures")

# %% [markdown]
# **What holds.** There is no fusion layer. Every block mixes positions and then features, and around each part runs a
# residual connection (残差连接): the result is *added* to what came in, so that gradients have a free way back.
#
# **Your turn, exercise 2.5** (6 minutes, ●○○).

# %% tags=["exercise"]
def residual_block(x, w1, b1, w2, b2):
    """x + (relu(x w1ᵀ + b1) w2ᵀ + b2); x (N, d), w1 (h, d), w2 (d, h)."""
    ...


check("2.5", residual_block)

# %% [markdown]
# ## 7. Two networks in a game
#
# **The document says** (S4-2.1-gan, S3-2.2-gan-writing): a generative adversarial network (生成对抗网络, GAN) is a game
# between a generator (生成器), which makes samples from noise, and a discriminator (判别器), which tells them from real
# ones; it generates high quality, and writes texts. With the discriminator's logits $z$ and $\sigma$ the sigmoid, the
# discriminator makes $-\overline{\log\sigma(z_{real})}-\overline{\log(1-\sigma(z_{fake}))}$ small, the generator
# $-\overline{\log\sigma(z_{fake})}$; the bar is a mean.
#
# **Your turn, exercise 2.6** (15 minutes, ●●●).

# %% tags=["exercise"]
def gan_losses(real, fake):
    """(discriminator's loss, generator's loss) from logits of any size, without overflow."""
    ...


check("2.6", gan_losses)

# %%
def bell(seed):  # data: the normal distribution with mean 3 and standard deviation 0.5
    rng = np.random.default_rng(seed)
    nets = gan.mlp(1, 32, 1, rng=rng, activation=nn.ReLU), gan.mlp(1, 32, 32, 1, rng=rng)
    game = gan.GAN(*nets, noise=1, seed=seed, lr=2e-3)
    return game.train(rng.normal(3, 0.5, size=(2000, 1)), steps=500, batch_size=64)


games = [bell(seed) for seed in range(4)]
means, spreads = np.array([(g.sample(2000).mean(), g.sample(2000).std()) for g in games]).T
loss = np.mean([np.mean(g.history[-100:], axis=0)[0] for g in games])
print(f"discriminator's loss {loss:.2f}; one that can only guess has 2 ln 2 = {2 * np.log(2):.2f}")
print(f"GAN: N(3, 0.5), 4 seeds: means {means.min():.1f} to {means.max():.1f}, "
      f"spreads {spreads.min():.1f} to {spreads.max():.1f}")

# %% [markdown]
# **What holds.** By its loss the game is in perfect balance. The means are near 3, and yet the spread is off in some
# runs: a loss in a game measures the opponent, not the quality. So quality has to be measured by itself.
#
# The classic test: eight bells on a ring. A generator that found three of them may fool its opponent and is useless. That failure is
# called mode collapse (模式坍塌). **Predict** the smallest number of bells that any of five seeds covers.

# %%
predict("2-p5", "Fewest of the 8 bells covered by any of five seeds", answer=None)

# %%
def play(seed):
    rng = np.random.default_rng(seed)
    nets = gan.mlp(2, 48, 48, 2, rng=rng, activation=nn.ReLU), gan.mlp(2, 48, 48, 1, rng=rng)
    game = gan.GAN(*nets, noise=2, seed=seed, lr=3e-3)
    return game.train(gan.ring(5000, seed), steps=800, batch_size=64)


rings = [play(seed).sample(1000) for seed in range(5)]
covered = [gan.modes_covered(samples, gan.ring_centres(), within=0.3) for samples in rings]
modes, near = zip(*covered, strict=True)
print(f"GAN: modes covered, 5 seeds: {modes} of 8, least {min(modes)}")
print(f"share of samples within 3 standard deviations of a bell: {min(near):.1f} to {max(near):.1f}")
compare("2-p5", min(modes))

# %%
def draw(fig):
    shown = {"data": gan.ring(1000)} | {f"seed {seed}": rings[seed] for seed in range(3)}
    for ax, (title, samples) in zip(fig.subplots(1, 4), shown.items(), strict=True):
        ax.scatter(*samples.T, s=1, color="k" if title == "data" else "C0")
        ax.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal", title=title)
        ax.set_axis_off()

plot(draw, "Left: the data, eight tight bells on a ring. Then three generators, which have found the "
     "bells and leave threads of points between them.", height=2.1)

# %% [markdown]
# **What holds.** In these runs at most one bell is missing, and still the samples between the bells are not data. One number
# does not judge a generator. Look at digits next, with three judges: a classifier (does the image look like *one* digit, and do all
# ten occur?), the nearest training image (has it merely copied?), and your eyes.

# %%
from sklearn.linear_model import LogisticRegression

flat = data.x_train.reshape(-1, 64).astype(float)
rng = np.random.default_rng(0)
maker = nn.Sequential(gan.mlp(16, 64, 64, 64, rng=rng, activation=nn.ReLU), nn.Sigmoid())
game = gan.GAN(maker, gan.mlp(64, 64, 64, 1, rng=rng), noise=16, seed=0, lr=2e-3, blur=0.4)
made = game.train(flat, 1200, 64).sample(500)
judge = LogisticRegression(max_iter=500).fit(flat, data.y_train)
real = data.x_test.reshape(-1, 64)
for name, x in (("generated", made), ("real test images", real)):
    sure, counts = (judge.predict_proba(x).max(1) > 0.9).mean(), np.bincount(judge.predict(x))
    away = np.median(gan.nearest(x, flat)[0])
    print(f"GAN: digits, {name}: classifier sure of {sure:.1f}, classes {(counts > 4).sum()} of 10, "
          f"nearest training image {away:.1f} away")

# %%
def draw(fig):
    nearest = flat[gan.nearest(made[:12], flat)[1]]
    for row, images in zip(fig.subplots(3, 12), (flat[:12], made[:12], nearest), strict=True):
        for ax, image in zip(row, images, strict=True):
            ax.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            ax.set_axis_off()

plot(draw, "Three rows of twelve small images: real digits, generated ones, and the training image "
     "nearest to each generated one. The generated ones are rough; some are legible.", height=2.1)

# %% [markdown]
# **What holds.** These digits are not good, and the figures say so: in the median further from the training images than
# real test images are, so it does not copy, but it does not draw well either. A few seconds of training are not many. It is what this
# budget gives.
#
# And texts? A text is made of chosen symbols. Choosing is not differentiable.

# %%
logits = Tensor(np.array([[0.2, 1.5, -0.3]]), requires_grad=True)
try:
    logits.argmax(-1).sum().backward()
except ValueError as error:
    print("GAN: arg-max of the logits,", error)
losses.cross_entropy(logits, np.array([2])).backward()
print("gradient of the next-symbol loss:", logits.grad.round(2))
claims.show("S3-2.2-gan-writing")

# %% [markdown]
# **What holds.** The discriminator's gradient ends at the choice. The language model of section 5 never needs it: it is
# trained on the probability of the symbol that stands in the text.
#
# ## 8. Pre-train, then fine-tune
#
# **The document says** (S2-2.1-pretrain-finetune): pre-training (预训练) on much data gives general ability; fine-tuning (微调)
# adapts it to a task. Try it: five labels per class, from scratch and after two kinds of pre-training. One is
# BERT's idea on images: hide half of the pixels and restore them, for which no label is needed. The other learns the
# digits 0 to 4 first, and is then tuned on 5 to 9. **Predict** which of them helps.

# %%
X, Y = data.x_train.reshape(-1, 64), data.y_train
seeded = np.random.default_rng
predict("2-p6", "Which pre-training helps?",
        ["hidden pixels", "the digits 0 to 4", "both", "neither"], answer=None)

# %%
def tuned(seed, trunk, low):  # five labels of each class from `low` on
    rng = seeded(100 + seed)
    rows = np.flatnonzero(low <= Y)[transfer.few_per_class(Y[low <= Y], 5, rng)]
    model = transfer.with_head(trunk, 10 - low, rng)
    transfer.train_steps(model, X[rows], Y[rows] - low, 120, 25, seed)
    keep = data.y_test >= low
    return (classes(model)(real[keep]) == data.y_test[keep] - low).mean()


def pretrained(seed, x, y, outputs):
    rng = seeded(seed)
    trunk = transfer.body(rng)
    transfer.train_steps(transfer.with_head(trunk, outputs, rng), x, y, 300, 64, seed)
    return trunk

# %%
def compared(seed, low):  # (from scratch, pre-trained)
    early = Y < 5
    source = (X[early], Y[early], 5) if low else (*transfer.hidden_pixels(X, 0.5, seeded(seed)), 64)
    scratch = transfer.body(seeded(seed))
    return tuned(seed, scratch, low), tuned(seed, pretrained(seed, *source), low)


helpful = []
for name, low in (("hidden pixels", 0), ("the digits 0 to 4", 5)):
    scratch, after = np.array([compared(seed, low) for seed in range(5)]).T
    helpful += [name] if after.mean() > scratch.mean() else []
    print(f"{name}: from scratch {scratch.mean():.2f}, pre-trained {after.mean():.2f}, "
          f"better in {(after > scratch).sum()} of 5 seeds")
compare("2-p6", {0: "neither", 2: "both"}.get(len(helpful)) or helpful[0])

# %% [markdown]
# **What holds.** Restoring pixels helps a little on average (not in every seed): it has seen all the images, without labels. The digits 0 to 4 *hurt*:
# negative transfer (负迁移), for the body has learned to tell apart what is of no use later. "General ability" is not a
# property of pre-training as such; it depends on source and target. So compare with a run from scratch, over seeds.

#
# ## 9. More parameters
#
# **The document says** (S4-2.2-more-params): more parameters, better performance. **Predict**, then sweep: random relu
# features of growing number, least squares on 100 training digits and on 1,000.

# %%
predict("2-p7", "With 100 training digits, test accuracy from 30 to 100 features",
        ["rises", "falls"], answer=None)

# %%
def fitted(samples, width, seed):
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(X))[:samples]
    w, b = rng.normal(size=(64, width)), rng.normal(size=width)
    known, new = np.maximum(X[rows] @ w + b, 0), np.maximum(real @ w + b, 0)
    weights, *_ = np.linalg.lstsq(known, np.eye(10)[Y[rows]], rcond=None)
    return ((new @ weights).argmax(1) == data.y_test).mean()


widths = (10, 30, 60, 90, 100, 110, 150, 300, 600)
sweep = {n: np.array([[fitted(n, width, seed) for width in widths] for seed in range(4)])
         for n in (100, 1000)}
at = {width: sweep[100][:, widths.index(width)].mean() for width in (30, 100, 600)}
print("100 training digits, accuracy:", {width: round(float(a), 1) for width, a in at.items()})
compare("2-p7", "rises" if at[100] > at[30] else "falls")

# %%
def draw(fig):
    ax = fig.subplots()
    for k, (n, found) in enumerate(sweep.items()):
        style = {"color": f"C{k}", "ls": ("-", "--")[k]}
        ax.plot(widths, found.mean(0), marker="o", label=f"{n:,} training digits", **style)
        ax.fill_between(widths, found.min(0), found.max(0), color=f"C{k}", alpha=0.15)
    ax.set(xscale="log", xlabel="features", ylabel="test accuracy", ylim=(0, 1))
    ax.legend()

plot(draw, "Test accuracy against the number of features, with the range over four seeds. With 100 "
     "training digits it rises, collapses near 100 features, and rises again beyond. "
     "With 1,000 it rises.", height=2.8)

# %% [markdown]
# **What holds.** Where there are about as many features as samples, the fit passes through every training point, with huge weights. With
# fewer or many more it is tamer. This is double descent (双下降). Parameters help when data or regularisation come with them.
#
# ## 10. From the concept to the business
#
# **The documents say** much about start-ups: success factors, personas, surveys, gains in conversion. Advice cannot be
# run, but what follows from it often can.

# %%
def break_even(fixed, per_request, price):  # requests a month, from which one's own model is cheaper
    return fixed / (price - per_request)


for fixed in (5_000, 20_000, 80_000):
    millions = break_even(fixed, 0.0005, 0.004) / 1e6
    print(f"fixed cost {fixed:,} dollars a month: from {millions:.1f} million requests on")
claims.show("S1-2.5-success-factors", "S2-2.4-advantages", "S2-2.3-research", "S1-2.2-key-links")

# %% [markdown]
# **What holds.** Put your own prices in. Whether "much capital first" is true depends on whether you train a model or call
# one; S1 describes the first only. And 31,000 users in each arm is what it takes to *see* a rise from 5 % to 5.5 %.
#
# ## Recap
#
# - Parameters can be counted: $12d^2+13d$ for a Transformer block. From the count follow bytes, operations and, with stated
#   prices, money.
# - Dense layers share nothing, convolutions share over places, recurrent networks over time; attention looks at all
#   positions with shared weights. A GAN is no architecture but a way of training two networks.
# - Change a late value: if an early output moves, the model looks ahead. Shuffle: if outputs just shuffle along, it knows no order.
# - A balanced game says nothing about quality: count modes, measure spreads, look for copies.
# - Pre-training helped with hidden pixels and hurt with other digits. Compare with scratch.
#
# **For later** (spaced review, from chapter 1): 1. What does a parameter count leave out that decides whether
# a model fits your machine? 2. Compute scales with parameters and tokens: which constant joins them? 3. Why is a printed
# accuracy without a baseline no result? 4. What does one more seed tell you that a longer run does not? 5. Which of two
# figures in two languages do you trust, before you have counted?
#
# **Next**: chapter 3 takes one real table through the whole pipeline, from cleaning to serving. Below: your exercises, and
# all claims of section 2 in the five articles.

# %%
progress(2)
claims.table(chapter=2)
