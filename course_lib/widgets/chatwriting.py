"""How `ChatLab` writes: messages of the browser come in, tokens go out as a thread makes them, 30 times a second."""

from __future__ import annotations

import time
from dataclasses import astuple

from .chatwords import dropped, score
from .lookback import MOST, attention, effect, readable
from .nexttoken import label
from .plain import ANY, describe, jsonable

HERTZ = 30
MESSAGES = ("say", "one", "pick", "fork", "branch", "guess", "fetch", "attend")


class Writing:
    """Mixed into `ChatLab`: everything between a message and its tokens."""

    # -- messages of the browser -----------------------------------------------------------------------------------
    def _dispatch(self, message):
        for name in MESSAGES:
            if name in message:
                return getattr(self, f"_{name}")(message[name])
        return super()._dispatch(message)

    def _say(self, text, steps=None):
        if self.loop.running:
            raise RuntimeError("the reply is still being written: press Stop first")
        self.stop()
        turn = self.talk.begin(text)
        self._note({"say": turn.text})
        self._begin(turn, steps)

    def _one(self, text):
        self._say(text, 1)

    def _begin(self, turn, steps=None):
        """Start a reply; where a hand is to choose or guess its tokens, only let the model read the prompt."""
        self._write(turn, 0 if self._state["sampler"] or self._state["guess"] else steps)

    def _pick(self, token):
        turn = self._open_turn()
        self._note({"pick": self._checked(token)})
        self._write(turn, 1, token)

    def _fork(self, where):
        key, place, token = where
        self.stop()
        turn = self.talk.turn(key)
        self._checked(token)
        self.talk.branch(turn, place)
        self._note({"fork": [place, token]})
        self._write(turn, 1 if self._state["sampler"] else None, token)

    def _checked(self, token):
        if type(token) is not int or not 0 <= token < len(self.chat.tokenizer):
            raise ValueError(f"there is no token {token!r}; ids go from 0 to {len(self.chat.tokenizer) - 1}")
        return token

    def _branch(self, step):
        """Show the next (1) or the last (-1) of the ways in which the newest message was answered."""
        self.stop()
        turn = self.talk.turns[-1]
        turn.active = (turn.active + step) % len(turn.replies)
        self._turn, self._head, self._offer = turn, None, None
        self.talk.remember()
        self._tell_turn(turn)

    def _guess(self, text):
        turn = self._open_turn()
        if self._offer is None:
            raise ValueError("there is nothing to guess yet: send a message first")
        self.guesses.append(score(self._offer, self.chat.tokenizer, text))
        self._write(turn, 1)

    def _fetch(self, keys):
        for turn in self.talk.turns:
            if turn.key in keys:
                self._tell_turn(turn)

    def _attend(self, where):
        self._looking.put({"set": {"at": where}})

    # -- writing ---------------------------------------------------------------------------------------------------
    def _write(self, turn, steps=None, token=None):
        """Write so many tokens (all: None) in the background, the first of them chosen if ``token`` is given."""
        head = self._head if self._turn is turn and self._offer is not None else None
        if head is not None and head.ids != turn.ids + turn.reply.ids:
            head = None
        turn.reply.ended = ""
        self._turn, self._head, self._offer = turn, None, None
        self._tell_turn(turn)
        self.loop.start(lambda over: self._run(over, turn, turn.reply, head, steps, token))

    def _run(self, over, turn, reply, head, steps, chosen):
        """The task: looks at ``over`` before it keeps anything, and holds the lock only then."""
        begun = time.perf_counter()
        head = head or self.talk.head(turn, reply)
        while steps != 0 and not reply.ended and not over.is_set():
            token, sampling = self.talk.next(head, reply, chosen)
            token.ms = 1e3 * (time.perf_counter() - begun)
            with self._lock:
                if over.is_set():
                    return
                self.talk.add(reply, token, sampling)
                self._tell_token(turn, reply, token)
            begun, chosen, steps = time.perf_counter(), None, None if steps is None else steps - 1
            if not reply.ended:
                head.take(token.id)
        offer = None if reply.ended else head.offer(self.chat.sampling)
        with self._lock:
            if not over.is_set():
                self._head, self._offer = (head, offer) if offer else (None, None)

    def _finished(self):
        with self._lock:
            self.talk.remember()
            if self.chat.stop:  # a stop text has cut what the page already shows
                self._tell_turn(self._turn)
            self.publish()

    def _failed(self, error):
        with self._lock:
            self.error, self._turn.reply.ended = describe(error), "error"

    # -- to the browser --------------------------------------------------------------------------------------------
    def _tell(self, content):
        self.send(jsonable(content))
        if self.comm is not None:
            vars(self.comm).pop("_reply_subshell_id", None)  # see Lab.publish

    def _tell_turn(self, turn):
        self._flush()
        records = [astuple(token) for token in turn.reply.tokens]
        self._tell({"turn": turn.key, "reply": turn.reply.key, "text": turn.text, "plain": turn.reply.plain,
                    "dropped": dropped(turn.dropped), "records": records})  # fmt: skip

    def _tell_token(self, turn, reply, token):
        """Send the tokens that have come, at most 30 times a second; the first one at once."""
        self._waiting.append((turn.key, reply.key, len(reply.tokens) - 1, astuple(token)))
        if time.perf_counter() >= self._due:
            self._flush()

    def _flush(self):
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._due = time.perf_counter() + 1 / HERTZ
            key, reply, place, _ = waiting[0]
            self._tell({"tokens": key, "reply": reply, "from": place, "records": [w[3] for w in waiting],
                        "status": self._status()})  # fmt: skip

    def _look(self, key, place):
        """Answer a question about a token: attention first, then what leaving tokens out changes (it takes longer)."""
        try:
            turn = self.talk.turn(key)
            reply, ids = turn.reply, (turn.ids + turn.reply.ids)[: len(turn.ids) + place]
            self._decoder = self._decoder or readable(self.chat.model)
            if self._decoder is None:
                raise TypeError(f"a {type(self.chat.model).__name__} does not show its attention")
            self._tell_attention(turn, reply, place, ids)
        except (*ANY, KeyboardInterrupt) as error:  # an answer that cannot be given must not end the widget
            self._tell({"attention": [key, place], "failed": describe(error)})

    def _tell_attention(self, turn, reply, place, ids):
        weights = attention(self._decoder, ids)
        places = sorted(weights.argsort()[::-1][:MOST].tolist())
        rows = [[i, label(self.chat.tokenizer, ids[i]), float(weights[i]), None] for i in places]
        answer = {"attention": [turn.key, place], "reply": reply.key, "rows": rows,
                  "rest": max(0.0, 1 - sum(row[2] for row in rows))}  # fmt: skip
        self._tell(answer)
        if place < len(reply.tokens) and not self._looking.busy():
            changes = effect(self._decoder, ids, reply.ids[place], places, self._looking.busy)
            if changes is not None:
                for row, change in zip(rows, changes, strict=True):
                    row[3] = float(change)
                self._tell(answer)
