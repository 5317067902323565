"""What S1's and S2's listings ask of `transformers`, put to the real package where it is installed."""

import json

import pytest
import torch

transformers = pytest.importorskip("transformers")


@pytest.fixture
def tokenizer(tmp_path):
    """GPT-2's class, with a vocabulary of single characters."""
    letters = [chr(c) for c in range(33, 127)] + ["Ġ", "<|endoftext|>"]
    (tmp_path / "vocab.json").write_text(json.dumps({c: i for i, c in enumerate(letters)}))
    (tmp_path / "merges.txt").write_text("#version: 0.2\n")
    return transformers.GPT2Tokenizer(str(tmp_path / "vocab.json"), str(tmp_path / "merges.txt"))


def test_names_that_the_listings_import_do_not_exist():
    """S1-5.2-gpt3-class and S2-5.2.2-adamw-import."""
    assert not hasattr(transformers, "TFGPT3LMHeadModel")
    assert not hasattr(transformers, "AdamW")
    assert hasattr(torch.optim, "AdamW")


def test_gpt2_has_neither_compute_loss_nor_fit():
    """S1-5.2-compute-loss."""
    model = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(vocab_size=10, n_positions=8, n_embd=8, n_layer=1, n_head=1)
    )
    assert not hasattr(model, "compute_loss")
    assert not hasattr(model, "fit")
    with pytest.raises(TypeError):
        model.compile(optimizer=None, loss=None)


def test_gpt2s_tokenizer_cannot_pad_until_told_how(tokenizer):
    """S1-5.2-pad-token, S1-5.3-padding-semantics, S1-5.5-classifier-code."""
    assert not hasattr(tokenizer, "word_index")
    with pytest.raises(ValueError, match="padding token"):
        tokenizer(["Hello world", "Hi"], padding=True, max_length=128, truncation=True)
    tokenizer.pad_token = tokenizer.eos_token
    for padding, length in ((True, 11), ("max_length", 128)):
        ids = tokenizer(["Hello world", "Hi"], padding=padding, max_length=128, truncation=True)["input_ids"]
        assert [len(row) for row in ids] == [length, length]


def test_a_batch_encoding_yields_its_keys_and_bert_has_no_logits(tokenizer):
    """S2-5.2.2-iterates-dict and S2-5.2.2-no-logits."""
    assert next(iter(tokenizer(["Hi"]))) == "input_ids"
    config = transformers.BertConfig(
        vocab_size=30, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8
    )
    out = transformers.BertModel(config)(torch.zeros(1, 4, dtype=torch.long))
    assert set(out.keys()) == {"last_hidden_state", "pooler_output"}
    assert not hasattr(out, "logits")


def test_bert_base_chinese_has_the_parameters_that_the_formula_says():
    """S2-5.2.1-loading."""
    from course_lib.claims.experiments.chapter05_labels import bert_parameters

    with torch.device("meta"):
        model = transformers.BertModel(transformers.BertConfig(vocab_size=21_128))
    assert sum(p.numel() for p in model.parameters()) == bert_parameters() == 102_267_648
