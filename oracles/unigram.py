"""Unigram models of SentencePiece, and the pieces of words in them."""

import contextlib
import io
from types import SimpleNamespace

import numpy as np
import sentencepiece
from transformers.convert_slow_tokenizer import DebertaV2Converter

# Characters and what SentencePiece replaces them by: no-break space, left-to-right mark, a ligature, a full-width letter.
RULES = ["A0\t20", "200E\t20", "FB01\t66 69", "FF21\t41", "212B\tC5"]
SYLLABLES = "ka lo mi ran tu ve shi å ði fi bo n r s".split()
WORDS = [
    "kalo",
    "lo",
    "miran tu",
    "ﬁlo",
    "Ａkalo",
    "kalo\u200e",
    "\u200ekalo",
    "ka\u00a0lo",
    "\u00a0",
    "Åðitu",
    "日",
    "ka日本lo",
    "veshiranboðinrsn",
]
# A piece that the user defined, a piece of a byte as text, and several spaces.
WORDS_OF_SPM = [*WORDS, "ka<extra>lo", "<0x41>lo", "ka\u00a0\u00a0lo", "ka \u00a0 日", "\u2003kalo "]
# The special pieces of DeBERTa-v3.
SPECIAL = {
    "pad_id": 0,
    "bos_id": 1,
    "eos_id": 2,
    "unk_id": 3,
    "pad_piece": "[PAD]",
    "bos_piece": "[CLS]",
    "eos_piece": "[SEP]",
    "unk_piece": "[UNK]",
}


def unigram(folder):
    """unigram.model and unigram.json."""
    processor = trained(folder, "unigram.model", vocab_size=80)
    return {"pieces": len(processor), "words": [{"word": word, "ids": processor.encode(word)} for word in WORDS]}


def spm(folder):
    """spm.model and spm.json: the pieces of the tokenizer that transformers makes from it."""
    processor = trained(
        folder, "spm.model", vocab_size=340, byte_fallback=True, user_defined_symbols=["<extra>"], **SPECIAL
    )
    original = SimpleNamespace(
        vocab_file=str(folder / "spm.model"),
        do_lower_case=False,
        split_by_punct=False,
        convert_tokens_to_ids=processor.piece_to_id,
    )
    tokenizer = DebertaV2Converter(original).converted()
    return {
        "pieces": len(processor),
        "frame": tokenizer.encode("").ids,
        "words": [{"word": word, "ids": tokenizer.encode(word, add_special_tokens=False).ids} for word in WORDS_OF_SPM],
    }


def trained(folder, name, **options):
    """A model of random words, which is written to a file too."""
    random = np.random.RandomState(11)
    words = ["".join(random.choice(SYLLABLES, random.randint(1, 5))) for _ in range(400)]
    lines = [" ".join(random.choice(words, 8)) for _ in range(400)]
    rules = folder / "rules.tsv"
    rules.write_text("".join(f"{rule}\n" for rule in RULES), encoding="utf-8")
    model = io.BytesIO()
    with contextlib.chdir(folder):  # the model contains the path of the rules
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines),
            model_writer=model,
            model_type="unigram",
            normalization_rule_tsv=rules.name,
            num_threads=1,
            minloglevel=2,
            **options,
        )
    rules.unlink()
    (folder / name).write_bytes(model.getvalue())
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
