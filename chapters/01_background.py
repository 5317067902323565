# ---
# jupyter:
#   course:
#     chapter: 1
#     title: Background
#     minutes: 150
#     complete: true
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1. Background
#
# After this chapter you can
#
# - put the models that made the subject into their right order, and count their parameters from their architectures;
# - say what "large" means with four numbers instead of one word;
# - estimate what a training run costs in operations, hours, memory and money, and how far the assumptions carry;
# - fit a power law to five small models and check its forecast on a sixth, larger one;
# - break a model that scores well, and say what its score did not promise.
#
# **Time** about two and a half hours, with seven exercises. **Needs** Python, a little NumPy, logarithms. **Data**
# scikit-learn's descriptions of its data sets (English text) and its 8×8 digits, both BSD-3-Clause. **Runs on** any CPU,
# in less than half a minute when no exercise is solved.

# %%
import numpy as np

from course_lib import claims
from course_lib.checks import check, compare, hint, predict, progress, restore, reveal
from course_lib.preflight import preflight
from course_lib.widgets import TrainDeck, plot

preflight(1)

# %% [markdown]
# ## 0. How this course works
#
# Five articles, called S0 to S4, explain large models to people who found firms. They make several hundred claims. In this
# course no claim is believed because it is printed: each one is *run*, counted, or traced to its source. A claim has a
# name, such as S1-1.1-gpt3-date: article S1, section 1.1. Its verdict (结论) is one of *correct*, *incomplete*, *wrong* or
# *unverifiable*.
#
# You do three things, again and again.
#
# 1. **Predict.** Before a result appears you write down what you expect. A wrong prediction is worth more than none:
#    it shows you what to look at. Put your answer in as `answer=...`; the notebook runs on without one.
# 2. **Run.** The cells below the question show what happens, and `compare` puts your prediction beside it.
# 3. **Check.** In an exercise you replace `...` by your own code. `check` tries it on many inputs and tells you what is
#    wrong, not only that something is. `hint("1.1")` opens a hint, three in all; `reveal("1.1")` shows an answer.
#
# Everything is kept in one file on this computer. `restore(1)` brings your answers back after the notebook was reset.
# Nothing is sent anywhere, and nothing is graded but by you.
#
# Try it. A *parameter* (参数) is a number that training may change. A fully connected layer (全连接层) joins each of its
# inputs to each of its units (神经元) by one weight (权重), and every unit has one bias (偏置). **Predict** first.

# %%
predict("1-p1", "How many parameters has a layer with 2 inputs and 3 units?", answer=None)

# %%
from course_lib import nn

layer = nn.Linear(2, 3)
for name, values in layer.state_dict().items():
    print(f"{name}: shape {values.shape}, {values.size} numbers")
compare("1-p1", sum(values.size for values in layer.state_dict().values()))

# %% [markdown]
# **Your turn, exercise 1.1** (4 minutes, ●○○). Write the rule. Run the cell as it is first, and see what an empty answer says;
# then try a wrong one on purpose, such as `n_in * n_out`.

# %% tags=["exercise"]
def linear_parameters(n_in, n_out):
    """How many parameters a fully connected layer with n_in inputs and n_out units has."""
    ...


check("1.1", linear_parameters)

# %% [markdown]
# ## 1. What came when
#
# **The document says** (S1-1.1-gpt3-date, S1-1.1-order): OpenAI released GPT-3 in 2018; *after it* others developed
# ChatGLM, BERT and GPT-2. And founding firms on large language models (大语言模型) goes back to the 1990s
# (S1-1.1-origin-1990s). **Predict** how many of the three, ChatGLM, BERT and GPT-2, came after GPT-3.

# %%
predict("1-p2", "Of ChatGLM, BERT and GPT-2, how many came after GPT-3?", answer=None)

# %%
from course_lib.topics import cards

card = cards.cards()
for id in ("lstm", "lenet5", "alexnet", "transformer", "gpt1", "bert-base", "gpt2-xl", "gpt3", "chatglm-6b"):
    print(f"{card[id].date}  {card[id].name:18} {card[id].input:10} "
          f"{card[id].citation['authors'].split(',')[0]} and others")
compare("1-p2", sum(card[id].date > card["gpt3"].date for id in ("chatglm-6b", "bert-base", "gpt2-xl")))
claims.show("S1-1.1-gpt3-date", "S1-1.1-order", "S1-1.1-origin-1990s")

# %% [markdown]
# A *model card* (模型卡) states what a model is: date, input, size, source. Ours are a small file with one citation for each,
# `course_lib/topics/cards.toml`. S0 says that GPT-3 and BERT brought the breakthroughs in language, *image recognition and
# recommendation* (S0-1-modalities), and S2 counts image recognition among language tasks (S2-1-image-as-nlp). Look at the
# inputs:

# %%
kinds = {}
for entry in card.values():
    kinds.setdefault(entry.input, []).append(f"{entry.name} ({entry.year})")
for kind, names in kinds.items():
    print(f"{kind}: {', '.join(names)}")
claims.show("S0-1-modalities", "S2-1-image-as-nlp", "S1-1.1-deep-learning-2000s")

# %% [markdown]
# **What holds.** The Transformer (2017) comes before every large language model; BERT and GPT-2 come before GPT-3. GPT-3,
# BERT and T5 take text and nothing else. Vision moved first (AlexNet, 2012), language followed, and recommendation went
# its own way. An article that gets the order wrong cannot explain what led to what.
#
# ## 2. What is "large"?
#
# **The document says**: GPT-3, BERT and T5 have billions to more than ten billion parameters in S2's Chinese text,
# hundreds of millions or billions in its English text (S2-1-param-range); in S3 GPT and BERT have trillions in Chinese, billions
# in English (S3-1-trillions). We need not believe any of it: the architectures are published, so we can *count*.
#
# A transformer (the T of GPT and BERT) is a stack of equal *blocks* (模块). A block of width $d$ has
#
# - attention (注意力): four linear layers $d\to d$, for query, key, value and output;
# - a feed-forward part (前馈网络): two linear layers, $d\to d_{ff}$ and back, with $d_{ff}=4d$ mostly;
# - two layer norms (层归一化): a scale and a shift for each of the $d$ features.
#
# What attention *does* comes in chapters 3 and 5. To count, this list is enough.
#
# **Your turn, exercise 1.2** (10 minutes, ●●○). Use exercise 1.1, six times.

# %% tags=["exercise"]
def block_parameters(d, d_ff):
    """Parameters of a block: 4 projections d → d, feed-forward d → d_ff → d, all with biases;
    2 layer norms."""
    ...


check("1.2", block_parameters)

# %% [markdown]
# Before and after the blocks there are tables: one row of $d$ numbers for each token (词元, a piece of text) of the
# vocabulary, one for each position. **Predict**: GPT-2 small has 12 blocks of width 768. What part of its parameters lies
# in the blocks, and not in the tables?

# %%
predict("1-p3", "Share of GPT-2 small's parameters that lies in its blocks",
        ["about a third", "about two thirds", "nearly all"], answer=None)

# %%
for id in ("gpt2-small", "gpt3"):
    d, layers = card[id].shape["d"], card[id].shape["layers"]
    blocks = layers * cards.block_parameters(d, 4 * d)
    print(f"{card[id].name}: {layers} blocks of width {d:,}: {blocks:,} of {card[id].parameters:,}, "
          f"{blocks / card[id].parameters:.0%}; rule of thumb 12·d²·layers {12 * d * d * layers:,}")
compare("1-p3", "about two thirds")

# %%
print(f"{'model':16}{'published':>17}{'counted':>17}   difference")
for entry in card.values():
    if entry.family and entry.published:
        off = entry.parameters / entry.published - 1
        print(f"{entry.name:16}{entry.published:17,.0f}{entry.parameters:17,}{off:+11.1%}")

# %% [markdown]
# Most counts agree with the published number to its rounding. Look at the others. BERT-large's "340 million" is generous:
# the encoder and its pooler have 335. GPT-2 small was published with 117 million; its authors later corrected
# that to 124. A published number is a claim, too.

# %%
def draw(fig):
    ax = fig.subplots()
    for kind, marker in (("text", "o"), ("images", "s")):
        found = [c for c in card.values() if c.input == kind and c.parameters]
        dates = [c.year + int(c.date[5:]) / 12 for c in found]
        ax.plot(dates, [c.parameters for c in found], marker, label=kind)
    for id in ("lenet5", "alexnet", "gpt3", "gshard", "chatglm-6b", "smollm2-135m"):
        ax.annotate(card[id].name, (card[id].year + int(card[id].date[5:]) / 12, card[id].parameters),
                    xytext=(-20, -3) if id == "gpt3" else (0, 6), textcoords="offset points",
                    ha="center", fontsize=8)
    ax.set(yscale="log", xlabel="year", ylabel="parameters", ylim=(2e4, 4e12), xlim=(1994, 2026))
    ax.legend(loc="lower right")

plot(draw, "Parameters against year, from LeNet-5 in 1998 with sixty thousand to GPT-3 in 2020 with 175 "
           "billion and a sparse model with 600; later models are often smaller again.")

# %%
claims.show("S2-1-param-range", "S3-1-trillions", "S1-1.1-gpt3-size", "S4-1.4-acronyms")

# %% [markdown]
# **What holds.** From T5-small to GPT-3 the named models span a factor of almost three thousand. No printed range holds them
# all, and the versions of one article differ from each other by ten and by a thousand times.
#
# **The document says** (S4-1.4-large-model): a large model is a network with *very many* parameters. How many? Four numbers say
# more than the word: parameters, training tokens, operations of the training run, memory.

# %%
from course_lib.topics import cost

print(f"{'model':14}{'parameters':>12}{'tokens':>10}{'tokens each':>13}{'train FLOPs':>13}"
      f"{'memory to train':>17}")
for id in ("bert-large", "t5-11b", "gpt3", "chinchilla", "palm", "smollm2-135m"):
    n, tokens = card[id].parameters, card[id].tokens
    print(f"{card[id].name:14}{n:12.2g}{tokens:10.2g}{tokens / n:13,.1f}{cost.train_flops(n, tokens):13.2g}"
          f"{cost.training_bytes(n, 2) / 1e9:14,.0f} GB")
print(f"About best for a given budget: {cost.compute_optimal_tokens(1):.0f} tokens for each parameter "
      "(Hoffmann et al., 2022)")
claims.show("S4-1.4-large-model", "S2-1-data-intensive")

# %% [markdown]
# SmolLM2 has less than a thousandth of GPT-3's parameters and read more text. Is it large? Say which number you mean. And S2's
# sentence that large models moved the field *away* from data-intensive tasks is the wrong way round: only the *labelled*
# data for a single task became fewer.
#
# ## 3. What training costs
#
# **The document says** (S0-1-cost-barrier): for a start-up, training and deploying large models costs too much. Let us compute
# it. An operation on two numbers is a FLOP (浮点运算). For each token that a model of $N$ parameters reads in training, it
# needs about $2N$ FLOPs forwards and $4N$ backwards, so a run over $D$ tokens needs
#
# $$C\approx 6ND .$$
#
# A GPU has a peak, in FLOP per second, and reaches a share of it, the utilisation (利用率). **Predict**: GPT-3 read 300
# billion tokens. How many years would *one* V100, a data-centre GPU of 2017, need at 28 TFLOP/s (22 % of its peak)?

# %%
predict("1-p4", "Years of one V100 for GPT-3", ["about 4", "about 40", "about 400"], answer=None)

# %%
reported, v100_share = 3.14e23, 28 / 125  # FLOPs in Brown et al., 2020, table D.1; 28 of 125 TFLOP/s
flops = cost.train_flops(card["gpt3"].published, card["gpt3"].tokens)
years = cost.gpu_hours(reported, cost.V100.peak, v100_share) / cost.HOURS_PER_YEAR
dollars = years * cost.HOURS_PER_YEAR * cost.V100.usd_per_hour
print(f"6·N·D = {flops:.3g} FLOPs; the paper reports {reported:.3g}")
print(f"GPT-3: 3.14e23 FLOPs at 28 TFLOP/s are {years:.1f} V100-years, {dollars / 1e6:.2f} million dollars "
      f"at {cost.V100.usd_per_hour:.2f} dollars an hour")
compare("1-p4", "about 400")

# %% [markdown]
# S0's section 2.2.1 prints hundreds of thousands of dollars for GPT-3 in Chinese and tens of thousands in English; chapter 2 comes
# back to it. The estimate above is well known, and it stands on assumptions. Change them one at a time:

# %%
def price(gpu=cost.A100, utilisation=0.4, usd=2.0, tokens=300e9, params=175e9):
    """Million dollars for the arithmetic of one run."""
    return cost.train_cost(params, tokens, gpu._replace(usd_per_hour=usd), utilisation) / 1e6

spread = {"utilisation 20 to 60 %": (price(utilisation=0.6), price(utilisation=0.2)),
          "rent 1 to 4 dollars": (price(usd=1.0), price(usd=4.0)),
          "H100 at 3, V100 at 1.50": (price(cost.H100, usd=3.0), price(cost.V100, usd=1.5)),
          "20 tokens per parameter": (price(), price(tokens=cost.compute_optimal_tokens(175e9)))}
print(f"GPT-3 on A100s, 40 % utilisation, 2 dollars an hour: {price():.1f} million dollars")
for name, (low, high) in spread.items():
    print(f"{name:25} {low:5.1f} to {high:5.1f}")
low, high = price(utilisation=0.6, usd=1.0), price(utilisation=0.2, usd=4.0)
print(f"GPT-3: sensitivity to utilisation and rent together, {low:.1f} to {high:.1f} million dollars")

# %%
def draw(fig):
    ax = fig.subplots()
    for row, (low, high) in enumerate(spread.values()):
        ax.barh(row, high - low, left=low, height=0.5)
    ax.axvline(price(), color="0.3", ls=":")
    ax.set(yticks=range(len(spread)), yticklabels=list(spread),
           xlabel="million dollars for the arithmetic of one run")

plot(draw, "One bar for each assumption, from its low to its high cost; a dotted line marks the base case. "
           "The number of tokens moves the cost most.", height=2.4)

# %% [markdown]
# **What holds.** On the hardware of its time GPT-3 cost millions. On newer hardware the most hopeful assumptions come down to half
# a million, the least hopeful ones to above five; tens of thousands are out of reach under all of them. An honest answer is a
# range with its assumptions, and failed runs, staff and data are not in it.
#
# **Your turn, exercise 1.3** (6 minutes, ●○○).

# %% tags=["exercise"]
def train_hours(params, tokens, peak, utilisation):
    """Hours that one GPU needs for 6·N·D FLOPs, at the share `utilisation` of its peak (FLOP/s)."""
    ...


check("1.3", train_hours)

# %% [markdown]
# "Training and deploying" hides four very different bills, and "costs less and less" (S1-1-falling-cost) hides two trends.

# %%
gpt3 = card["gpt3"].published
bills = {"GPT-3 from nothing": flops,
         "7 billion open weights, fine-tuned on 10 million tokens": cost.train_flops(7e9, 10e6),
         "one answer of 500 tokens by GPT-3": cost.inference_flops(gpt3, 500),
         "a 64-64-10 digits network, ten epochs": cost.train_flops(4810, 14370)}
for name, operations in bills.items():
    seconds = 3600 * cost.gpu_hours(operations, cost.A100.peak, 0.4)
    print(f"{name:56} {operations:8.1e} FLOPs  {seconds / 3600 * cost.A100.usd_per_hour:12.2g} dollars")
claims.show("S0-1-cost-barrier", "S1-1-falling-cost")

# %% [markdown]
# **What holds.** The barrier stands before training from nothing. Fine-tuning (微调), an API or a small model lies many
# orders of magnitude lower. The cost of a *fixed* ability falls; the cost of the *largest* run rises.
#
# ### Memory
#
# To run a model its weights must fit. To *train* it you also need a gradient for every weight, and what the optimizer (优化器)
# keeps: momentum one number for each weight, Adam two, in 4 bytes each. Where weights and gradients have 2 bytes, a 4-byte
# master copy is kept. A conversation adds a cache (缓存) of keys and values for every token.

# %%
print(f"{'model':12}{'weights, 2 bytes':>18}{'training, SGD':>15}{'training, Adam':>16}"
      f"{'cache, 2,048 tokens':>21}")
for id in ("gpt2-small", "gpt2-xl", "chatglm-6b", "gpt3"):
    n, shape = card[id].parameters, card[id].shape
    cache = cost.kv_cache_bytes(shape["layers"], shape["d"], 2048)
    row = [2 * n, cost.training_bytes(n, 2, "sgd"), cost.training_bytes(n, 2), cache]
    cells = [f"{b / 1e9:{w},.1f} GB" for b, w in zip(row, (15, 12, 13, 18), strict=True)]
    print(f"{card[id].name:12}" + "".join(cells))
need = cost.training_bytes(card["gpt3"].parameters, 2)
print(f"GPT-3: memory to train with Adam {need / 1e12:.1f} TB, at least "
      f"{np.ceil(need / cost.A100.memory):.0f} A100s of 80 GB; "
      "activations come on top")

# %% [markdown]
# **Your turn, exercise 1.4** (10 minutes, ●●○).

# %% tags=["exercise"]
def training_bytes(params, width, optimizer):
    """Bytes of weights and gradients (`width` bytes each), a 4-byte master copy if width < 4,
    and what the optimizer ("sgd", "momentum" or "adam") keeps."""
    ...


check("1.4", training_bytes)

# %% [markdown]
# ## 4. A service, by the request
#
# **The document says** (S2-1-market-fit): cost and complexity force a start-up to find its own place. True, and empty until it
# is computed. A service sells answers. Each answer has a price and costs tokens; what is left is the margin (利润). The
# model can be rented by the request through an API (接口), or run on hardware of your own, at a fixed cost.

# %%
rented = 2.0  # dollars for a million tokens: an assumption, like the others here
for busy in (0.02, 0.10, 0.40):
    usd = cost.usd_per_million_tokens(7e9, cost.H100, busy)
    print(f"own 7-billion model, H100 at {busy:.0%} of its peak, idle hours counted: {usd:.2f} dollars per "
          "million tokens")
for tokens in (500, 1500, 6000):
    left = cost.margin_per_request(price=0.01, tokens=tokens, usd_per_million=rented, other=0.002)
    print(f"an answer sold for 1 cent, {tokens:5,} tokens by the API, 0.2 cents of other costs: "
          f"{100 * left:+.1f} cents left")

# %% [markdown]
# Longer answers turn a gain into a loss. And hardware that waits costs as much as hardware that works. **Your turn,
# exercise 1.5** (7 minutes, ●○○): after how many requests is building as cheap as buying?

# %% tags=["exercise"]
def break_even_requests(fixed, own, api):
    """Requests after which building (fixed, then own each) costs the same as an API (api each);
    math.inf if never."""
    ...


check("1.5", break_even_requests)

# %%
own = 1500 * cost.usd_per_million_tokens(7e9, cost.H100, 0.02) / 1e6
print("API price per request, in cents, and the requests after which 60,000 dollars of fixed cost "
      "are paid back:")
for api in (0.0001, 0.001, 0.003, 0.006):
    many = cost.break_even_requests(60_000, own, api)
    print(f"  {100 * api:.2f}:", f"{many / 1e6:,.0f} million" if np.isfinite(many) else "never")
claims.show("S2-1-market-fit", "S3-1-startup-solutions", "S1-1-capital")

# %% [markdown]
# **What holds.** Build or buy is a number of requests, and no number if the API is cheaper than your own request. That a
# product helps (S3) is a difference between groups, and a trial with too few people cannot see it. Demand, capital and
# markets (S1-1-demand, S1-1.2-market-size) come without source, figure or year: they can be neither confirmed nor refuted.
#
# ## 5. A model that learns
#
# **The document says** (S1-1-abilities): large language models understand and generate very well. How would you test that? A
# language model (语言模型) gives every possible next token a probability. That can be scored on text that it has not
# seen. Ours is small enough to watch: it sees eight characters and predicts the ninth. Its text is read in place:

# %%
from course_lib.data.text import DESCRIPTIONS, descriptions
from course_lib.topics import scaling

print(f"{DESCRIPTIONS.name}: {DESCRIPTIONS.origin}. {DESCRIPTIONS.licence}.")
texts = [scaling.encode(text.text) for text in descriptions()]
train = np.concatenate([ids[: int(0.9 * len(ids))] for ids in texts])  # the first nine tenths of each text
test = np.concatenate([ids[int(0.9 * len(ids)) :] for ids in texts])  # the last tenth: never trained on
x_test, y_test = scaling.windows(test)
print(f"{len(train):,} characters to train on, {len(test):,} held out, "
      f"{len(scaling.ALPHABET)} different ones")
print(repr(scaling.decode(x_test[500])), "→", repr(scaling.decode(y_test[500:501])))

# %% [markdown]
# The score is the mean of $-\ln p$ over the held-out characters, where $p$ is the probability of the one that came: the loss
# (损失). Divided by $\ln 2$ it is in bits. $e$ to the power of the loss is the perplexity (困惑度): a model that is as unsure
# as if it chose among $k$ equally likely characters has perplexity $k$.
#
# **Your turn, exercise 1.6** (6 minutes, ●○○).

# %% tags=["exercise"]
def perplexity(p):
    """e to the mean of -ln p, where p (N,) holds the probability that the model gave each right character."""
    ...


check("1.6", perplexity)

# %% [markdown]
# A score needs a **baseline** (基线): what does a model get that knows almost nothing? One guesses uniformly. One knows how often
# each character occurs. One counts pairs.

# %%
k = len(scaling.ALPHABET)
single = np.bincount(train, minlength=k) + 1.0  # add one, so that nothing is impossible
pairs = np.ones((k, k))
np.add.at(pairs, (train[:-1], train[1:]), 1)
given = {"uniform": np.full(len(y_test), 1 / k), "frequencies": (single / single.sum())[y_test],
         "pairs": (pairs / pairs.sum(1, keepdims=True))[x_test[:, -1], y_test]}
baseline = {name: float(-np.log(p).mean()) for name, p in given.items()}
for name, loss in baseline.items():
    print(f"{name:12} loss {loss:.2f}  bits {loss / np.log(2):.2f}  perplexity {np.exp(loss):.1f}")

# %% [markdown]
# Now the network: a table of character vectors, one hidden layer, scores for the next character. 400 steps
# of training, each on 128 places of the text.

# %%
from course_lib import losses
from course_lib.activations import softmax
from course_lib.autograd import Tensor


def trained(hidden, seed, steps=400):
    model = scaling.next_character_model(hidden, seed=seed)
    scaling.next_character_trainer(model, train, steps, seed=seed).run(1)
    return model
def held_out(model):
    return losses.cross_entropy(model(Tensor(x_test)), y_test).item()
writers = [trained(64, seed) for seed in range(3)]
found = [held_out(model) for model in writers]
counts = baseline["pairs"]
print(f"network, 64 hidden units, three seeds: loss {min(found):.2f} to {max(found):.2f}; pairs {counts:.2f}")

# %%
def write(model, prompt, length, rng):
    ids = list(scaling.encode(prompt))
    for _ in range(length):
        p = softmax(model(Tensor(np.array([ids[-scaling.CONTEXT :]]))).data[0].astype(float))
        ids.append(int(np.searchsorted(np.cumsum(p), rng.random() * p.sum())))
    return scaling.decode(ids).replace("\n", " ")

print("before:", write(scaling.next_character_model(64), "the data", 90, np.random.default_rng(0)))
print("after: ", write(writers[0], "the data", 90, np.random.default_rng(0)))

# %% [markdown]
# It has learned spaces, short words and endings, and no meaning at all. Its loss says how much, and that it beats pair
# counts only a little: text by the page *looks* more able than its score.
#
# S0 calls it an open problem how to design prompts (提示词) that make a model answer well (S0-1-prompt-challenge). A prompt
# is what stands before the answer. It changes what the model is asked; does it change the model?

# %%
weights = [w.copy() for w in writers[0].state_dict().values()]
for prompt in ("the numb", "the clas", "the data", "classifi"):
    p = softmax(writers[0](Tensor(scaling.encode(prompt)[None])).data[0].astype(float))
    print(f"after {prompt!r} the likeliest next character is {scaling.decode([int(p.argmax())])!r}")
now = writers[0].state_dict().values()
print("weights unchanged:", all((a == b).all() for a, b in zip(weights, now, strict=True)))
claims.show("S0-1-prompt-challenge", "S1-1-abilities")

# %% [markdown]
# Here is the same model once more, new, on a tape deck. Press play; halve the learning rate (学习率, the size of a step) in the
# middle; rewind; fork a second run. Watch two curves: the training loss, which it is made to lower, and the
# validation accuracy, the share of held-out characters that it gets right.

# %%
from course_lib import optim
from course_lib.training import Trainer

model = scaling.next_character_model(64)
places = np.random.default_rng(0).integers(0, len(train) - scaling.CONTEXT, 50 * 128)  # an epoch of 50 steps
deck = Trainer(model, optim.Adam(model.parameters(), lr=1e-2), losses.cross_entropy,
               scaling.windows(train, places), validation=(x_test, y_test), batch_size=128)
TrainDeck(deck, predict=True)

# %% [markdown]
# ## 6. Does size help? A forecast, and its test
#
# S0 says that large models generalise (泛化) strongly (S0-1-generalisation). If size is the reason, the held-out loss should fall as
# the model grows. We train five sizes of this model, three seeds each, with the same text and the same number of steps, and
# keep a **sixth, larger one** aside to test the forecast. Two curves are fitted:
#
# $$L=a\,n^{-b}\quad\text{(a straight line in logarithms)}\qquad\text{and}\qquad L=a\,n^{-b}+c .$$
#
# $n$ counts parameters; $c$ is a loss that no size removes. **Predict**: which of the two will forecast the sixth size better,
# and in which direction will the other be wrong?

# %%
predict("1-p5", "The straight line's forecast for the larger model will be",
        ["too low (too good)", "about right", "too high (too bad)"], answer=None)

# %%
sizes = (2, 4, 8, 16, 32)  # hidden units
models = {hidden: [trained(hidden, seed) for seed in range(3)] for hidden in sizes}
n = np.array([sum(p.size for p in models[hidden][0].parameters()) for hidden in sizes])
table = np.array([[held_out(model) for model in models[hidden]] for hidden in sizes])  # (sizes, seeds)
for hidden, count, row in zip(sizes, n, table, strict=True):
    print(f"{hidden:3} hidden units, {count:5,} parameters: loss {row.mean():.2f}, seeds from "
          f"{row.min():.2f} to {row.max():.2f}")

# %% [markdown]
# **Your turn, exercise 1.7** (10 minutes, ●●○): fit the straight line. Then see both forecasts.

# %% tags=["exercise"]
def fit_line(n, loss):
    """(a, b) of loss ≈ a · n^-b, from the least-squares line through (ln n, ln loss); n and loss (M,)."""
    ...


check("1.7", fit_line)

# %%
line, curve = scaling.fit_line(n, table.mean(1)), scaling.fit_power_law(n, table.mean(1))
sixth = sum(p.size for p in writers[0].parameters())
draws = scaling.bootstrap_power_law(n, table, sixth, 200, np.random.default_rng(0))
low, high = np.percentile(draws, [2.5, 97.5])
truth, straight = float(np.mean(found)), float(scaling.power_law(sixth, *line))
bent = float(scaling.power_law(sixth, *curve))
print(f"forecast for {sixth:,} parameters: straight line {straight:.2f}; with a floor {bent:.2f}, 95 % "
      f"interval {low:.2f} to {high:.2f}")
print(f"the sixth model: {truth:.2f}, seeds from {min(found):.2f} to {max(found):.2f}")
near = abs(straight - truth) < 0.03
compare("1-p5", "about right" if near else "too low (too good)" if straight < truth else "too high (too bad)")

# %%
def draw(fig):
    ax = fig.subplots()
    grid = np.geomspace(600, 12_000, 100)
    ax.plot(np.repeat(n, 3), table.ravel(), ".", label="five sizes, three seeds")
    ax.plot([sixth] * 3, found, "x", label="the sixth size")
    ax.plot(grid, scaling.power_law(grid, *line), "--", label="straight line")
    ax.plot(grid, scaling.power_law(grid, *curve), "-", label="power law with a floor")
    ax.axhline(baseline["pairs"], color="0.5", ls=":", label="pair counts")
    ax.set(xscale="log", yscale="log", xlabel="parameters", ylabel="held-out loss (nats)")
    ax.set_yticks([2.4, 2.6, 2.8, 3.0], ["2.4", "2.6", "2.8", "3.0"])
    ax.set_yticks([], minor=True)
    ax.legend(fontsize=8)

plot(draw, "Held-out loss against parameters for six sizes. The losses fall ever more slowly; the straight "
           "line, fitted to five sizes, passes below the sixth, the curve with a floor through it.")

# %% [markdown]
# **What holds.** Larger models are better here, and each doubling brings less. The straight line promises too much. The
# curve with a floor does better, but be careful with it: three seeds make a bootstrap (自助法) interval that is rather too
# narrow, and the interval covers only the noise of the seeds, not the choice of the curve. $c$ is not the entropy of
# English. It is what remains at *this* amount of text and *these* 400 steps: if data or computation do not grow as well, size stops
# helping. The forecast reached less than twice the largest size fitted; published scaling laws reach across many orders of magnitude,
# and are checked in the same way.
#
# ## 7. What a good score does not promise
#
# Now the honest failure of this chapter. A network reads digits, and its score on held-out digits is good. Move every
# image by one pixel to the right. You would hardly notice. **Predict** the accuracy (准确率).

# %%
from course_lib.data import DIGITS, digits

print(f"{DIGITS.name}: {DIGITS.origin}. {DIGITS.licence}.")
data = digits()
rng = np.random.default_rng(0)
reader = nn.Sequential(nn.Linear(64, 64, rng=rng), nn.ReLU(), nn.Linear(64, 10, rng=rng))
Trainer(reader, optim.Adam(reader.parameters(), lr=3e-3), losses.cross_entropy,
        (data.x_train, data.y_train)).run(10)
def accuracy(x):
    return float((reader(Tensor(x.astype(np.float32))).data.argmax(1) == data.y_test).mean())

commonest = float((data.y_test == np.bincount(data.y_train).argmax()).mean())
print(f"training digits {(reader(Tensor(data.x_train)).data.argmax(1) == data.y_train).mean():.2f}, "
      f"held out {accuracy(data.x_test):.2f}, always the commonest digit {commonest:.2f}")
predict("1-p6", "Accuracy on the held-out digits, moved by one pixel", answer=None)

# %%
moved = np.roll(data.x_test.reshape(-1, 8, 8), 1, axis=2).reshape(-1, 64)
probe = Tensor(data.x_test.astype(np.float32), requires_grad=True)
losses.cross_entropy(reader(probe), data.y_test).backward()
chosen = np.clip(data.x_test + 0.2 * np.sign(probe.grad), 0, 1)  # each pixel by 0.2, where it hurts
noise = np.clip(data.x_test + 0.2 * np.random.default_rng(0).choice([-1, 1], data.x_test.shape), 0, 1)
compare("1-p6", round(accuracy(moved), 2))
hit = (reader(Tensor(data.x_test)).data.argmax(1) == data.y_test)
draw_again = np.random.default_rng(0).integers(0, len(hit), (1000, len(hit)))
print(f"held out, 95 % bootstrap interval {np.percentile(hit[draw_again].mean(1), [2.5, 97.5]).round(2)}")
print(f"every pixel changed by 0.2: at random {accuracy(noise):.2f}, along the gradient's sign "
      f"{accuracy(chosen):.2f}")

# %%
def draw(fig):
    images = {"as it is": data.x_test, "moved by a pixel": moved, "random": noise, "chosen": chosen}
    ok = [reader(Tensor(x.astype(np.float32))).data.argmax(1) == data.y_test for x in images.values()]
    row = int(np.flatnonzero(ok[0] & ~ok[1] & ok[2] & ~ok[3])[0])  # misread, but not after random changes
    for ax, (name, x) in zip(fig.subplots(1, 4), images.items(), strict=True):
        said = reader(Tensor(x[row : row + 1].astype(np.float32))).data.argmax()
        ax.imshow(x[row].reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        ax.set(title=f"{name}\nread as {said}", xticks=[], yticks=[])

plot(draw, "One digit four times: as it is, moved by one pixel, with random changes and with chosen "
           "changes of the same size; above each what the network reads.", height=2.2)

# %%
claims.show("S0-1-generalisation", "S0-1-security-privacy", "S4-1.4-ai-nlp-cv")

# %% [markdown]
# **What holds.** The held-out score is a promise about images *of the same kind*. These digits were all centred, so the network never
# had to learn that a moved digit is the same digit. A changed image that was made to mislead is called an adversarial example (对抗样本).
# "Seeing as people do" (S4) is not part of what was measured.
#
# ## Recap
#
# - BERT and GPT-2 came before GPT-3, the Transformer before all of them; parameters can be counted: a block has
#   $12d^2+13d$.
# - "Large" is four numbers: parameters, training tokens, FLOPs, memory. Models change places from one to the next.
# - A training run takes $6ND$ FLOPs; with Adam, 16 bytes of memory for each parameter. An estimate is as good as its stated
#   assumptions: change them, and give a range.
# - Loss falls with size like a power law with a floor; a forecast is worth something once it was tested on a size that the fit
#   did not see.
# - A score needs a baseline and an interval, and holds for data of the same kind.
#
# **For later** (spaced review; this being the first chapter, from itself): 1. How many parameters has a layer with 10 inputs and 4
# units? 2. Why is training $6ND$ and not $2ND$? 3. Which four things lie in memory during training with Adam and 2-byte
# weights? 4. When is building a service never cheaper than an API? 5. What does a perplexity of 12 tell you, and what beside it do you need
# to know?
#
# **Next**: chapter 2 goes through the basic notions one by one, from data sets to training and testing, and comes back to the price of
# GPT-3. Below: your exercises, and all claims of section 1 in the five articles.

# %%
progress(1)
claims.table(chapter=1)
