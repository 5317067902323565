"""The notebooks that the browser tests open: the widget at work on real objects."""

TRAINER = """\
from course_lib import nn, optim, random
from course_lib.data.digits import digits
from course_lib.losses import cross_entropy
from course_lib.training import Trainer

def new_trainer(lr=1e-3):
    random.manual_seed(0)
    data = digits()
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    return Trainer(model, optim.Adam(model.parameters(), lr=lr), cross_entropy, (data.x_train, data.y_train),
                   validation=(data.x_test, data.y_test))
"""

CELLS = {
    "traindeck": (
        TRAINER + "trainer = new_trainer()",
        "from course_lib.widgets import TrainDeck\nlab = deck = TrainDeck(trainer)\ndeck",
    ),
    "gradflow": ("from course_lib.widgets import GradFlow\nlab = flow = GradFlow()\nflow",),
    "optirace": (
        "from course_lib.widgets import OptiRace\nlab = race = OptiRace(printed=True)\nrace",
        "asked = OptiRace(predict=True)\nasked",
    ),
    "claimtable": (
        "from course_lib.widgets import ClaimTable\n"
        "verdicts = 'correct', 'wrong', 'incomplete'\n"
        "rows = [{'id': f'S{i % 3}-{i}', 'article': f'S{i % 3}', 'chapter': i // 10, 'verdict': verdicts[i % 3],\n"
        "         'says': f'<b>claim</b> {i}', 'correction': 'c', 'source': 'A book.' if i % 5 == 4 else ''}\n"
        "        for i in range(45)]\n"
        "lab = table = ClaimTable(rows, lambda id: f'<i>{id}</i> holds.')\ntable",
    ),
    "chatlab": (
        "import time\n"
        "class Slow:\n"
        "    # the model, 40 ms for every token\n"
        "    def __init__(self, model): self.model, self.config = model, model.config\n"
        "    def session(self, prompts, room): self.inner = self.model.session(prompts, room); return self\n"
        "    logits = property(lambda self: self.inner.logits)\n"
        "    def step(self, tokens): time.sleep(0.04); return self.inner.step(tokens)\n",
        "from course_lib.widgets import ChatLab\nlab = talk = ChatLab()\nlab",
    ),
}
