"""Model cards against what the articles say of dates, sizes and kinds of input."""

from course_lib.claims.evidence import Evidence
from course_lib.topics.cards import cards, count_parameters

NAMED = ("bert-base", "bert-large", "t5-small", "t5-11b", "gpt3")


def modalities():
    """What goes into GPT-3, BERT and T5, and what into the models that moved vision and recommendation."""
    all_cards = cards()
    text = {all_cards[id].input for id in NAMED}
    vision = sorted((c for c in all_cards.values() if "image" in c.input), key=lambda c: c.date)
    other = [c for c in all_cards.values() if c.input in ("ratings", "clicks")]
    return Evidence(
        f"GPT-3, BERT and T5 take {' and '.join(text)}; the cards for images run from {vision[0].name} "
        f"({vision[0].year}) to {vision[-1].name} ({vision[-1].year}), those for recommendation from {other[0].name} "
        f"({other[0].year}) on.",
        said={"GPT-3 or BERT takes images": any("image" in i for i in text)},
        right={"they take text and nothing else": text == {"text"},
               "vision moved before them": vision[0].date < all_cards["bert-base"].date},
        numbers={"cards": len(all_cards), "for images": len(vision), "for recommendation": len(other)},
    )  # fmt: skip


def timeline():
    """Sort the models by date."""
    date = {id: card.date for id, card in cards().items()}
    order = sorted(("chatglm-6b", "bert-base", "gpt2-xl", "gpt3", "gpt1", "transformer"), key=date.get)
    return Evidence(
        "in order: " + ", ".join(f"{cards()[id].name} {date[id]}" for id in order) + ".",
        said={
            "GPT-3 is of 2018": date["gpt3"][:4] == "2018",
            "BERT and GPT-2 come after GPT-3": min(date["bert-base"], date["gpt2-xl"]) > date["gpt3"],
            "a large language model of the 1990s": any(
                d < "2000" for id, d in date.items() if (cards()[id].published or 0) > 1e8
            ),
        },
        right={
            "GPT-1, BERT, GPT-2, GPT-3, ChatGLM": order[1:] == ["gpt1", "bert-base", "gpt2-xl", "gpt3", "chatglm-6b"],
            "the Transformer before all of them": order[0] == "transformer",
        },
        numbers={cards()[id].name: date[id] for id in order},
    )


def rise():
    """When did neural networks win, and in which field?"""
    date = {id: card.date for id, card in cards().items()}
    return Evidence(
        f"AlexNet {date['alexnet']}, word2vec {date['word2vec']}, sequence to sequence {date['seq2seq']}, BERT "
        f"{date['bert-base']}: the fields followed one another over six years.",
        said={"all of it in this century": min(date[id] for id in ("alexnet", "word2vec", "bert-base")) > "2000"},
        gap={"vision came first, language later":
             date["alexnet"] < date["word2vec"] < date["seq2seq"] < date["bert-base"]},
        right={"LSTM and LeNet are older than that": max(date["lstm"], date["lenet5"]) < "2000"},
        numbers={"years from AlexNet to BERT": cards()["bert-base"].year - cards()["alexnet"].year},
    )


def gpt3_size():
    """Count GPT-3, and look for a larger model of its year."""
    gpt3 = cards()["gpt3"]
    before = [c for c in cards().values() if c.date <= gpt3.date and c is not gpt3 and c.parameters]
    counted, largest = gpt3.parameters, max(before, key=lambda c: c.parameters)
    gshard = cards()["gshard"]
    return Evidence(
        f"counted, GPT-3 has {counted:,} parameters, {counted / largest.parameters:.1f} times {largest.name}; "
        f"{gshard.name} ({gshard.date}) reports {gshard.published / 1e9:.0f} billion, of which a token uses "
        "few.",
        said={"larger than every card before it": counted > largest.parameters},
        gap={"not more than 175 billion": counted < 175e9,
             "a larger sparse model within months": gshard.published > counted},
        right={"174.6 billion": round(counted / 1e9, 1) == 174.6, "published as 175": gpt3.published == 175e9},
        numbers={"counted": counted, "published": gpt3.published},
    )


def ranges():
    """Do the printed ranges hold the models that they are printed for?"""
    size = {cards()[id].name: cards()[id].parameters for id in (*NAMED, "gpt1", "gpt2-xl")}
    inside = {
        "S2, Chinese (1 to 20 billion)": (1e9, 2e10), "S2, English (0.1 to 9.9 billion)": (1e8, 9.9e9),
        "S3, Chinese (trillions)": (1e12, 1e14), "S3, English (billions)": (1e9, 1e12),
    }  # fmt: skip
    hits = {name: sum(lo <= n < hi for n in size.values()) for name, (lo, hi) in inside.items()}
    return Evidence(
        f"from {min(size.values()) / 1e9:.2f} to {max(size.values()) / 1e9:.0f} billion; of {len(size)} models "
        + ", ".join(f"{n} lie within {name}" for name, n in hits.items()) + ".",
        said={f"all within {name}": n == len(size) for name, n in hits.items()},
        right={"they span more than a thousandfold": max(size.values()) > 1000 * min(size.values()),
               "none has a trillion": max(size.values()) < 1e12},
        numbers=size,
    )  # fmt: skip


def cases():
    """S2's only cases of success are three names: which of them are firms, and which are models?"""
    named = {"OpenAI": None, "BERT": "bert-base", "T5": "t5-11b"}
    models = [name for name, id in named.items() if id in cards()]
    return Evidence(
        f"of the three names {' and '.join(models)} are models, published by Google; one is a firm, and nothing is "
        "told of it.",
        said={"the three names are firms": not models},
        right={"two are models": len(models) == 2},
        numbers={"named": len(named), "models": len(models)},
    )


def acronyms():
    """What the letters stand for, and what the missing word decides."""
    full = {"GPT": "Generative Pre-trained Transformer",
            "BERT": "Bidirectional Encoder Representations from Transformers"}
    printed = {"GPT": "generative pre-trained model", "BERT": "bidirectional encoder representation model"}
    missing = [name for name in full if "transformer" in full[name].lower() and "transformer" not in printed[name]]
    d, d_ff = 768, 3072
    block = count_parameters("gpt", vocab=0, context=0, d=d, layers=1, final_norm=False)
    return Evidence(
        f"the word Transformer is dropped from {' and '.join(missing)}; it is what counts their parameters: a block of "
        f"width {d} has {block:,}.",
        said={"the first words are right": all(printed[n].split()[0] == full[n].split()[0].lower() for n in full)},
        gap={"the T is missing in both": missing == ["GPT", "BERT"]},
        right={"12 d² + 13 d parameters a block": block == 12 * d * d + 13 * d and d_ff == 4 * d},
        numbers={"parameters of a block": block},
    )
