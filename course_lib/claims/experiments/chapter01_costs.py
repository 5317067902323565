"""What training and use cost, computed from stated assumptions."""

import numpy as np

from course_lib.claims.evidence import Evidence, close
from course_lib.topics import cost
from course_lib.topics.cards import cards, count_parameters

DIGITS = count_parameters("layers", layers=[[64, 64], [64, 64], [64, 10]])  # S3's network: 8,970


def barrier():
    """GPT-3 from nothing, the same model fine-tuned or asked once, and the digits network."""
    gpt3 = cards()["gpt3"]
    full = cost.train_flops(gpt3.published, gpt3.tokens)
    usd = cost.train_cost(gpt3.published, gpt3.tokens, cost.A100, 0.4)
    tuned = cost.train_flops(7e9, 10e6)  # seven billion open weights, ten million tokens
    answer = cost.inference_flops(gpt3.published, 500)
    small = cost.train_flops(DIGITS, 10 * 1437)
    return Evidence(
        f"GPT-3 from nothing takes {full:.3g} FLOPs, about {usd / 1e6:.1f} million dollars on A100s at 2 dollars an "
        f"hour and 40 % utilisation; fine-tuning 7 billion weights on ten million tokens {full / tuned:,.0f} times "
        f"less, an answer of 500 tokens {full / answer:.1g} times less, the digits network {full / small:.0g} times "
        "less.",
        said={"from nothing it costs more than a million dollars": usd > 1e6},
        gap={"fine-tuning and asking are other orders of magnitude": full > 1e4 * tuned > 1e4 * answer},
        right={"6·N·D is 3.15e23 for GPT-3": close(full / 1e23, 3.15),
               "the digits network: 13 orders less": full > 1e13 * small},
        numbers={"dollars": usd, "digits parameters": DIGITS},
    )


def falling():
    """A fixed ability gets cheaper with better hardware; the largest run gets dearer all the same."""
    years = 7
    halving = 12 * years / np.log2(44)  # Hernandez & Brown: 44 times in seven years
    order = ("bert-large", "t5-11b", "gpt3", "palm")
    runs = {id: cost.train_flops(cards()[id].parameters, cards()[id].tokens) for id in order}
    price = {gpu.name: gpu.usd_per_hour / gpu.peak for gpu in (cost.V100, cost.A100, cost.H100)}
    cheaper = price[cost.V100.name] / price[cost.H100.name]
    ordered = sorted(runs.values())
    return Evidence(
        f"a FLOP on an H100 costs {cheaper:.1f} times less than on a V100 (assumed rents), and 44 times in 7 years is "
        f"a halving every {halving:.0f} months; but PaLM's run takes {runs['palm'] / runs['bert-large']:,.0f} times "
        "the FLOPs of BERT-large's.",
        said={"the same arithmetic gets cheaper": cheaper > 2},
        gap={"the largest runs get dearer":
             list(runs.values()) == ordered and runs["palm"] > 1000 * runs["bert-large"]},
        right={"16 months to halve": round(halving) == 15 or round(halving) == 16},
        numbers={"FLOPs": list(runs.values()), "months to halve": halving},
    )


def capital():
    """If funding is spread as firm sizes often are, what does the mean say about the typical firm?"""
    funding = np.random.default_rng(0).pareto(1.2, size=10_000) + 1
    top = np.sort(funding)[-100:].sum() / funding.sum()
    mean, median = funding.mean(), np.median(funding)
    return Evidence(
        f"in a heavy-tailed sample of 10,000 firms the mean is {mean / median:.1f} times the median, and one firm in a "
        f"hundred holds {top:.0%}: a total says nothing about one founder.",
        said={"the sum is large": funding.sum() > 10_000},
        gap={"the typical firm gets far less than the mean": median < 0.6 * mean},
        right={"one in a hundred holds a fifth or more": top > 0.2},
        numbers={"mean": mean, "median": median, "share of the top hundredth": top},
    )


def data_intensive():
    """Tokens per parameter, then and now."""
    ratio = {id: cards()[id].tokens / cards()[id].published for id in ("gpt3", "chinchilla", "smollm2-135m")}
    labelled, pretraining = 1797, cards()["gpt3"].tokens
    return Evidence(
        f"GPT-3 read {pretraining / 1e9:.0f} billion tokens, {ratio['gpt3']:.1f} for each parameter; Chinchilla "
        f"{ratio['chinchilla']:.0f}, SmolLM2 {ratio['smollm2-135m']:,.0f}.",
        said={"pre-training needs fewer data than a classical data set": pretraining < labelled},
        right={"20 tokens per parameter are best": close(ratio["chinchilla"], cost.compute_optimal_tokens(1), 6),
               "later models read more per parameter": ratio["smollm2-135m"] > ratio["chinchilla"] > ratio["gpt3"]},
        numbers=ratio,
    )  # fmt: skip


def unit_economics():
    """One product, two ways to serve it: the margin per request, and where building beats buying."""
    api, own, fixed = 0.004, 0.001, 60_000.0
    many = cost.break_even_requests(fixed, own, api)
    margin = cost.margin_per_request(0.01, 1500, 2.0, other=0.002)
    loss = cost.margin_per_request(0.01, 6000, 2.0, other=0.002)
    return Evidence(
        f"at 1,500 tokens a request leaves {margin * 100:.1f} cents, at 6,000 tokens {loss * 100:.1f}; with "
        f"{fixed:,.0f} dollars of fixed cost building pays after {many / 1e6:.0f} million requests.",
        said={"cost decides: longer answers turn a gain into a loss": margin > 0 > loss},
        gap={"the place to stand is a number of requests": 1e6 < many < 1e9},
        right={"fixed / (api - own)": close(many, 2e7, 3), "never, if one's own request costs as much":
               cost.break_even_requests(fixed, api, api) == np.inf},
        numbers={"margin": margin, "break-even": many},
    )  # fmt: skip


def size():
    """Four ways to call a model large, and two models that they order differently."""
    t5, gpt3, small = (cards()[id] for id in ("t5-11b", "gpt3", "smollm2-135m"))
    more_parameters, more_tokens = gpt3.parameters > small.parameters, small.tokens > gpt3.tokens
    memory = cost.training_bytes(gpt3.parameters, 2) / 1e12
    return Evidence(
        f"GPT-3 has {gpt3.parameters / small.parameters:,.0f} times SmolLM2's parameters and "
        f"{small.tokens / gpt3.tokens:.1f} times fewer training tokens; to train it takes {memory:.1f} TB for weights, "
        "gradients and Adam.",
        said={"many parameters: GPT-3 above T5": gpt3.parameters > t5.parameters},
        gap={"by another measure the order turns round": more_parameters and more_tokens},
        right={"16 bytes a parameter in training": close(memory, 16 * gpt3.parameters / 1e12)},
        numbers={"terabytes": memory},
    )
