"""The rungs below the transformer: encoder-decoder, printed LSTM, classifiers, text generator, retrieval."""

import numpy as np
import pytest
import torch

from course_lib.chatbot import ablation, classify, classify_e5, corpus, encoder, generate, qa, textgen
from course_lib.chatbot.bigram import Bigram
from course_lib.chatbot.lstm_printed import LENGTH, Printed
from course_lib.chatbot.seq2seq import PAD, Pairs, PairTrainer, Seq2Seq, Shape, look, nats_per_token, padded
from course_lib.chatbot.train import Recipe
from course_lib.data.dialogue import Pair


@pytest.fixture
def models():
    torch.manual_seed(0)
    return [Seq2Seq(Shape(9, 8, 12, attention=attends)).eval() for attends in (False, True)]


def test_padding_changes_no_logit(models):
    source, target = torch.tensor([[1, 2, 3]]), torch.tensor([[4, 5]])
    wide = torch.tensor([[1, 2, 3, PAD, PAD]])
    for model in models:
        assert torch.allclose(model(source, target), model(wide, target), atol=1e-6)


def test_a_row_of_a_batch_replies_as_it_does_alone(models):
    prompts = [[1, 2, 3, 4], [5]]
    for model in models:
        assert generate(model, prompts, 6) == [generate(model, [p], 6)[0] for p in prompts]


def test_generation_and_teacher_forcing_agree(models):
    for model in models:
        said = generate(model, [[1, 2, 3]], 5)[0]
        forced = model(torch.tensor([[1, 2, 3]]), torch.tensor([said])).argmax(-1)[0].tolist()
        assert forced == said


def test_a_token_does_not_see_the_ones_after_it(models):
    source = torch.tensor([[1, 2, 3]])
    for model in models:
        a, b = (model(source, torch.tensor([[4, last]])) for last in (5, 6))
        assert torch.equal(a[:, :2], b[:, :2])  # the second logits depend on the first target only


def test_attention_looks_at_real_tokens_only():
    weights = look(torch.ones(1, 2, 4), torch.randn(1, 3, 4), torch.tensor([[True, True, False]]))
    assert torch.allclose(weights.sum(-1), torch.ones(1, 2))
    assert not weights[..., 2].any()


def test_padding_costs_nothing(models):
    one = Pairs([[1, 2]], [[3, 4]])
    both = Pairs([[1, 2], [1, 2, 3, 4]], [[3, 4], [5, 6, 7, 8]])
    for model in models:
        alone = nats_per_token(model, one) * 2 + nats_per_token(model, Pairs(both.sources[1:], both.targets[1:])) * 4
        assert nats_per_token(model, both) == pytest.approx(alone / 6, rel=1e-5)


def test_a_sequence_is_learned_backwards_with_attention():
    torch.manual_seed(0)
    data = np.random.default_rng(0).integers(1, 5, (300, 4))
    model = Seq2Seq(Shape(5, 16, 24, attention=True))
    pairs = Pairs(data.tolist(), data[:, ::-1].tolist())
    losses = PairTrainer(model, pairs, Recipe(steps=120, batch=32, lr=1e-2, warmup=5, weight_decay=0.0), "cpu").run()
    assert losses[-1] < 0.5 * losses[0]


def test_pairs_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="Pairs"):
        Pairs([[1]], [])
    with pytest.raises(ValueError, match="Pairs"):
        Pairs([[]], [[1]])


def test_padded_puts_padding_behind():
    assert padded([[1], [2, 3]]).tolist() == [[1, PAD], [2, 3]]


def test_the_printed_chatbot_says_one_word_and_pads_behind():
    bot = Printed([Pair("Hello there", "Hi you"), Pair("Good day", "Hello")])
    assert len(bot.encode("Hello there")) == LENGTH
    assert not any(bot.encode("Hello there")[2:])
    assert np.isfinite(bot.train(2)).all()
    assert bot.reply("Hello there") in bot.vocab
    assert np.allclose(bot.probabilities(["Hello", "Good day"]).sum(1), 1)


def test_the_encoder_sees_both_sides_and_no_padding():
    torch.manual_seed(0)
    body = encoder.small_bert(10).eval()
    with torch.inference_mode():
        short, wide = (body.pooled(torch.tensor([ids])) for ids in ([1, 2, 3], [1, 2, 3, PAD, PAD]))
        first = body.features(torch.tensor([[1, 2, 3]]))[0, 0]
        other = body.features(torch.tensor([[1, 2, 4]]))[0, 0]
    assert torch.allclose(short, wide, atol=1e-6)
    assert not torch.allclose(first, other)  # the first token sees the last


def test_the_masked_lstm_ignores_padding_and_the_printed_one_does_not():
    torch.manual_seed(0)
    masked, printed = (encoder.LSTMBody(10, 8, masked=m).eval() for m in (True, False))
    short, wide = torch.tensor([[1, 2]]), torch.tensor([[1, 2, PAD, PAD]])
    with torch.inference_mode():
        assert torch.allclose(masked.pooled(short), masked.pooled(wide), atol=1e-6)
        assert not torch.allclose(printed.pooled(short), printed.pooled(wide))


def test_naive_bayes_equals_scikit_learns():
    from sklearn.naive_bayes import MultinomialNB

    rng = np.random.default_rng(0)
    counts, labels = rng.integers(0, 4, (40, 6)).astype(float), rng.integers(0, 3, 40)
    prior, likelihood = classify.naive_bayes(counts, labels)
    ours = (counts @ likelihood.T + prior).argmax(1)
    assert (ours == MultinomialNB().fit(counts, labels).predict(counts)).all()


def test_an_interval_holds_the_score_and_the_lead_of_a_classifier_over_itself_is_nothing():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 200)
    good, bad = np.where(rng.random(200) < 0.9, truth, 0), rng.integers(0, 3, 200)
    low, high = classify.interval(good, truth)
    assert low < classify.lead(good, truth) < high
    assert classify.interval(good, truth, good) == (0, 0)
    low, high = classify.interval(good, truth, bad)
    assert 0 < low < classify.lead(good, truth, bad) < high


def test_labels_are_shifted_by_one():
    assert textgen.shifted([1, 2, 3]) == ([1, 2], [2, 3])


def test_ngram_baselines_on_known_counts():
    rows = [[0, 1, 0, 1]]
    assert textgen.ngram_nats(rows, [[0, 1]], 2, 1, add=0.0) == pytest.approx(-np.log(2 / 3))
    assert textgen.ngram_nats(rows, [[0, 1]], 2, 2, add=0.0) == pytest.approx(-np.log(0.5 * 2 / 3 + 0.5))


def test_the_bigram_model_gives_probabilities_and_stops():
    model = Bigram([[0, 1, 2]], 3)
    assert np.allclose(np.exp(model.logs).sum(1), 1)
    assert generate(model, [[0]], 5, stop=[[2]]) == [[1]]


def test_retrieval_answers_abstains_and_shares_nothing_with_its_test():
    passages, tuning, asked = qa.corpus(), qa.questions(False), qa.questions(True)
    assert not {q.text for q in tuning} & {q.text for q in asked}
    assert len(asked) >= 50
    found = qa.tune(passages, tuning)
    scored = qa.score(found.answer, asked)
    assert scored["known_right"] > 0.8 * scored["known"]
    assert scored["abstained"] > 0.8 * scored["unknown"]
    assert qa.score(qa.Retriever(passages).answer, asked)["abstained"] == 0
    assert qa.score(lambda text: None, asked)["right"] == scored["unknown"]


def test_a_memory_test_can_only_be_passed_with_the_history():
    for talk, name in ablation.remembered("en", 5) + ablation.remembered("zh", 5):
        assert name in talk[0].prompt
        assert name in talk[-1].reply
        assert name not in talk[-1].prompt


def test_distinct_counts_different_pairs():
    assert ablation.distinct(["abab"]) == pytest.approx(2 / 3)
    assert ablation.distinct(["aa", "aa"]) == pytest.approx(1 / 2)


def test_stored_results_are_complete():
    found = ablation.stored()
    assert list(found) == list(ablation.VARIANTS)
    assert all(set(runs) == {str(s) for s in ablation.SEEDS} for runs in found.values())
    assert all(set(r["fixed"]) == set(corpus.FIXED_PROMPTS) for runs in found.values() for r in runs.values())
    assert set(classify.stored()) == set(classify_e5.stored()) == {str(s) for s in classify.SEEDS}
    names = {*classify_e5.NAMES["zh"], *classify_e5.NAMES["en"]}
    assert all(set(run) == names for run in classify_e5.stored().values())
    assert set(textgen.stored()) == {str(s) for s in textgen.SEEDS}
