"""A Unigram model of SentencePiece, and the pieces of words in it."""

import contextlib
import io

import numpy as np
import sentencepiece

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


def unigram(folder):
    """unigram.model and unigram.json."""
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
            vocab_size=80,
            normalization_rule_tsv=rules.name,
            num_threads=1,
            minloglevel=2,
        )
    rules.unlink()
    (folder / "unigram.model").write_bytes(model.getvalue())
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    return {"pieces": len(processor), "words": [{"word": word, "ids": processor.encode(word)} for word in WORDS]}
