"""Tones for text and back: a toy with the metrics of speech."""

from course_lib.claims.evidence import Evidence
from course_lib.topics import speech


def recognition():
    """Key tones through noise."""
    found = {snr: share[0] for snr, share in speech.accuracy_by_noise((10, -10, -20, -30), n=300).items()}
    return Evidence(
        f"keys recognised at 10, -10, -20 and -30 decibels: {found[10]:.2f}, {found[-10]:.2f}, {found[-20]:.2f} and "
        f"{found[-30]:.2f} (chance 0.06).",
        said={"clean sound becomes text": found[10] > 0.99},
        gap={"how much noise it bears is left open, and decides": found[-20] < 0.5},
        right={"accuracy falls with noise, down to chance": found[10] >= found[-10] > found[-20] > found[-30] and
               found[-30] < 0.12},
        numbers={f"{snr} dB": round(value, 2) for snr, value in found.items()},
    )  # fmt: skip


def round_trip():
    """Text to tones to text, and the same from a slightly higher voice."""
    text = speech.KEYS * 10
    clean = float(speech.heard_right(text, speech.decode(speech.synthesise(text))).mean())
    higher = float(speech.heard_right(text, speech.decode(speech.synthesise(text, pitch=1.1))).mean())
    return Evidence(
        f"{len(text)} keys made into sound and read back: {clean:.2f} right; from a voice 10 % higher {higher:.2f}.",
        said={"text becomes sound that can be understood": clean == 1},
        gap={"another voice is not the same task": higher < 0.5},
        right={"reading it back measures it: no error on its own voice": clean == 1},
        numbers={"own voice": clean, "higher": round(higher, 2)},
    )


