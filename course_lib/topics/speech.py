"""Speech (语音), as a toy: telephone keys as pairs of tones, made and recognised with formulas alone.

A key of a telephone sounds as two sine waves at once, a low one for its row and a high one for its column (DTMF, ITU-T
Recommendation Q.23). Text → sound → text is a whole chain of synthesis and recognition, with its error rate; but there
is no speaker, no accent, no grammar: nothing here says how well speech is recognised.
"""

import numpy as np

from course_lib.metrics import share_interval

RATE = 8000  # samples per second, a telephone's
LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)  # Hz
KEYS = "123A456B789C*0#D"  # row by row
TONE, PAUSE = 320, 160  # samples: 40 ms and 20 ms


def synthesise(text: str, pitch: float = 1.0) -> np.ndarray:
    """The sound of the keys, one after the other, each followed by a pause: (len(text)·480,) in [-1, 1].

    x_t = ½ sin(2π f_low t / rate) + ½ sin(2π f_high t / rate). `pitch` multiplies all frequencies: another "speaker".
    """
    if wrong := [c for c in text if c not in KEYS]:
        raise ValueError(f"synthesise: keys are {KEYS}, got {wrong[0]!r}")
    t = 2 * np.pi * pitch * np.arange(TONE) / RATE
    silence = np.zeros(PAUSE)
    parts = [(np.sin(LOW[k // 4] * t) / 2 + np.sin(HIGH[k % 4] * t) / 2, silence) for k in map(KEYS.index, text)]
    return np.concatenate([piece for part in parts for piece in part]) if parts else np.zeros(0)


def add_noise(sound: np.ndarray, snr: float, rng) -> np.ndarray:
    """Add white noise, `snr` decibels below the tone: 10·log₁₀(power of the tone / power of the noise) = snr.

    The tone's power is that of two sine waves of height ½, 1/4; the pauses do not count.
    """
    return sound + rng.normal(0, np.sqrt(0.25 / 10 ** (snr / 10)), sound.shape)


def goertzel(x: np.ndarray, frequency: float) -> np.ndarray:
    """|Σ_t x_t e^(-iωt)|², ω = 2π·frequency / rate, by s_t = x_t + 2cos ω·s_{t-1} - s_{t-2}: two numbers of memory.

    The power is s_T² + s_{T-1}² - 2cos ω·s_T·s_{T-1} after the last sample. Goertzel, American Mathematical Monthly
    65(1), 1958.

    Parameters
    ----------
    x : array, (..., T)
    frequency : float
        Hz.
    """
    twice = 2 * np.cos(2 * np.pi * frequency / RATE)
    before = last = np.zeros(np.shape(x)[:-1])
    for sample in np.moveaxis(np.asarray(x, float), -1, 0):
        before, last = last, sample + twice * last - before
    return last**2 + before**2 - twice * last * before


def decode(sound: np.ndarray) -> str:
    """The key of the strongest low and the strongest high tone in each stretch of 480 samples.

    It is told where every key begins. Finding that, and that nothing was pressed, is left out.
    """
    if sound.ndim != 1 or len(sound) % (TONE + PAUSE):
        raise ValueError(f"decode: expected a multiple of {TONE + PAUSE} samples, got shape {sound.shape}")
    tones = sound.reshape(-1, TONE + PAUSE)[:, :TONE]  # (keys, 320)
    rows, columns = (np.argmax([goertzel(tones, f) for f in group], 0) for group in (LOW, HIGH))
    return "".join(KEYS[4 * i + j] for i, j in zip(rows, columns, strict=True))


def heard_right(text: str, heard: str) -> np.ndarray:
    """Key by key, whether what was sent was heard: Booleans. Nothing can be added or lost here, only confused."""
    if len(text) != len(heard):
        raise ValueError(f"heard_right: {len(text)} keys were sent and {len(heard)} heard")
    return np.array([a == b for a, b in zip(text, heard, strict=True)], bool)


def accuracy_by_noise(snrs=(10, 0, -5, -10, -15, -20, -30), n=400, seed=0) -> dict[float, tuple]:
    """Round trips of n random keys through noise.

    Returns
    -------
    dict of snr → (accuracy, low, high)
        With the 95 % interval of a share of n. Chance is 1/16; the round trip's error rate is 1 - accuracy.
    """
    rng = np.random.default_rng(seed)
    text = _random_keys(rng, n)
    clean = synthesise(text)
    return {snr: share_interval(heard_right(text, decode(add_noise(clean, snr, rng)))) for snr in snrs}


def accuracy_by_pitch(pitches=(1.0, 1.01, 1.02, 1.03, 1.05, 1.1), n=400, seed=0) -> dict[float, tuple]:
    """The failure: without any noise, but from a "speaker" whose voice is a little higher."""
    text = _random_keys(np.random.default_rng(seed), n)
    return {pitch: share_interval(heard_right(text, decode(synthesise(text, pitch)))) for pitch in pitches}


def _random_keys(rng, n):
    return "".join(rng.choice(list(KEYS), n))

