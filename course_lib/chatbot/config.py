"""The shape of a decoder-only transformer. No PyTorch here: the NumPy decoder reads it too."""

from dataclasses import asdict, dataclass, fields

POSITIONS, NORMS = ("learned", "rotary"), ("layer", "rms")
ACTIVATIONS = ("gelu", "gelu_tanh", "swiglu")
ATTENTION = ("auto", "sdpa", "plain")
OPTIONAL = ("n_kv_head", "d_head", "d_ff")
LIMITS = {"n_layer": 1_000, "block_size": 1 << 20}  # tables and loops depend on these: a file must not ask for more


@dataclass(frozen=True)
class Config:
    """What a `Transformer` is made of. The defaults are Llama's parts; `gpt2_style` has GPT-2's.

    Attributes
    ----------
    vocab_size : int
    block_size : int
        The longest sequence, in tokens.
    n_layer, n_head, d_model : int
    n_kv_head : int, optional
        Heads of keys and values: n_head by default; fewer is grouped-query attention (Ainslie et al., EMNLP 2023).
    d_head : int, optional
        d_model / n_head by default.
    d_ff : int, optional
        Width of the feed-forward layer: 4·d_model by default, 8/3·d_model for SwiGLU (Shazeer, 2020), rounded up to
        a multiple of 32.
    position : {"rotary", "learned"}
    norm : {"rms", "layer"}
    activation : {"swiglu", "gelu", "gelu_tanh"}
    bias : bool
        Whether linear layers and layer norms have one.
    tied : bool
        Whether the output layer is the embedding, transposed (Press & Wolf, EACL 2017).
    rope_base, norm_eps, dropout : float
    attention : {"auto", "sdpa", "plain"}
        How attention is computed, not what: PyTorch's fused function, matrix products, or whichever is faster.
    """

    vocab_size: int
    block_size: int = 256
    n_layer: int = 4
    n_head: int = 4
    d_model: int = 128
    n_kv_head: int | None = None
    d_head: int | None = None
    d_ff: int | None = None
    position: str = "rotary"
    norm: str = "rms"
    activation: str = "swiglu"
    bias: bool = False
    tied: bool = True
    rope_base: float = 10000.0
    norm_eps: float = 1e-5
    dropout: float = 0.0
    attention: str = "auto"

    def __post_init__(self):
        for name in ("vocab_size", "block_size", "n_layer", "n_head", "d_model", "n_kv_head", "d_head", "d_ff"):
            value = getattr(self, name)
            if name in OPTIONAL and value is None:
                continue
            if type(value) is not int or not 1 <= value <= LIMITS.get(name, value):
                most = f" and at most {LIMITS[name]:,}" if name in LIMITS else ""
                raise ValueError(f"Config: {name} must be a whole number of at least 1{most}, got {value!r}")
        self._fill()
        choices = {"position": POSITIONS, "norm": NORMS, "activation": ACTIVATIONS, "attention": ATTENTION}
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"Config: {name} must be one of {', '.join(allowed)}, got {getattr(self, name)!r}")
        if self.n_head % self.n_kv_head:
            raise ValueError(f"Config: n_head ({self.n_head}) must be a multiple of n_kv_head ({self.n_kv_head})")
        if self.position == "rotary" and self.d_head % 2:
            raise ValueError(f"Config: rotary positions need an even d_head, got {self.d_head}")
        self._check_numbers()

    def _check_numbers(self):
        ranges = {
            "dropout": (lambda v: 0 <= v < 1, "lie in [0, 1)"),
            "norm_eps": (lambda v: 0 < v < 1, "lie in (0, 1)"),
            "rope_base": (lambda v: 1 <= v < float("inf"), "be finite and at least 1"),
        }
        for name, (fine, allowed) in ranges.items():
            value = getattr(self, name)
            if type(value) not in (int, float) or not fine(value):
                raise ValueError(f"Config: {name} must {allowed}, got {value!r}")
        for name in ("bias", "tied"):
            if type(getattr(self, name)) is not bool:
                raise ValueError(f"Config: {name} must be True or False, got {getattr(self, name)!r}")

    def _fill(self):
        """Put numbers where None stands for a default."""
        if self.n_kv_head is None:
            object.__setattr__(self, "n_kv_head", self.n_head)
        if self.d_head is None:
            if self.d_model % self.n_head:
                raise ValueError(f"Config: d_model ({self.d_model}) must be a multiple of n_head ({self.n_head})")
            object.__setattr__(self, "d_head", self.d_model // self.n_head)
        if self.d_ff is None:
            wide = 8 * self.d_model / 3 if self.activation == "swiglu" else 4 * self.d_model
            object.__setattr__(self, "d_ff", -int(-wide // 32) * 32)

    @classmethod
    def gpt2_style(cls, vocab_size: int, **changes) -> "Config":
        """GPT-2's parts: learned positions, LayerNorm, GELU (tanh), biases (Radford et al., 2019)."""
        parts = {"position": "learned", "norm": "layer", "activation": "gelu_tanh", "bias": True}
        return cls(vocab_size, **(parts | changes))

    @classmethod
    def from_dict(cls, values: dict) -> "Config":
        """Undo `to_dict`.

        Raises
        ------
        ValueError
            Naming an entry that is not known, or one that is missing.
        """
        known = {f.name for f in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise ValueError(f"Config: unknown entry {unknown[0]!r}")
        if "vocab_size" not in values:
            raise ValueError("Config: vocab_size is missing")
        return cls(**values)

    def to_dict(self) -> dict:
        """Plain data, for JSON."""
        return asdict(self)
