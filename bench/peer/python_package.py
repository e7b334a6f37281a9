#!/usr/bin/env python3
"""Compare labelling from Python with the command: python_package.py MODEL TEXT [RUNS].

TEXT is labelled or unlabelled text in CoNLL columns, a word first. Both label all of it as processes of their own, from
start to end, in turns; the package must be installed in this Python, with its command on the path. Prints the seconds of
every run, the medians and their ratio, and that the tags are the same.
"""

import statistics
import subprocess
import sys
import time

PROGRAM = """
import sys, gleaner
model, path = sys.argv[1:]
def sentences():
    words = []
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\\n")
        if line:
            words.append(line.split("\\t")[0].split(" ")[0])
        elif words:
            yield words
            words = []
    if words:
        yield words
for tagged in gleaner.Tagger.load(model).label_pipe(sentences()):
    print(" ".join(tagged.tags))
"""


def seconds(command):
    """The seconds that a command takes, and what it prints."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return time.perf_counter() - start, done.stdout


def tags_of(columns):
    """The tags of each sentence in CoNLL columns, a line each."""
    sentences = (block.splitlines() for block in columns.strip("\n").split("\n\n"))
    return [" ".join(line.rsplit("\t", 1)[-1] for line in lines) for lines in sentences]


def main():
    model, text = sys.argv[1:3]
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    commands = {
        "command": ["gleaner", "predict", model, text, "--format", "conll", "--output", "quiet"],
        "Python": [sys.executable, "-c", PROGRAM, model, text],
    }
    times = {name: [] for name in commands}
    for _ in range(runs):
        said = {}
        for name, command in commands.items():
            taken, said[name] = seconds(command)
            times[name].append(taken)
        assert tags_of(said["command"]) == said["Python"].splitlines(), "the tags differ"
    medians = {name: statistics.median(of) for name, of in times.items()}
    for name, of in times.items():
        print(f"{name}: median {medians[name]:.2f} s of", ", ".join(f"{one:.2f}" for one in of))
    sentences = len(said["Python"].splitlines())
    print(f"{sentences} sentences, the same tags; Python takes {medians['Python'] / medians['command']:.3f} of the time of the command")


if __name__ == "__main__":
    main()
