#!/usr/bin/python3
"""train.py [OUT]: trains one model for each text beside this file, and writes its weights into OUT (models/)."""
import pathlib
import sys

from model import Model

HERE = pathlib.Path(__file__).resolve().parent
out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "models")
out.mkdir(exist_ok=True)
for text in sorted(HERE.glob("texts/*.txt")):
    words = text.read_text()
    model = Model.train(text.stem, words)
    model.save(out / f"{text.stem}.json")
    print(f"{text.stem}: {len(words)} characters, {len(model.counts)} contexts, perplexity {model.perplexity(words[:400]):.2f}")
