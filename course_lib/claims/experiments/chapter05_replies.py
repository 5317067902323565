"""What the printed chat programs can say: one word, a state that has forgotten, text without an end."""

import numpy as np

from course_lib import losses, nn, recurrent
from course_lib.autograd import Tensor
from course_lib.chatbot import corpus, load_chat
from course_lib.chatbot.bigram import Bigram
from course_lib.chatbot.generation import generate
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.tools import raises

PROMPTS = corpus.FIXED_PROMPTS
PRINTED_REPLY = 12  # words of the reply that S0 shows
H = 32


def one_word():
    """S0's network as printed, with random weights; white space against byte pairs; a model that loops."""
    rng = np.random.default_rng(0)
    layer = nn.Linear(128, 10_000, rng=rng)
    scores = layer(Tensor(rng.normal(size=(1, 128)).astype(np.float32))).data  # a state (1, 128) to (1, V)
    chosen = scores.argmax(-1)
    chat = load_chat("course", max_new_tokens=48)
    reply = chat.tokenizer.encode(chat.reply(PROMPTS[0]))
    pieces = chat.tokenizer.encode(PROMPTS[1])
    spaced = PROMPTS[1].split()
    return Evidence(
        f"one arg-max of {scores.shape} scores is {chosen.size} word, where {PRINTED_REPLY} are shown; split at "
        "spaces, "
        f"the Chinese question is {len(spaced)} token; a loop lets the course's small model say more than one.",
        said={
            "one arg-max can be the reply shown": chosen.size >= PRINTED_REPLY,
            "splitting at spaces finds the words of the Chinese question": len(spaced) > 1,
        },
        right={
            "a loop to the end token gives several tokens": len(reply) > 1,
            "byte pairs divide the Chinese question and give it back": len(pieces) > 1
            and chat.tokenizer.decode(pieces) == PROMPTS[1],
        },
        numbers={"words from one arg-max": chosen.size, "tokens at spaces": len(spaced)},
    )


def post_padding():
    """Distance of the final states of two questions, with padding behind, before, and masked."""
    rng = np.random.default_rng(0)
    weights = [rng.uniform(-1, 1, shape) / np.sqrt(H) for shape in ((4 * H, 16), (4 * H, H), (4 * H,), (4 * H,))]
    two, pad = rng.normal(size=(3, 2, 16)), np.zeros((97, 2, 16))  # (T, B, D): three tokens each
    distance = lambda y: float(np.linalg.norm(y[-2, 0] - y[-2, 1]))  # noqa: E731
    alone = distance(recurrent.lstm(two, None, None, *weights))
    behind = distance(recurrent.lstm(np.concatenate([two, pad]), None, None, *weights))
    before = distance(recurrent.lstm(np.concatenate([pad, two]), None, None, *weights))
    masked = distance(recurrent.lstm(np.concatenate([two, pad]), None, None, *weights, lengths=np.array([3, 3])))
    return Evidence(
        f"the final states of two questions lie {alone:.2g} apart; with 97 steps of padding behind {behind:.0e}, with "
        f"padding in front {before:.2g}, with a mask {masked:.2g}.",
        said={"after 97 steps of padding the question is still there": behind > 0.01 * alone},
        right={
            "a mask changes nothing": close(masked, alone, 9),
            "padding in front leaves the question": before > alone / 2,
        },
        numbers={"no padding": alone, "behind": behind, "in front": before, "masked": masked},
    )


def end_of_text():
    """A bigram model of S1's one training text, with and without an end; and of the other text."""
    train, other = ["Hello", "world"], ["Hello", "TensorFlow"]  # sklearn's split with seed 42, one text each
    words = ["Hello", "world", "TensorFlow", "Paris", "<end>"]
    ids = {word: i for i, word in enumerate(words)}
    with_end, without = (Bigram([[ids[w] for w in train] + end], len(words)) for end in ([4], []))
    said = [generate(m, [[ids["Hello"]]], 18, stop=[[4]])[0] for m in (with_end, without)]
    seen, unseen = (without.nats([[ids[w] for w in text]]) for text in (train, other))
    one = [len(generate(m, [[ids["Hello"]]], 18, stop=[[4]])[0]) for m in (with_end, without)]
    return Evidence(
        f'trained on "Hello world" alone, a model without an end token writes on for all {one[1]} tokens it may; with '
        f"one it stops after {one[0]}. The other text costs {unseen:.2g} nats per token, the one it saw {seen:.2g}.",
        said={
            "without an end in training the text stops after the word": one[1] == 1,
            "one text to train on is enough for the other": unseen <= seen + 0.1,
        },
        right={
            "with an end token it stops": said[0] == [ids["world"]],
            "generate returns new tokens only": one[1] == 18,
        },
        numbers={"new tokens with an end": one[0], "without": one[1], "nats, seen": seen, "nats, unseen": unseen},
    )


def max_length():
    """A limit on prompt and reply together, and one on the reply."""
    model = Bigram([[1, 2, 3, 1, 2, 3]], 4)
    new = {n: len(generate(model, [[1, 2, 3, 1, 2][:n]], 20 - n)[0]) for n in (1, 5)}
    fresh = {n: len(generate(model, [[1, 2, 3, 1, 2][:n]], 20)[0]) for n in (1, 5)}
    return Evidence(
        f"with max_length 20 a prompt of 1 token leaves room for {new[1]} more, one of 5 for {new[5]}; max_new_tokens "
        f"20 gives {fresh[1]} to both.",
        said={"no text is longer than 20 tokens": all(n + k <= 20 for n, k in new.items())},
        gap={"what is limited includes the prompt": new[1] != new[5]},
        right={"max_new_tokens counts the new ones": set(fresh.values()) == {20}},
        numbers={"after 1": new[1], "after 5": new[5]},
    )


def batches():
    """Texts of different length in one array, and what a tokenizer's file holds; the labels of a language model."""
    tokenizer = load_chat("course").tokenizer
    texts = [tokenizer.encode("Hello world"), tokenizer.encode("Hello TensorFlow, how are you?")]
    longest = max(map(len, texts))
    padded = np.array([t + [0] * (longest - len(t)) for t in texts])
    logits, row = np.zeros((longest, len(tokenizer))), np.array(texts[1])
    uniform = float(losses.cross_entropy(logits[:-1], row[1:]))
    kept = [name for name, value in vars(tokenizer).items() if isinstance(value, np.ndarray)]
    identity = float(losses.cross_entropy(50 * np.eye(len(tokenizer))[row], row))  # a model that repeats its input
    shifted = float(losses.cross_entropy(50 * np.eye(len(tokenizer))[row[:-1]], row[1:]))
    return Evidence(
        f"texts of {len(texts[0])} and {len(texts[1])} tokens make no array until a padding id is chosen, and then one "
        f"of {longest} columns, not 128; the tokenizer holds {len(kept)} weight arrays; a model that repeats its input "
        f"has loss {identity:.0f} on unshifted labels, {shifted:.0f} on shifted ones.",
        said={
            "token lists of any length form a batch by themselves": not raises(ValueError, np.array, texts),
            "padding to the longest gives 128": longest == 128,
            "a tokenizer holds model weights": bool(kept),
            "the inputs will do as labels": identity > 1,
        },
        right={
            "with a padding id they do": padded.shape == (2, longest),
            "labels are the inputs, one further": close(uniform, np.log(len(tokenizer)), 6) and shifted > 10,
        },
        numbers={"uniform": uniform, "log V": np.log(len(tokenizer)), "unshifted": identity, "shifted": shifted},
    )
