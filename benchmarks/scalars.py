"""A scalar autograd engine in micrograd's style, as a peer: one Python object per number."""

import math
import random
from itertools import pairwise


class Value:
    """A number that remembers how it was made."""

    def __init__(self, data, parents=(), local=()):
        self.data, self.grad, self.parents, self.local = data, 0.0, parents, local

    def __add__(self, other):
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def relu(self):
        """max(0, x)."""
        return Value(max(0.0, self.data), (self,), (float(self.data > 0),))

    def exp(self):
        """eˣ."""
        y = math.exp(self.data)
        return Value(y, (self,), (y,))

    def log(self):
        """Natural logarithm."""
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def backward(self):
        """Fill the gradients of all that this number depends on."""
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((p, False) for p in node.parents)
        self.grad = 1.0
        for node in reversed(order):
            for parent, local in zip(node.parents, node.local, strict=True):
                parent.grad += local * node.grad


def scalar_step(data, sizes):
    """Return a function that trains on one sample (forward, backward, one gradient step) and returns its loss."""
    rng = random.Random(0)
    layers = [
        [[Value(rng.uniform(-1, 1) / math.sqrt(n)) for _ in range(n + 1)] for _ in range(m)]
        for n, m in pairwise(sizes)
    ]
    x, label = [Value(float(v)) for v in data.x_train[0]], int(data.y_train[0])

    def step():
        h = x
        for depth, layer in enumerate(layers):
            h = [sum((w * v for w, v in zip(row[1:], h, strict=True)), row[0]) for row in layer]
            h = [v.relu() for v in h] if depth < len(layers) - 1 else h
        total = sum((v.exp() for v in h), Value(0.0))
        loss = total.log() + h[label] * Value(-1.0)
        loss.backward()
        for layer in layers:
            for row in layer:
                for w in row:
                    w.data, w.grad = w.data - 1e-3 * w.grad, 0.0
        return loss.data

    return step
