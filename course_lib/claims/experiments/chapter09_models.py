"""Sizes, prices and names that the articles' answers give, against model cards and counts."""

import numpy as np

from course_lib import compression, nn
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.digit_nets import trained
from course_lib.topics import cost
from course_lib.topics.cards import cards

NAMED = ("bert-base", "bert-large", "t5-small", "t5-11b", "gpt1", "gpt2-xl", "gpt3")
CHINESE, ENGLISH = (1e9, 1e12), (1e8, 1e10)  # S0: billions to hundreds of billions; hundreds of millions or billions


def _within(bounds):
    return {id for id in NAMED if bounds[0] <= cards()[id].parameters < bounds[1]}


def definition():
    """Which models are large by the Chinese sentence, and which by the English one?"""
    chinese, english = _within(CHINESE), _within(ENGLISH)
    torn = sorted(cards()[id].name for id in chinese ^ english)
    return Evidence(
        f"of {len(NAMED)} models the Chinese range holds {len(chinese)}, the English one {len(english)}; they "
        "disagree on "
        f"{len(torn)}: {', '.join(torn)}.",
        said={"GPT-3 is large by the Chinese range": "gpt3" in chinese,
              "BERT by the English one": "bert-base" in english},
        gap={"the two ranges disagree": len(torn) > 2,
             "size says nothing of what goes in: a ViT is as large as BERT-base and takes images":
             cards()["vit-b16"].input == "images"
             and abs(cards()["vit-b16"].parameters / cards()["bert-base"].parameters - 1) < 0.3},
        right={"the seven span more than a thousandfold":
               cards()["gpt3"].parameters > 1000 * cards()["t5-small"].parameters},
        numbers={cards()[id].name: cards()[id].parameters for id in NAMED},
    )  # fmt: skip


def ranges():
    """Do S2's and S3's ranges hold the models that they name?"""
    size = {id: cards()[id].parameters for id in NAMED}
    inside = {"S2, Chinese": (1e9, 2e10), "S2, English": (1e8, 9.9e9), "S3, Chinese": (1e12, 1e14),
              "S3, English": (1e9, 1e12)}
    hits = {name: sum(lo <= n < hi for n in size.values()) for name, (lo, hi) in inside.items()}
    return Evidence(
        f"of {len(size)} models " + ", ".join(f"{n} lie within {name}" for name, n in hits.items())
        + "; all of them take text and no images.",
        said={f"all within {name}": n == len(size) for name, n in hits.items()},
        right={"none has a trillion": hits["S3, Chinese"] == 0,
               "GPT-3 has 174.6 billion": close(size["gpt3"] / 1e9, 174.6, 1),
               "none takes images": {cards()[id].input for id in NAMED} == {"text"}},
        numbers=hits,
    )  # fmt: skip


def training_cost():
    """GPT-3's arithmetic on the hardware and at the rent of 2020."""
    gpt3, reached = cards()["gpt3"], 28e12
    usd = cost.train_cost(gpt3.published, gpt3.tokens, cost.V100, reached / cost.V100.peak)
    return Evidence(
        f"{cost.train_flops(gpt3.published, gpt3.tokens):.3g} FLOPs on V100s that reach 28 TFLOP/s, at 1.50 dollars "
        "an hour, "
        f"are {usd / 1e6:.1f} million dollars.",
        said={"hundreds of thousands of dollars (Chinese)": 1e5 < usd < 1e6,
              "tens of thousands (English)": 1e4 < usd < 1e5},
        right={"between 4 and 6 million": 4e6 < usd < 6e6},
        numbers={"dollars": usd},
    )  # fmt: skip


def reduce_cost():
    """What quantising and distilling do to parameters, bytes and the arithmetic of training."""
    state = trained().state_dict()
    packed = compression.quantize_state(state)
    before, after = (sum(w.size for w in s.values()) for s in (state, compression.dequantize_state(packed)))
    times = compression.stored_bytes(state) / compression.stored_bytes(packed)
    teacher, student = (cost.train_flops(n, 20 * 1437) for n in (before, before / 8))
    return Evidence(
        f"quantised to 8 bits the network keeps its {after:,} parameters in {times:.1f} times fewer bytes, after the "
        "training "
        f"is paid for; a distilled student needs the teacher's training too, {(teacher + student) / student:.0f} "
        "times its own.",
        said={"quantising leaves fewer parameters": after < before},
        right={"as many parameters": after == before, "about a quarter of the bytes": 3 < times < 4.2,
               "distilling adds training": teacher + student > teacher},
        numbers={"parameters": before, "times fewer bytes": times},
    )  # fmt: skip


def alphago():
    """The weights of AlphaGo's policy network, counted: 48 planes, 192 filters, 13 layers (Silver et al., 2016)."""
    conv = lambda *sizes: nn.Conv2d(*sizes, rng=np.random.default_rng(0))  # noqa: E731
    layers = [conv(48, 192, 5), *(conv(192, 192, 3) for _ in range(11)), conv(192, 1, 1)]
    weights = sum(layer.weight.data.size for layer in layers)
    times = cards()["bert-base"].parameters / weights
    return Evidence(
        f"AlphaGo's policy network has {weights:,} weights, {times:.0f} times fewer than BERT-base; the strength "
        "comes with a "
        "tree search.",
        said={"it is a large model by S0's English range": weights >= ENGLISH[0]},
        right={"3,880,128 weights": weights == 3_880_128},
        numbers={"weights": weights},
    )


def cases():
    """S2's successes: which of the three names is a firm?"""
    known = {card.name.split("-")[0] for card in cards().values()}
    models = [name for name in ("OpenAI", "BERT", "T5") if name in known]
    return Evidence(
        f"of OpenAI, BERT and T5, {' and '.join(models)} are models with a card and a paper from Google; one is a "
        "firm.",
        said={"the three names are firms": not models},
        right={"two are models": models == ["BERT", "T5"]},
        numbers={"models": len(models)},
    )
