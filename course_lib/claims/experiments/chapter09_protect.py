"""What protects data, and against what."""

import numpy as np

from course_lib import losses, nn, optim
from course_lib.autograd import Tensor
from course_lib.claims.evidence import Evidence
from course_lib.claims.experiments.digit_nets import accuracy, digits
from course_lib.data.tables import titanic
from course_lib.topics import attacks, federated, privacy, pseudonym
from course_lib.training import Trainer


def _epoch(model, x, y, number):
    Trainer(model, optim.SGD(model.parameters(), lr=0.5), losses.cross_entropy, (x, y), batch_size=32, seed=number,
            metrics={}).run(1)  # fmt: skip


def security():
    """Federated averaging learns, noise hides a person; and yet a gradient is its sample, and pixels can be moved."""
    data, model = digits(), nn.Sequential(nn.Linear(64, 10, rng=np.random.default_rng(0)))
    rows = np.array_split(np.arange(len(data.y_train)), 5)
    clients = [(data.x_train[i], data.y_train[i]) for i in rows]
    federated.federated_averaging(model, clients, _epoch, rounds=10)
    learned = accuracy(model, data.x_test, data.y_test)
    model.zero_grad()
    losses.cross_entropy(model(Tensor(data.x_test[:1])), data.y_test[:1]).backward()
    error = np.abs(attacks.invert_linear(model[0].weight.grad, model[0].bias.grad) - data.x_test[0]).max()
    fooled = accuracy(model, attacks.fgsm(model, data.x_test, data.y_test, 0.1), data.y_test)
    values, rng = np.random.default_rng(1).random(1000), np.random.default_rng(0)
    noise = np.mean([abs(privacy.laplace_mean(values, 1.0, rng) - values.mean()) for _ in range(500)])
    return Evidence(
        f"five clients learn to {learned:.2f} accuracy without pooling their data, and noise of {noise:.0e} hides "
        "one of 1,000; but "
        f"one sample's gradient gives the sample back, and moving pixels by 0.1 leaves {fooled:.2f}.",
        said={"averaging learns": learned > 0.85, "a private mean stays useful": 1e-4 < noise < 0.01},
        gap={"the gradient is the sample": error < 1e-3, "none of it stops a moved picture": fooled < learned - 0.2},
        right={"each answers its own threat": learned > 0.85 and error < 1e-3},
        numbers={"federated": round(learned, 2), "adversarial": round(fooled, 2)},
    )


def pseudonyms():
    """The Titanic's names as codes: an attacker has the passenger list, but not the key."""
    table = titanic()
    names = sorted(set(table["name"]))
    codes = {key: [pseudonym.pseudonym(name, key) for name in names] for key in (b"", b"kept in a safe")}
    bare = pseudonym.dictionary_attack(codes[b""], names)
    keyed = pseudonym.dictionary_attack(codes[b"kept in a safe"], names)
    known = ~np.isnan(table["age"])
    alone = pseudonym.unique_share(zip(table["class"][known], table["age"][known], table["sex"][known], strict=True))
    return Evidence(
        f"of {len(names):,} names the list recovers {bare:,} from bare hashes and {keyed} from keyed ones; class, "
        "age and sex "
        f"alone still single out {alone:.0%} of the passengers of known age.",
        said={"control of the key keeps the names": keyed == 0},
        right={"a hash without a key keeps nothing": bare == len(names), "and other columns tell on many": alone > 0.1},
        numbers={"bare": bare, "keyed": keyed, "unique": alone},
    )
