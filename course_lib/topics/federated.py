"""Federated averaging: clients train on their own data, the server averages weights and sees no sample."""

import numpy as np


def weighted_mean(states, counts) -> dict:
    """Mean of the clients' state dicts, each weighted by its number of samples. McMahan et al., AISTATS 2017.

    Parameters
    ----------
    states : list of dict of name → array
    counts : list of int
    """
    if not states or len(states) != len(counts) or not sum(counts) > 0:
        raise ValueError(f"weighted_mean: {len(states)} states and {len(counts)} counts; needs one count for each, "
                         "not all 0")  # fmt: skip
    share = np.asarray(counts, float) / sum(counts)
    mean = lambda name: sum(w * s[name] for w, s in zip(share, states, strict=True))  # noqa: E731
    return {name: mean(name).astype(states[0][name].dtype) for name in states[0]}


def by_class(labels, clients: int) -> list[np.ndarray]:
    """Indices for each client, sorted by class: as non-iid as it gets (McMahan et al. call it pathological)."""
    labels = np.asarray(labels)
    if not 1 <= clients <= len(labels):
        raise ValueError(f"by_class: clients must lie in 1..{len(labels)}, got {clients}")
    return np.array_split(np.argsort(labels, kind="stable"), clients)


def federated_averaging(model, clients, train, rounds: int) -> list[dict]:
    """`rounds` times: every client trains a copy, the server takes the weighted mean. Returns the state after each.

    Parameters
    ----------
    model : Module
        Changed: it holds the average at the end.
    clients : list of (x, y)
    train : callable
        (model, x, y, round) → None, trains the model in place.
    """
    history = []
    for number in range(rounds):
        start, states = model.state_dict(), []
        for x, y in clients:
            model.load_state_dict(start)
            train(model, x, y, number)
            states.append(model.state_dict())
        model.load_state_dict(weighted_mean(states, [len(y) for _, y in clients]))
        history.append(model.state_dict())
    return history
