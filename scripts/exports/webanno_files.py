"""WebAnno TSV 3.3, checked against the user guide of INCEpTION, because INCEpTION is not on PyPI.

The reader rebuilds the text as the guide says: from the lines `#Text=`, with the offsets of tokens for the space between
sentences. The writer adds what INCEpTION exports beside entities: other layers, sentence numbers and several lines per
sentence.
"""

import re

from corpus import check_read, convert, counts, entities, equal, places, spans, text_of, utf16

RESERVED = ["\\", "[", "]", "|", "_", "->", ";", "\t", "\n", "*"]


def escape(value):
    """Escapes the reserved characters of a value."""
    return re.sub("|".join(map(re.escape, RESERVED)), lambda match: "\\" + {"\t": "t", "\n": "n"}.get(match[0], match[0]), value)


def unescape(value):
    return re.sub(r"\\(->|.)", lambda match: {"t": "\t", "n": "\n"}.get(match[1], match[1]), value)


def unescape_text(value):
    """Undoes the escapes of `#Text=`, where only control characters and backslashes have some."""
    return re.sub(r"\\(.)", lambda match: {"t": "\t", "f": "\f", "r": "\r", "b": "\b"}.get(match[1], match[1]), value)


def units(text):
    """A text as a list of UTF-16 units, which offsets count."""
    data = text.encode("utf-16-le")
    return [data[at : at + 2] for at in range(0, len(data), 2)]


def joined(parts):
    return b"".join(parts).decode("utf-16-le")


def parse(text):
    """The document's text, the tokens of each sentence as `(start, end)`, and the entities as `(start, end, type)`."""
    lines = text.split("\n")
    assert lines[0] == "#FORMAT=WebAnno TSV 3.3", lines[0]
    at, columns = 1, []
    while lines[at].startswith("#T_"):
        kind, layer = re.fullmatch(r"#T_(SP|CH|RL)=(.+)", lines[at]).groups()
        name, *features = layer.split("|")
        columns += [(kind, name, feature) for feature in features]
        at += 1
    assert lines[at] == lines[at + 1] == "", "two empty lines must follow the header"
    value = columns.index(("SP", "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity", "value"))
    document, sentences, found, numbered, header = [], [], [], {}, []
    for line in lines[at + 2 :]:
        if line.startswith("#"):
            if line.startswith("#Text="):
                header.append(unescape_text(line.removeprefix("#Text=")))
            continue
        if line == "":
            continue
        cells = line.split("\t")
        assert len(cells) == 3 + len(columns) + 1 and cells[-1] == "", f"each column ends with a tab: {line!r}"
        start, end = map(int, cells[1].split("-"))
        if header:
            assert cells[0] == f"{len(sentences) + 1}-1", line
            # The line break after a sentence is left out if the next one follows at once; spaces fill a gap.
            del document[start:]
            document += units(" ") * (start - len(document)) + units("\n".join(header) + "\n")
            sentences.append([])
            header = []
        assert cells[0] == f"{len(sentences)}-{len(sentences[-1]) + 1}", line
        assert joined(document[start:end]) == cells[2], line
        sentences[-1].append((start, end))
        if cells[3 + value] == "_":
            continue
        name, number = re.fullmatch(r"((?:[^\\\[\]|]|\\.)+)(?:\[(\d+)\])?", cells[3 + value]).groups()
        if number in numbered:
            # The next token of an entity of several ones.
            first, _, before = numbered[number]
            assert before == unescape(name), line
            found.remove(numbered[number])
        else:
            first = start
        found.append((first, end, unescape(name)))
        if number:
            numbered[number] = found[-1]
    return document, sentences, found


def check_ours(source, sentences):
    ours = convert(source, source.with_name(source.stem + "-webanno.tsv"), "--to", "webanno")
    document, tokens, found = parse(ours.read_text("utf-8"))
    equal(([joined(document[start:end]) for start, end in sentence] for sentence in tokens),
          (words for words, _ in sentences), "tokens in WebAnno TSV")
    expected, base = [], 0
    for words, tags in sentences:
        expected += [(base + start, base + end, name) for start, end, name in spans(words, tags, utf16)]
        base += utf16(text_of(words)) + 1
    equal(found, expected, "entities in WebAnno TSV")


HEADER = """#FORMAT=WebAnno TSV 3.3
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS|coarseValue|PosValue
#T_SP=webanno.custom.Empty|
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value
#T_RL=de.tudarmstadt.ukp.dkpro.core.api.syntax.type.dependency.Dependency|DependencyType|BT_de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS


"""


def write(sentences):
    """A file as INCEpTION exports one: the text has a line break before the last word of each sentence."""
    rows, base, next_number = [], 0, 1
    for number, (words, tags) in enumerate(sentences, 1):
        cells = ["_\t_"] * len(words)
        for first, end, name in entities(tags):
            mark = ""
            if end - first > 1:
                mark, next_number = f"[{next_number}]", next_number + 1
            cells[first:end] = [f"*{mark}\t{escape(name)}{mark}"] * (end - first)
        lines = [text_of(words[:-1]), words[-1]] if len(words) > 1 else words
        rows.append(f"#Sentence.id={number}")
        rows += ["#Text=" + line.replace("\\", "\\\\") for line in lines]
        for at, (start, end) in enumerate(places(words, utf16)):
            part = f"{number}-{at + 1}\t{base + start}-{base + end}\t{words[at]}\t"
            relation = f"dep\t{number}-1" if at else "_\t_"
            rows.append(part + "\t".join(["X", "N\\_\\*", "*" if at == 0 else "_", cells[at], relation]) + "\t")
        rows.append("")
        base += utf16(text_of(words)) + 1
    return HEADER + "\n".join(rows)


def check(source, sentences):
    check_ours(source, sentences)
    theirs = source.with_name(source.stem + "-inception.tsv")
    theirs.write_text(write(sentences), "utf-8")
    check_read(theirs, sentences)
    print(f"INCEpTION's user guide (WebAnno TSV): {counts(sentences)}")
