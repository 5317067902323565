"""Speech: Goertzel is the Fourier transform, the round trip is exact without noise, and breaks where it should."""

from itertools import pairwise

import numpy as np
import pytest

from course_lib.topics import speech


def test_goertzel_is_the_definition():
    x = np.random.default_rng(0).normal(size=(3, 200))
    for frequency in (697, 1234.5, 0, 4000):
        direct = np.abs(x @ np.exp(-2j * np.pi * frequency * np.arange(200) / speech.RATE)) ** 2
        np.testing.assert_allclose(speech.goertzel(x, frequency), direct, rtol=1e-7)


def test_goertzel_is_numpys_fft_at_its_frequencies():
    x = np.random.default_rng(1).normal(size=160)
    power = np.abs(np.fft.rfft(x)) ** 2
    found = [speech.goertzel(x, k * speech.RATE / 160) for k in range(81)]
    np.testing.assert_allclose(found, power, rtol=1e-7, atol=1e-9)


def test_a_key_holds_its_two_tones_and_no_other():
    power = np.abs(np.fft.rfft(speech.synthesise("7")[: speech.TONE], 8000)) ** 2  # one bin per Hz
    low, high = power[:1075].argmax(), 1075 + power[1075:].argmax()
    assert abs(low - 852) <= 3
    assert abs(high - 1209) <= 3


def test_round_trip_without_noise():
    text = speech.KEYS * 3
    sound = speech.synthesise(text)
    assert sound.shape == (48 * 480,)
    assert np.abs(sound).max() <= 1
    assert speech.decode(sound) == text
    assert speech.decode(speech.synthesise("")) == ""


def test_noise_has_the_strength_asked_for():
    sound = speech.synthesise(speech.KEYS * 20)
    tones = sound.reshape(-1, 480)[:, : speech.TONE]
    noise = speech.add_noise(sound, 6.0, np.random.default_rng(0)) - sound
    assert 10 * np.log10((tones**2).mean() / noise.var()) == pytest.approx(6, abs=0.1)


def test_accuracy_falls_with_noise_to_chance():
    r = speech.accuracy_by_noise()
    share = [p for p, _, _ in r.values()]
    assert share[0] == 1
    assert all(a >= b for a, b in pairwise(share))
    assert r[-30][1] < 1 / 16 < r[-30][2] < 0.1
    assert all(low <= p <= high for p, low, high in r.values())


def test_another_voice_is_not_understood():
    r = speech.accuracy_by_pitch()
    assert r[1.0][0] == r[1.01][0] == 1
    assert r[1.03][2] < 0.6
    assert r[1.1][2] < 0.2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: speech.synthesise("12x"), "keys are .*, got 'x'"),
        (lambda: speech.decode(np.zeros(481)), "a multiple of 480 samples"),
        (lambda: speech.heard_right("12", "1"), "2 keys were sent and 1 heard"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
