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
    "actlab": (
        "import numpy as np\nfrom course_lib import nn, random\nfrom course_lib.data.digits import digits\n"
        "random.manual_seed(0)\n"
        "layers = [layer for _ in range(6) for layer in (nn.Linear(64, 64), nn.Tanh())]\n"
        "model, x = nn.Sequential(*layers, nn.Linear(64, 10)), digits().x_train[:256]",
        "from course_lib.widgets import ActLab\n"
        "def wave(z):\n    return z * (z > 0) + 0.1 * np.sin(3 * z)\n\n"
        "lab = act = ActLab(model, x, own=wave)\nact",
    ),
    "losslab": (
        TRAINER + "model, batch = new_trainer().model, (digits().x_train[:100], digits().y_train[:100])",
        "from course_lib.widgets import LossLab\nlab = loss = LossLab()\nloss",
        "plane = LossLab(model=model, batch=batch)\nplane",
    ),
    "graphstepper": (
        "from course_lib.widgets import GraphStepper\n"
        "def unit(w, x, b):\n    return 0.5 * ((w * x + b).sigmoid() - 1) ** 2\n\n"
        "lab = graph = GraphStepper(unit, {'w': 2.0, 'x': -1.0, 'b': 0.5})\ngraph",
        "square = GraphStepper(lambda a=3.0, b=-2.0: a * a + a * b)\nsquare",
    ),
    "convstep": (
        "import numpy as np\nfrom course_lib import nn, conv\nfrom course_lib.widgets import ConvStep\n"
        "rng = np.random.default_rng(0)\n"
        "model = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2),\n"
        "                      nn.Conv2d(8, 16, 3, padding=1, rng=rng), nn.Flatten(), nn.Linear(256, 10, rng=rng))\n"
        "def mine(image, kernel):\n"
        "    return conv.conv2d(image[None, None], kernel[None, None])[0, 0]",
        "lab = step = ConvStep(model=model, own=mine)\nstep",
    ),
    "gatetape": ("from course_lib.widgets import GateTape\nlab = tape = GateTape()\ntape",),
    "compressdial": ("from course_lib.widgets import CompressDial\nlab = dial = CompressDial()\ndial",),
    "tokenlab": ("from course_lib.widgets import TokenLab\nlab = tokens = TokenLab()\ntokens",),
    "samplelab": (
        "from course_lib.chatbot import load_chat\nfrom course_lib.widgets import SampleLab\nchat = load_chat()\n"
        "lab = sample = SampleLab(chat, 'Tell me a joke.')\nsample",
    ),
    "attnmap": ("from course_lib.widgets import AttnMap\nlab = heads = AttnMap(layer=3, head=2)\nheads",),
    "chatlab": (
        "import time\n"
        "class Slow:\n"
        "    # the model, 100 ms for every token\n"
        "    def __init__(self, model): self.model, self.config = model, model.config\n"
        "    def session(self, prompts, room): self.inner = self.model.session(prompts, room); return self\n"
        "    logits = property(lambda self: self.inner.logits)\n"
        "    def step(self, tokens): time.sleep(0.1); return self.inner.step(tokens)\n",
        "from course_lib.widgets import ChatLab\nlab = talk = ChatLab()\nlab",
    ),
}
