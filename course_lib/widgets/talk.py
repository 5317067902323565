"""A conversation token by token: what was offered at each step, what was taken, and the other ways a reply has gone."""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass, field

from course_lib.chatbot.sampling import Sampling
from course_lib.data.dialogue import Pair

from .nexttoken import Head, Offer

MAX_TURNS, MAX_REPLIES = 100, 12


@dataclass
class Token:
    """One step of a reply."""

    id: int
    text: str  # the characters that it completes; "" inside a character and for control tokens
    p: float  # by the model alone
    q: float  # after temperature, top-k and top-p
    entropy: float  # of the model's distribution, bits
    top: list  # [id, label, p, q] of the likeliest, and of this one
    rest: list  # [p, q] of all others together
    by: str = "model"  # or "you"
    ms: float = 0.0


@dataclass
class Reply:
    """One way in which a turn was answered."""

    key: int = 0
    tokens: list[Token] = field(default_factory=list)
    plain: str = ""  # of a reply that was not watched
    ended: str = ""  # "end", "length", "stopped", "error"; "" while it is written
    sampling: Sampling | None = None  # None: the settings changed on the way, or a token was chosen by hand

    @property
    def ids(self) -> list[int]:
        """Ids of its tokens, the end token too."""
        return [token.id for token in self.tokens]

    @property
    def text(self) -> str:
        """The reply as it reads."""
        return self.plain + "".join(token.text for token in self.tokens)


@dataclass
class Turn:
    """What the user said, the prompt that the model read, and the replies."""

    key: int
    text: str
    ids: list[int] = field(default_factory=list)
    dropped: int = 0  # exchanges that did not fit into the prompt
    replies: list[Reply] = field(default_factory=lambda: [Reply()])
    active: int = 0

    @property
    def reply(self) -> Reply:
        """The reply that is shown."""
        return self.replies[self.active]


class Talk:
    """The conversation of a `Chat`, whose ``history`` is kept as it would be by ``chat.reply``."""

    def __init__(self, chat):
        self.chat, self.turns, self._next_key = chat, [], 1
        self._known: list[Pair] = []
        self.first = list(chat.history)
        self.follow()

    # -- the chat's history ----------------------------------------------------------------------------------------
    def pairs(self) -> list[Pair]:
        """Return the exchanges as shown."""
        return [Pair(turn.text, turn.reply.text) for turn in self.turns]

    def remember(self) -> None:
        """Write the exchanges into the chat's history."""
        self.turns = self.turns[-MAX_TURNS:]
        self._known = self.pairs()
        self.chat.history[:] = self._known

    def follow(self) -> None:
        """Take over what was said to the chat elsewhere (``chat.reply``, ``chat.reset``)."""
        history = list(self.chat.history)
        if history == self._known:
            return
        if history[: len(self._known)] != self._known:
            self.turns, self._known = [], []
        for pair in history[len(self._known) :]:
            self._append(Turn(0, pair.prompt, replies=[Reply(plain=pair.reply, ended="end")]))
        self._known = history

    def reset(self) -> None:
        """Go back to the history with which this began."""
        self.chat.history[:] = self.first
        self.turns, self._known = [], []
        self.follow()

    # -- turns -----------------------------------------------------------------------------------------------------
    def begin(self, text: str) -> Turn:
        """Add a turn that waits for its reply; exchanges that do not fit into the prompt are counted."""
        text, history = clean(text, self.chat), self.pairs()
        ids = self.chat.prompt(text, history)
        dropped = 0
        while dropped < len(history) and self.chat.prompt(text, history[dropped + 1 :]) == ids:
            dropped += 1
        return self._append(Turn(0, text, ids, dropped))

    def _append(self, turn):
        turn.key = turn.reply.key = self._number()
        self.turns.append(turn)
        return turn

    def _number(self):
        self._next_key += 1
        return self._next_key - 1

    def turn(self, key: int) -> Turn:
        """Return the turn with this key."""
        for turn in self.turns:
            if turn.key == key:
                return turn
        raise ValueError(f"there is no exchange {key!r} any more")

    def branch(self, turn: Turn, place: int = 0) -> Reply:
        """Begin another reply that shares the first ``place`` tokens; exchanges after this turn are taken away."""
        if not turn.ids:
            raise ValueError("this reply was not written here: say something new first")
        if not 0 <= place <= len(turn.reply.tokens):
            raise ValueError(f"the reply has {len(turn.reply.tokens)} tokens, there is no place {place}")
        del self.turns[self.turns.index(turn) + 1 :]
        reply = Reply(self._number(), turn.reply.tokens[:place])
        if len(turn.replies) == MAX_REPLIES:
            del turn.replies[0]
        turn.replies.append(reply)
        turn.active = len(turn.replies) - 1
        self.remember()
        return reply

    # -- tokens ----------------------------------------------------------------------------------------------------
    def head(self, turn: Turn, reply: Reply) -> Head:
        """Let the model read the prompt and the reply so far."""
        room = self.chat.max_new_tokens - len(reply.tokens)
        return Head(self.chat.model, turn.ids + reply.ids, max(0, room))

    def next(self, head: Head, reply: Reply, chosen: int | None = None) -> tuple[Token, Sampling]:
        """Return the record of the reply's next step, and the settings under which it was drawn; keeps nothing."""
        sampling = self.chat.sampling
        offer = head.offer(sampling)
        if chosen is not None:
            return self._token(reply, offer, chosen, "you"), sampling
        return self._token(reply, offer, head.draw(sampling, len(reply.tokens)), "model"), sampling

    def _token(self, reply: Reply, offer: Offer, chosen: int, by: str) -> Token:
        top, rest = offer.rows(self.chat.tokenizer, chosen)
        text = "" if chosen in self.chat.tokenizer.special.values() else self._completed(reply, chosen)
        return Token(chosen, text, float(offer.p[chosen]), float(offer.q[chosen]), offer.entropy, top, rest, by)

    def _completed(self, reply, chosen):
        """The characters that a token completes: those of Chinese may take several tokens."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        special = set(self.chat.tokenizer.special.values())
        decoder.decode(self.chat.tokenizer.decode_bytes([i for i in reply.ids if i not in special]))
        return decoder.decode(self.chat.tokenizer.decode_bytes([chosen]))

    def add(self, reply: Reply, token: Token, sampling: Sampling) -> None:
        """Keep a token, and see whether the reply ends with it."""
        same = reply.sampling == sampling or not reply.tokens
        reply.sampling = sampling if same and token.by == "model" else None
        reply.tokens.append(token)
        ids = reply.ids
        if any(ids[-len(end) :] == end for end in self.chat.ends):
            reply.ended = "end"
        elif any(stop in reply.text for stop in self.chat.stop):
            _cut(reply, min(reply.text.index(stop) for stop in self.chat.stop if stop in reply.text))
            reply.ended = "end"
        elif len(ids) >= self.chat.max_new_tokens:
            reply.ended = "length"


def _cut(reply, length):
    """Leave only so many characters."""
    for token in reply.tokens:
        token.text = token.text[: max(0, length)]
        length -= len(token.text)


def clean(text, chat) -> str:
    """Return what was typed without spaces at its ends.

    Raises
    ------
    ValueError
        If there is nothing in it, if it holds what is no character, or if it cannot fit into the model.
    """
    if not isinstance(text, str):
        raise TypeError(f"say: expected a text, got {type(text).__name__}")
    limit = chat.model.config.block_size * max(map(len, chat.tokenizer.vocab))
    if len(text) > limit:
        raise ValueError(f"your text has {len(text):,} characters; this model reads {chat.model.config.block_size:,} "
                         "tokens at a time. Shorten it")  # fmt: skip
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise ValueError("there is nothing to send: type a message first")
    for place, character in enumerate(text, 1):
        kind = unicodedata.category(character)
        if kind in ("Cc", "Cs") and character not in "\n\t":
            what = "half of a surrogate pair, no character" if kind == "Cs" else "a control character"
            raise ValueError(f"character {place} of your text is U+{ord(character):04X}, {what}. Remove it")
    return text


def written(chat, text: str, most: int = 24) -> Talk:
    """Return a conversation apart from the chat's own, in which ``text`` is answered with up to ``most`` tokens."""
    talk = Talk(chat)
    turn = talk.begin(text)
    head, reply = talk.head(turn, turn.reply), turn.reply
    while not reply.ended and len(reply.tokens) < most:
        token, sampling = talk.next(head, reply)
        talk.add(reply, token, sampling)
        if not reply.ended and len(reply.tokens) < most:
            head.take(token.id)
    return talk
