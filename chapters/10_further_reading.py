# ---
# jupyter:
#   course:
#     chapter: 10
#     title: Further reading
#     minutes: 120
#     complete: true
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 10. Further reading
#
# After this chapter you can
#
# - say what five much-cited papers found, because you have seen each finding happen in a model that trains in seconds;
# - compute attention, hide letters as BERT does, tie a dropout mask, and gate experts, each in a few lines;
# - judge a small model against the baseline (基线) that a paper's abstract leaves out;
# - read a list of references with suspicion, and say which line is wrong and in what;
# - vet (审查) a source: who wrote it, can its numbers be recounted, does it show a case that could be checked?
#
# **Time** about two hours, with six exercises. **Needs** chapter 4 (softmax, cross-entropy, gradients). **Data** the texts
# with which scikit-learn describes its data sets (BSD-3-Clause), and toy tasks that are drawn here. **Runs on** any CPU, in
# half a minute when no exercise is solved.
#
# The tenth section of the five articles, S0 to S4, is a list of books, papers, courses and sites. We read the papers by
# rebuilding them small (sections 1 to 5), then the list itself (6), then the articles as sources (7).

# %%
import numpy as np

from course_lib import claims
from course_lib.checks import check, compare, hint, predict, progress, restore, reveal
from course_lib.preflight import preflight
from course_lib.widgets import AttnMap, plot

preflight(10)

# %% [markdown]
# `hint("10.1")` gives a hint, `reveal("10.1")` the model answer; `restore(10)` brings your answers back after a reset.
#
# ## 1. Attention: look it up instead of remembering it
#
# **The document says** (S1-10-vaswani-devlin-years): Vaswani et al., 2017, proposed the Transformer. Its main part is
# *attention* (注意力). A query (查询) $q$ is compared with keys (键) $k_i$; the better the fit, the more of the value (值) $v_i$
# is read out:
#
# $$\text{read}(q)=\sum_i a_i v_i,\qquad a=\text{softmax}\left(\frac{q\cdot k_1}{\sqrt E},\ldots,\frac{q\cdot k_S}{\sqrt E}\right)$$
#
# with $S$ keys of $E$ numbers each. The test is the *copy task*: read $L$ random symbols out of 8, then write them down. An
# LSTM (长短期记忆网络) has to carry all of them in its state (状态) of 32 numbers; attention may look back at each. Both train
# for the same 200 steps, from two random seeds (随机种子). **Predict**: with 16 symbols, what share does the LSTM get right? (Guessing gets 1/8.)

# %%
predict("10-p1", "Share of 16 symbols that the LSTM copies after 200 steps",
        ["about 0.13", "about 0.5", "about 0.9", "1.0"], answer=None)

# %%
from course_lib.topics import copying

lengths, seeds = (4, 8, 16), (0, 1)
scores = {name: np.array([[copying.train(name, length, seed, steps=200)[1] for seed in seeds]
                          for length in lengths]) for name in copying.MODELS}
for name, found in scores.items():
    ends = zip(found.min(1), found.max(1), strict=True)
    spread = ", ".join(f"{low:.1f} to {high:.1f}" for low, high in ends)
    print(f"{name:10} lengths {lengths}, two seeds: {spread}")
closest = min((0.13, 0.5, 0.9, 1.0), key=lambda share: abs(share - scores["LSTM"][2].mean()))
compare("10-p1", {0.13: "about 0.13", 0.5: "about 0.5", 0.9: "about 0.9", 1.0: "1.0"}[closest])

# %%
def draw(fig):
    ax = fig.subplots()
    for (name, found), style in zip(scores.items(), ("o-", "s--"), strict=True):
        ax.plot(lengths, found.mean(1), style, label=name)
    ax.axhline(1 / 8, ls=":", color="black", label="guessing")
    ax.set(xlabel="symbols to copy", ylabel="share copied right", ylim=(0, 1.05))
    ax.legend()
plot(draw, "Attention copies everything at 4, 8 and 16 symbols; the LSTM falls towards guessing.", height=2.8)

# %% [markdown]
# Look inside a trained one. Row $t$ of its weights belongs to output $t$. Beside the weight stands a test: hide one input;
# how much does $\log p$ of the right symbol change? **Try** the outputs one after the other.

# %%
model, _ = copying.train("attention", 8, seed=0, steps=200)
symbols = [3, 1, 4, 1, 5, 2, 6, 0]
AttnMap(model, symbols, targets=symbols, predict=True)

# %% [markdown]
# **What holds.** On this task attention finds the rule "output $t$ looks at input $t$" in a few steps, and the weights show it.
# The comparison is not the last word on LSTMs: with more steps they copy longer sequences, and this attention has a query
# for each position, so it cannot copy a length that it never saw. What attention costs: $L^2$ weights where the LSTM
# keeps one state.
#
# **Your turn, exercise 10.1** (10 minutes, ●●○).

# %% tags=["exercise"]
def attend(query, keys, values):
    """Mean of the values (S, V), weighted by softmax of keys (S, E) · query (E,) / √E: an array (V,)."""
    ...


check("10.1", attend)

# %%
claims.show("S1-10-vaswani-devlin-years", "S1-10-lstm")

# %% [markdown]
# ## 2. BERT: guess the hidden letter from both sides
#
# **The document says** (S1-10-devlin-2019): Devlin et al., 2019. BERT is a *masked language model* (掩码语言模型): hide some
# symbols, and train a network to guess them from what stands on *both* sides. A model that writes from left to right, like GPT, sees
# only one side. Ours has letters for symbols, one block of a Transformer (chapter 2), and a window of 7 letters; the text
# is scikit-learn's own descriptions of data sets, and the last three are kept for the test.
#
# We measure *perplexity* (困惑度): $\exp$ of the mean of $-\ln p$, $p$ the probability given to the right letter. It says among how many
# equally likely symbols one might as well choose; 27 (the letters and the space) if one knows nothing. Three baselines count letters instead of
# learning: the frequency of each letter; the pair with the letter before; the pair of neighbours, before and after.

# %%
from course_lib.data import descriptions
from course_lib.topics import masked_lm

texts = [masked_lm.encode(text.text) for text in descriptions()]
train, test = np.concatenate(texts[:-3]), np.concatenate(texts[-3:])
pieces = masked_lm.windows(test, 7, 2000, np.random.default_rng(0))  # (2000, 7); the 4th is hidden
before, truth, after = pieces[:, 2], pieces[:, 3], pieces[:, 4]
print(f"{len(texts)} texts; letters to train on: {len(train):,}, to test on: {len(test):,}")
print("a window:", "".join(masked_lm.LETTERS[i] for i in pieces[0]).replace(" ", "·"))

# %%
letter = (np.bincount(train, minlength=27) + 1) / (len(train) + 27)
pair = np.full((27, 27), 0.5)
np.add.at(pair, (train[:-1], train[1:]), 1)
pair /= pair.sum(1, keepdims=True)
both = 5 * np.repeat(pair[:, None], 27, 1)  # (before, after, letter): few counts lean on the pair's
np.add.at(both, (train[:-2], train[2:], train[1:-1]), 1)
both /= both.sum(2, keepdims=True)
counted = {"letter counts": letter[truth], "letter before": pair[before, truth],
           "both neighbours": both[before, after, truth]}
counted = {name: masked_lm.perplexity(np.log(p)) for name, p in counted.items()}
for name, value in counted.items():
    print(f"{name:16} perplexity {value:.1f}")

# %% [markdown]
# Now two encoders (编码器: networks that turn the window into vectors), alike but for one thing: one sees both sides, the other only what is to the left (*causal*, 因果).
# **Predict**: which is best, among the two encoders and the three counts?

# %%
predict("10-p2", "Lowest perplexity on the test texts",
        ["encoder, both sides", "encoder, left only", "both neighbours", "letter before"], answer=None)

# %%
from course_lib.activations import log_softmax


def judge(causal, seed):
    model = masked_lm.train(train, seed, causal)
    log_p = log_softmax(masked_lm.guess(model, pieces), -1)
    return masked_lm.perplexity(log_p[np.arange(len(truth)), truth])

learned = {"encoder, left only": [judge(True, seed) for seed in (0, 1)],
           "encoder, both sides": [judge(False, seed) for seed in (0, 1)]}
for name, found in learned.items():
    print(f"{name:20} perplexity {min(found):.0f} to {max(found):.0f}, two seeds")
compare("10-p2", min({**counted, **{k: min(v) for k, v in learned.items()}}.items(), key=lambda kv: kv[1])[0])

# %% [markdown]
# **What holds.** Both sides beat one side: that is BERT's point, seen here on 20,000 letters. And an honest failure: a table of
# counts of the two neighbours beats our encoder, which would need more text and more steps to overtake it. A paper's
# abstract compares with other networks; ask for the simplest baseline as well. BERT itself had 3.3 billion words.
#
# BERT, whose symbols are words and pieces of words, does not simply blank them out. Of those that it picks (15 %), 80 % become
# the mask, 10 % another symbol, and 10 % stay: at work it never meets a mask, so it must not rely on one.
#
# **Your turn, exercise 10.2** (10 minutes, ●●○) and **exercise 10.3** (4 minutes, ●○○).

# %% tags=["exercise"]
def hide(ids, picked, roll, others):
    """(inputs, targets), arrays like ids. Picked ids (True): roll < 0.8 → 27, the mask;
    0.8 <= roll < 0.9 → others; else as they are. Targets: the id where picked, -100 elsewhere."""
    ...


check("10.2", hide)


# %% tags=["exercise"]
def perplexity(log_p):
    """exp of the mean of -log p, for the natural logarithms of the right letters' probabilities."""
    ...


check("10.3", perplexity)

# %%
claims.show("S1-10-devlin-2019")

# %% [markdown]
# ## 3. Variational dropout: one mask for all time steps
#
# **The document says** (S2-10-repeats): Gal and Ghahramani show how to use dropout (随机失活) in recurrent networks (循环神经网络), which read one
# input after the other. Dropout sets numbers
# to 0 at random, with probability $p$, and divides the rest by $1-p$. In a recurrent network the state
# $h_t=\tanh(Wx_t+U(m\odot h_{t-1})+b)$ passes through the mask (掩码) $m$ at every step $t$ ($x_t$ is the input, ⊙ multiplies
# number by number). If each step draws a *new* mask, what
# is the chance that a number of the state is never dropped in 12 steps with $p=0.5$? **Predict** it, for new masks
# and then for one mask used 12 times.

# %%
predict("10-p3", "Chance that a number survives 12 new masks, p = 0.5",
        ["1/2", "1/24", "1/4096"], answer=None)

# %%
from course_lib.topics import recurrent_dropout

rng = np.random.default_rng(0)
for kind in ("new masks", "one mask"):
    factors = recurrent_dropout.masks(kind, 12, 1000, 64, 0.5, rng)  # (12, 1000, 64)
    print(f"{kind}: share never dropped {(factors > 0).all(0).mean():.4f}")
compare("10-p3", "1/4096")

# %% [markdown]
# So new masks are a memory with a leak. The test: a symbol is shown at the first step, then eleven steps of noise; which
# symbol was it? Trained with each kind of mask, tested without dropout, as always. Guessing gets 1/4.

# %%
recalled = {kind: [recurrent_dropout.train(kind, seed)[1] for seed in range(3)]
            for kind in recurrent_dropout.KINDS}
for kind, found in recalled.items():
    print(f"{kind:10} recalled: median {np.median(found):.1f}, "
          f"from {min(found):.1f} to {max(found):.1f}, 3 seeds")

def draw(fig):
    ax = fig.subplots()
    for k, (kind, found) in enumerate(recalled.items()):
        ax.plot([k] * 3, found, "os^"[k], label=kind)
    ax.axhline(1 / 4, ls=":", color="black")
    ax.set(xticks=range(3), xticklabels=recalled, ylabel="share recalled", ylim=(0, 1.05), xlim=(-0.5, 2.5))
plot(draw, "Share of symbols recalled: near 1 without dropout and with one mask, near the dotted line of "
     "guessing with new masks at each step.", height=2.4)

# %% [markdown]
# **What holds.** One mask keeps the memory, new masks destroy it: here the network stays at guessing. No dropout at all is as
# good on this task, because data are drawn without end and there is nothing to overfit; chapter 7 shows a case (60 digits) in
# which one mask lowers the test loss.
#
# **Your turn, exercise 10.4** (5 minutes, ●○○).

# %% tags=["exercise"]
def one_mask(x, u, p):
    """Dropout of x (T, N, D): where u (N, D) < p, 0 at every step; elsewhere x / (1 - p). p < 1."""
    ...


check("10.4", one_mask)

# %% [markdown]
# ## 4. Mixture of experts: many parameters, few at work
#
# **The document says** (S2-10-repeats): GShard trains giant models by conditional computation (条件计算). The article gives its author
# wrongly; the idea is right. A *gate* (门控) $g=\text{softmax}(Wx+b)$ gives each of $E$ small models, the *experts* (专家), a share,
# and only the one with the largest share, number $k$, computes: $y=g_k(x)\,\text{expert}_k(x)$. How much is that worth? Count,
# for one layer of a Transformer of width 512 with an inner width of 2048. A FLOP (浮点运算) is one multiplication or
# addition, a token (词元) one symbol that is read.

# %%
predict("10-p4", "Eight experts instead of one: how many times the FLOPs per token? (one decimal)",
        answer=None)

# %%
from course_lib.topics import mixture

for experts in (1, 8, 64):
    parameters, flops = mixture.counts(512, 2048, experts)
    print(f"{experts:3} experts: {parameters / 1e6:6.1f} million parameters, {flops / 1e6:.2f} million "
          "FLOPs per token")
compare("10-p4", round(mixture.counts(512, 2048, 8)[1] / mixture.counts(512, 2048, 1)[1], 1))

# %% [markdown]
# Does it help? A task in pieces: points of a square, and in each quadrant (象限) another linear function, plus noise of variance 0.01. The
# experts are linear, so one of them cannot do it. The fair baseline is a *dense* (稠密) network with one hidden layer that uses *more*
# FLOPs: the gate and one expert take $2(8\cdot2+2)=36$, the network with 8 hidden units $2(2\cdot8+8)=48$.

# %%
from course_lib import nn


def dense(rng):
    return nn.Sequential(nn.Linear(2, 8, rng=rng), nn.ReLU(), nn.Linear(8, 1, rng=rng))

kinds = {"one expert": lambda rng: mixture.train(mixture.Mixture(2, 1, rng=rng), rng),
         "8 experts": lambda rng: mixture.train(mixture.Mixture(2, 8, rng=rng), rng),
         "8, balanced": lambda rng: mixture.train(mixture.Mixture(2, 8, rng=rng), rng, pull=0.1),
         "dense network": lambda rng: mixture.train(dense(rng), rng)}
errors = {name: [run(np.random.default_rng(seed)) for seed in range(3)] for name, run in kinds.items()}
for name, found in errors.items():
    print(f"{name:14} squared error: median {np.median(found):.1f}, from {min(found):.1f} to "
          f"{max(found):.1f}, 3 seeds")

# %% [markdown]
# Why "balanced"? A gate that happens to like one expert sends it more inputs, so that it learns faster, so that the gate likes it more. The
# remedy is a term in the loss, $E\sum_k f_kP_k$: $f_k$ is the fraction of inputs that go to expert $k$, $P_k$ its mean share. It is 1
# if the load is even and $E$ if one expert gets everything.

# %%
x, _, which = mixture.quadrants(2000, np.random.default_rng(9))
shown = {}
for name, pull in (("as it comes", 0.0), ("with the balancing term", 0.1)):
    rng = np.random.default_rng(0)
    model = mixture.Mixture(2, 8, rng=rng)
    mixture.train(model, rng, pull)
    shown[name] = model.shares(x).data
    used = (mixture.first(shown[name]).mean(0) > 0.01).sum()
    print(f"{name}: experts in use {used} of 8, balance {mixture.balance(shown[name]):.0f}")

# %%
def draw(fig):
    for ax, (name, shares) in zip(fig.subplots(1, 2), shown.items(), strict=True):
        ax.scatter(*x.T, c=shares.argmax(1), cmap="tab10", s=4, vmin=0, vmax=9)
        for k in np.unique(shares.argmax(1)):  # the expert's number in the middle of its points
            ax.text(*x[shares.argmax(1) == k].mean(0), k + 1, ha="center", va="center",
                    bbox={"fc": "white", "boxstyle": "round"})
        ax.set(title=name, xlabel="x₁", ylabel="x₂", aspect="equal")
plot(draw, "The square, coloured and numbered by the expert that answers. Left: three experts, one across two "
     "quadrants. Right: five, their borders near the axes.", height=3)

# %% [markdown]
# **What holds.** Parameters grow with the number of experts, FLOPs hardly. Balanced experts beat one expert by far on a task
# that falls into pieces, and do about as well as the dense network (the seeds overlap) with fewer FLOPs. What the count leaves out: all parameters
# have to lie in some memory, and tokens have to be sent to where their expert is; that is what GShard is about. Our code computes all experts and throws away: simple, and no faster.
#
# **Your turn, exercise 10.5** (12 minutes, ●●○) and **exercise 10.6** (8 minutes, ●●○).

# %% tags=["exercise"]
def top_one(logits, outputs):
    """Logits and outputs (N, E) of E experts: for each input, the largest softmax share times
    the output of the expert that has it; an array (N,)."""
    ...


check("10.5", top_one)


# %% tags=["exercise"]
def balance(shares):
    """E · Σ_k f_k P_k for shares (N, E): f_k the fraction of inputs whose largest share is k's,
    P_k the mean share of k."""
    ...


check("10.6", balance)

# %%
claims.show("S2-10-repeats")

# %% [markdown]
# ## 5. Few-shot learners: the prompt teaches, the weights stay
#
# **The document says** (S1-10-brown-title): “GPT-3: Transforming Text Understanding with Deep Learning”, Brown et al., 2020. No such paper
# exists. The real title is its finding: *Language Models are Few-Shot Learners*. Examples stand in the prompt (提示), nothing
# is trained, and the answer gets better: *in-context learning* (上下文学习).
#
# In miniature: a prompt has $n$ pairs $(x_i, y_i)$ of a linear task $y=w\cdot x$ plus noise, with a *new* $w$ in every prompt, and
# then a question $x$. The model is one layer of attention without softmax, $\hat y=\sum_i (x\cdot Mx_i)\,y_i/(n+c)$: $x$ is the
# query, the $x_i$ are the keys, the $y_i$ the values. The matrix $M$ and the number $c$ are trained once, on other tasks. **Predict**: without training on the new tasks, what does the error do as $n$ grows from 0 to 64?

# %%
predict("10-p5", "From 0 to 64 examples the error",
        ["stays", "halves", "falls to about an eighth", "falls to 0"], answer=None)

# %%
from course_lib.topics import in_context

sizes = (0, 1, 2, 4, 8, 16, 32, 64)
models = [in_context.train(4, seed) for seed in range(3)]
weights = [model.match.data.copy() for model in models]
curves = np.array([[in_context.error(model, n, 4, np.random.default_rng(n)) for n in sizes]
                   for model in models])
unchanged = all((model.match.data == w).all() for model, w in zip(models, weights, strict=True))
for n in (0, 4, 16, 64):
    column = curves[:, sizes.index(n)]
    print(f"{n:2} examples: error {np.median(column):.1f} "
          f"(three seeds, {column.min():.1f} to {column.max():.1f})")
print("weights unchanged by 48,000 prompts:", unchanged)
ratio = np.median(curves[:, -1] / curves[:, 0])
compare("10-p5", "falls to about an eighth" if 0.06 < ratio < 0.25 else f"to {ratio:.1f}")

# %%
def shuffled(x, y, query):
    return models[0](x, np.random.default_rng(0).permuted(y, axis=1), query)

fitted = [in_context.error(in_context.ridge, n, 4, np.random.default_rng(n)) for n in sizes]
mixed = [in_context.error(shuffled, n, 4, np.random.default_rng(n)) for n in sizes]
print(f"64 examples, answers shuffled: error {mixed[-1]:.0f}; ridge with 16 examples: {fitted[5]:.1f}")

# %%
def draw(fig):
    ax = fig.subplots()
    ax.fill_between(sizes, curves.min(0), curves.max(0), alpha=0.3)
    ax.plot(sizes, np.median(curves, 0), "o-", label="attention, in context")
    ax.plot(sizes, fitted, "s--", label="ridge, fitted to each prompt")
    ax.plot(sizes, mixed, "^:", label="answers shuffled")
    ax.set(xlabel="examples in the prompt", ylabel="squared error", xscale="symlog", xticks=sizes,
           xticklabels=sizes, ylim=(0, 1.3))
    ax.legend()
plot(draw, "Squared error against examples: attention in context falls from 1 to about 0.1; ridge falls "
     "faster; with shuffled answers there is no gain.")

# %% [markdown]
# **What holds.** The error falls with the number of examples while no weight moves. The baseline shows what it is: ridge regression (岭回归),
# fitted to each prompt, is better, because one such layer amounts to a single step of gradient descent on the
# examples (von Oswald et al., 2023). With the answers shuffled nothing is learned: it is the pairs that teach. Whether a large language
# model does the same inside is a question of research; this chapter shows that it *can* be done by attention alone.

# %%
claims.show("S1-10-brown-title")

# %% [markdown]
# ## 6. The reading list, corrected
#
# The list of section 10 mostly repeats section 7, mistakes included. Where it adds something, it is often a *chimera* (嵌合体): a title
# from one work, an author from another, a journal from nowhere. S1 prints
# “Bengio, Y. (2009). Learning representations by back-propagating errors. International Journal of Neural Networks, 14(1), 1–7”.
# **Predict** how many of its five parts (author, year, title, journal, pages) are right.

# %%
predict("10-p6", "Right parts of that reference, out of 5", answer=None)

# %%
from course_lib.claims import references

real = references.works()["rumelhart-1986"]
printed = {"author": ["Bengio"], "year": 2009, "title": "Learning representations by back-propagating errors",
           "journal": "International Journal of Neural Networks 14(1)", "pages": "1-7"}
found = {"author": references.families(real), "year": references.year(real), "title": real["title"],
         "journal": real["container-title"], "pages": "533-536"}
for part in printed:
    print(f"{part:8}{printed[part] == found[part]!s:6} {found[part]}")
compare("10-p6", sum(printed[part] == found[part] for part in printed))

# %% [markdown]
# The next table has the references of section 10, as printed, and the works that are meant; *differs in* is computed from the
# reference file `course_lib/claims/references.json` (CSL-JSON, which reference managers read).

# %%
shelf = references.table(chapter=10)
differing = [row[2] for row in shelf.rows]
print("printed:", len(shelf), " as published:", differing.count("nothing"),
      " no work found:", differing.count("not found"))
shelf

# %%
claims.show("S1-10-bengio-backprop", "S0-10.5-book-as-paper", "S2-10-future-of-humanity")

# %% [markdown]
# **What holds.** The works to read, from the file itself, those of sections 1 to 5 first. Each line below is a work that exists.

# %%
import textwrap

for id in ("bahdanau-2015", "vaswani-2017", "hochreiter-1997", "devlin-2019", "gal-2016", "jacobs-1991",
           "lepikhin-2021", "fedus-2022", "brown-2020", "von-oswald-2023", "goodfellow-2016", "lecun-2015",
           "rumelhart-1986", "goldberg-2017", "zhang-2023", "kaku-2018"):
    print(textwrap.fill(str(references.citation(id)), 100, initial_indent="- ", subsequent_indent="  "))

# %% [markdown]
# Courses and sites age faster than papers. Of the addresses that are printed, one belongs to another course, one blog has moved, and a
# course is given to the wrong teacher.

# %%
claims.show("S4-10-ng-url", "S1-10-ng-nlp-course", "S2-10-google-ai-blog", "S2-10-keras-theano")

# %% [markdown]
# ## 7. Vetting the articles themselves
#
# **The document says** (S4-10-word-count): 文章字数：8288字, 8,288 characters. Before you believe a number, ask for its rule. Here is one
# sentence, counted by five rules. **Predict**: how many different results?

# %%
predict("10-p7", "Five counting rules, one sentence: different results", answer=None)

# %%
from course_lib.topics import vetting

sentence = "大模型（large language models）的参数很多。GPT-3 有 1750 亿个参数，训练一次需要大量的计算。"
counts = {rule: vetting.count(sentence, rule) for rule in vetting.RULES}
for rule, number in counts.items():
    print(f"{rule:27}{number}")
compare("10-p7", len(set(counts.values())))

# %% [markdown]
# Other questions that a careful reader asks: are there leftovers of a prompt in the text? Do two copies agree? Does a case name who,
# with which data, with what result, and where it can be looked up?

# %%
printed = ["格式要求：文章内容使用markdown格式输出，每个小节的内容丰富具体详细讲解。",
           "完整性要求：文章内容完整，每个小节的内容具体详细讲解，无遗漏。", sentence]
print("orders to a writer:", [line[:5] for line in vetting.orders(printed)])
stories = [{"OpenAI", "DeepMind"}, {"OpenAI", "DeepMind", "Facebook AI Research", "Microsoft"}]
print(f"success stories that S1's two drafts share: {vetting.overlap(*stories):.0%}")
case = {"who": "", "data": "data.csv, not given", "result": "", "source": ""}
print("S4's only project does not name:", vetting.missing(case))

# %%
claims.show("S4-10-word-count", "S4-10-completeness-claim", "S3-10-closing-cases")

# %%
claims.disagreements(chapter=10)

# %% [markdown]
# **What holds.** The articles are signed with pen names, carry leftovers of a chat with a language model, and contradict themselves. That does
# not make a sentence false; it makes it a sentence without a witness. So this course ran every claim instead. Do
# the same with ours: each verdict below can be run, and each figure is printed by a cell that you can change.
#
# ## Recap
#
# - Attention reads values by how well keys fit a query; it copies what a small LSTM cannot hold. A masked model that sees both sides
#   beats one that sees the left, and a table of counts may beat both.
# - Attention, BERT's hiding, one mask for all steps and the gate that asks one expert: you wrote each in a few lines.
# - One mask keeps a recurrent memory; experts multiply parameters, not FLOPs; examples in the prompt lower the error while the weights
#   stay. Each finding has a baseline beside it.
# - A reference is right when author, title, venue and year belong to one work. Look each up.
# - A source without author, rule or case gives you sentences to test, not evidence.
#
# **For later** (spaced review, from chapters 1 to 9): 1. Why is the largest number subtracted before a softmax? (4) 2. Gradients add up over two
# calls of `backward`; when is that wanted? (7) 3. Against which baseline is a recommender judged? (6) 4. Why does a model that is right
# 90 % of the time need a calibrated confidence as well? (8) 5. What does a central difference check, and at which points? (7)
#
# **Next**: this is the last chapter. Go back to chapter 9, where all the claims of all the chapters stand in one table, and run one that
# you doubt. Below: your exercises, and all claims of section 10 in the five articles.

# %%
progress(10)
claims.table(chapter=10, evidence=True)
