#!/usr/bin/env python3
"""Check the files of libraries: libraries.py FOLDER, where each `.conll` file is a corpus."""

import pathlib
import sys

import brat_files
import spacy_files
import tables
import webanno_files
from corpus import read_conll

for source in sorted(pathlib.Path(sys.argv[1]).glob("*.conll")):
    sentences = read_conll(source)
    for check in [spacy_files.check, tables.check, brat_files.check, webanno_files.check]:
        check(source, sentences)
