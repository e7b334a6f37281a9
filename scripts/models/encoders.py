#!/usr/bin/env python3
"""Write small encoders with random weights, one of each family: encoders.py FOLDER TEXT...

Those of RoBERTa and XLM-R have tokenizers of their kind, learnt from the texts (CoNLL); the others have the sample's.
"""

import pathlib
import sys

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from text import read

SAMPLE = pathlib.Path("crates/gleaner-sample/encoder/tokenizer.json")
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
FRAME = {"single": "<s> $A </s>", "pair": "<s> $A </s> $B </s>", "special_tokens": [("<s>", 0), ("</s>", 2)]}


def bytes_of_words(lines):
    """Byte-level BPE, whose pieces mark the space before a word."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=900, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(lines, trainer)
    return tokenizer


def unigram(lines):
    """A Unigram model of SentencePiece, as XLM-R has it."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=900, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(lines, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(**FRAME)
    return tokenizer


def config(model_type, vocabulary, padding):
    """A configuration of two layers."""
    usual = {"hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 96}
    of_distilbert = {"dim": 48, "n_layers": 2, "n_heads": 4, "hidden_dim": 96}
    of_deberta = {"relative_attention": True, "position_buckets": 16, "norm_rel_ebd": "layer_norm", "share_att_key": True}
    of_deberta |= {"pos_att_type": "p2c|c2p", "position_biased_input": False, "type_vocab_size": 0}
    more = {
        "distilbert": of_distilbert,
        "electra": usual | {"embedding_size": 24},
        "deberta-v2": usual | of_deberta,
        "modernbert": usual | {"global_attn_every_n_layers": 2, "local_attention": 8, "cls_token_id": 2, "sep_token_id": 3},
    }
    usual_pieces = {"pad_token_id": padding, "bos_token_id": None, "eos_token_id": None}
    sizes = {"vocab_size": vocabulary, "max_position_embeddings": 64}
    return transformers.AutoConfig.for_model(model_type, **sizes, **usual_pieces, **more.get(model_type, usual))


def main():
    folder = pathlib.Path(sys.argv[1])
    lines = [" ".join(words) for path in sys.argv[2:] for words in read(path)]
    sample = Tokenizer.from_file(str(SAMPLE))
    with_spaces, pieces = bytes_of_words(lines), unigram(lines)
    of_family = dict.fromkeys(["bert", "distilbert", "electra", "deberta-v2", "modernbert"], sample)
    for model_type, tokenizer in (of_family | {"roberta": with_spaces, "xlm-roberta": pieces}).items():
        torch.manual_seed(1)
        padding = tokenizer.token_to_id("[PAD]") or tokenizer.token_to_id("<pad>") or 0
        encoder = transformers.AutoModel.from_config(config(model_type, tokenizer.get_vocab_size(), padding))
        for parameter in encoder.parameters():
            # Larger than usual, so that the encoder's layers matter.
            torch.nn.init.normal_(parameter, mean=1.0 if parameter.dim() == 1 else 0.0, std=0.1)
        encoder.save_pretrained(folder / model_type)
        tokenizer.save(str(folder / model_type / "tokenizer.json"))


if __name__ == "__main__":
    main()
