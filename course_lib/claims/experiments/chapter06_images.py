"""Images and words: detection beside classification, a moved image, strangers, motion, retrieval, generation."""

import numpy as np

from course_lib import metrics
from course_lib.claims.evidence import Evidence
from course_lib.data import augment, digits
from course_lib.topics import detection, multimodal, video


def detector():
    """A detector of digits on canvases, taught on 500 digits: the same network's accuracy and average precision."""
    data = digits(flat=False)
    model = detection.train_cnn(*detection.windows(data.x_train[:500], data.y_train[:500], n=40), classes=11, epochs=5)
    accuracy = metrics.accuracy(detection.output(model, data.x_test)[:, :10], data.y_test)
    canvases, truth = detection.scenes(data.x_test, data.y_test, n=20, seed=5)
    found = [detection.detect(model, canvas) for canvas in canvases]
    loose, strict = (detection.average_precision(found, truth, least_iou=least) for least in (0.5, 0.9))
    return Evidence(
        f"the same network: {accuracy:.2f} of single digits right, but an average precision of {loose:.1f} when it has "
        f"to find three on a canvas, and {strict:.1f} if the place must fit to the pixel.",
        said={"digits are recognised and found": accuracy > 0.8 and loose > 0.3},
        gap={"accuracy does not tell how well objects are found": accuracy - loose > 0.1,
             "nor how exactly": loose - strict > 0.1},
        right={"IoU and average precision measure it": 0 < strict < loose < 1},
        numbers={"accuracy": round(accuracy, 2), "AP": round(loose, 1), "AP, exact": round(strict, 1)},
    )  # fmt: skip


def moved():
    """A classifier that has seen centred digits only, on the same digits one pixel further right."""
    data = digits(flat=False)
    model = detection.train_cnn(data.x_train[:800], data.y_train[:800], epochs=5)
    right = [metrics.accuracy(detection.output(model, x), data.y_test)
             for x in (data.x_test, augment.shift(data.x_test, 0, 1))]  # fmt: skip
    return Evidence(
        f"test digits where the training digits were: {right[0]:.2f} right; one pixel further right: {right[1]:.1f}.",
        said={"images like those it was taught on are read": right[0] > 0.88},
        gap={"a shift that no reader would notice breaks it, so new sources must be tested": right[1] < right[0] - 0.2},
        right={"what it reads then is still better than chance": right[1] > 0.12},
        numbers={"centred": round(right[0], 2), "moved": round(right[1], 1)},
    )


def strangers():
    """Same or different? On digits that the network was taught to tell apart, and on digits it never saw."""
    found = detection.open_set(digits(flat=False), seed=0)
    eer = {name: found[name]["CNN"]["eer"] for name in ("known", "new")}
    return Evidence(
        f"equal error rate of “the same digit?”: {eer['known']:.1f} for the seven classes it was taught, "
        f"{eer['new']:.1f} for three that it never saw.",
        said={"known classes are recognised": eer["known"] < 0.2},
        gap={"classes it never met are another problem": eer["new"] > eer["known"] + 0.1},
        right={"both are measured, by false accepts against false rejects": 0 < eer["known"] < eer["new"] < 0.5},
        numbers={name: round(value, 1) for name, value in eer.items()},
    )


def motion():
    """Which way does the digit move? One frame against five, and a rule without learning."""
    data = digits(flat=False)
    x, y = video.clips(data.x_train, 320, seed=0)
    u, v = video.clips(data.x_test, 200, seed=1)
    one = float((video.predict(video.train_directions(x[:, 2:3], y, epochs=3), u[:, 2:3]) == v).mean())
    five = float((video.predict(video.train_directions(x, y), u) == v).mean())
    rule = float((video.difference_rule(u) == v).mean())
    return Evidence(
        f"direction of a moving digit: from one frame {one:.1f} right (chance 0.25), from five {five:.1f}; comparing "
        f"two frames by a rule {rule:.2f}.",
        said={"actions are recognised": five > 0.8},
        gap={"not from images one by one: time must come in": one < 0.4},
        right={"two frames and a rule do it without learning": rule > 0.95},
        numbers={"one": round(one, 1), "five": round(five, 1), "rule": round(rule, 2)},
    )


def retrieval():
    """Digit images and number words in one space; images it was not taught on."""
    data = digits()
    model = multimodal.train_pairs(data.x_train[:700], data.y_train[:700])
    ways = (multimodal.image_to_word, multimodal.word_to_image)
    hits = [way(model, data.x_test, data.y_test, language) for way in ways for language in multimodal.TAUGHT]
    recall = [float(h.mean()) for h in hits]
    return Evidence(
        f"recall@1 on new images: image to word {recall[0]:.2f} (English) and {recall[1]:.2f} (Chinese), word to image "
        f"{recall[2]:.2f} and {recall[3]:.2f}; chance 0.10.",
        said={"images are found by text, and text by images": min(recall) > 0.8},
        right={"a contrastive dual encoder does it": min(recall) > 0.8},
        numbers={"recall@1": np.round(recall, 2)},
    )


def generation():
    """A digit on request: does a judge see the one that was asked for?"""
    data = digits()
    fine, coarse = (multimodal.generation(data, n=60, components=k) for k in (20, 5))
    return Evidence(
        f"a judge sees the requested digit in {fine['agreement'][0]:.2f} of the pictures; without a request "
        f"{fine['unconditional']:.2f} would agree by chance; with 5 components instead of 20, "
        f"{coarse['agreement'][0]:.2f}, and of one digit only {min(coarse['by_digit']):.1f}.",
        said={"pictures come out as requested": fine["agreement"][0] > 0.9},
        gap={"a mean hides a digit that fails: faithfulness must be measured": min(coarse["by_digit"]) < 0.5 <
             coarse["agreement"][0]},
        right={"without the condition agreement is at chance": fine["unconditional"] < 0.2},
        numbers={"agreement": round(fine["agreement"][0], 2), "5 components": round(coarse["agreement"][0], 2)},
    )  # fmt: skip
