"""A small language model: characters, predicted from the ones before them (interpolated n-grams, Witten-Bell smoothing).

Small enough to be trained in a second on one CPU, and real: it has weights in a file, a probability for each text, and a
next token for each prompt. Nothing but Python's standard library."""
import collections
import json
import math
import random

ORDER = 6


class Model:
    def __init__(self, name: str, counts: dict):
        self.name = name
        self.counts = counts  # context -> {character: how often it followed}
        self.alphabet = sorted(counts[""])

    @classmethod
    def train(cls, name: str, text: str) -> "Model":
        counts = collections.defaultdict(collections.Counter)
        for at, character in enumerate(text):
            for length in range(min(ORDER, at) + 1):
                counts[text[at - length:at]][character] += 1
        return cls(name, {context: dict(after) for context, after in counts.items()})

    @classmethod
    def load(cls, path: str) -> "Model":
        with open(path) as file:
            stored = json.load(file)
        return cls(stored["name"], stored["counts"])

    def save(self, path: str) -> None:
        with open(path, "w") as file:
            json.dump({"name": self.name, "counts": self.counts}, file)

    def probabilities(self, before: str) -> dict:
        """Of each character of the alphabet, after a text. They sum to 1."""
        made = dict.fromkeys(self.alphabet, 1 / len(self.alphabet))
        for length in range(min(ORDER, len(before)) + 1):
            after = self.counts.get(before[len(before) - length:])
            if not after:
                break
            seen, kinds = sum(after.values()), len(after)
            for character in made:
                made[character] = (after.get(character, 0) + kinds * made[character]) / (seen + kinds)
        return made

    def tokens(self, prompt: str, most: int, temperature: float = 0.7, seed: int = 0):
        """Up to so many characters that go on from the prompt, one after the other."""
        chance, text = random.Random(seed), prompt
        for _ in range(most):
            likely = self.probabilities(text[-ORDER:])
            weights = [p ** (1 / temperature) for p in likely.values()]
            token = chance.choices(list(likely), weights)[0]
            text += token
            yield token

    def perplexity(self, text: str) -> float:
        """How surprised the model is by each character of a text, on average: 1 is not at all."""
        bits = 0.0
        for at, character in enumerate(text):
            bits -= math.log2(self.probabilities(text[max(0, at - ORDER):at]).get(character, 1e-6))
        return 2 ** (bits / max(1, len(text)))
