"""A measurement as Markdown."""

import statistics
from dataclasses import dataclass
from pathlib import Path

from measure import Contender
from record import known


@dataclass(frozen=True)
class Figure:
    """A figure: its key in the contenders, its name, what is better, and whether ratios of it mean
    anything."""

    key: str
    name: str
    more_is_better: bool
    digits: int = 0
    has_ratio: bool = True


@dataclass
class Section:
    """A comparison: its name for `--only`, who took part, and which figures are shown."""

    key: str
    title: str
    contenders: list[Contender]
    figures: list[Figure]
    note: str = ""

    def tables(self) -> list[str]:
        """A table of medians a figure, with the ratio to the rival."""
        lines = [f"## {self.title}", ""]
        if self.note:
            lines += [self.note, ""]
        for figure in self.figures:
            lines += self.table(figure)
        return lines

    def table(self, figure: Figure) -> list[str]:
        """One figure of all contenders that have it; ratios above one favour Gleaner."""
        medians = {
            c.name: statistics.median(known(c.figures[figure.key]))
            for c in self.contenders
            if figure.key in c.figures
        }
        if not medians:
            return []
        ratio = "Gleaner ÷ it" if figure.more_is_better else "it ÷ Gleaner"
        header = [figure.name, "median", "min", "max", "runs", *([ratio] * figure.has_ratio)]
        rule = ["---", *["---:"] * (len(header) - 1)]
        lines = [f"| {' | '.join(cells)} |" for cells in (header, rule)]
        for contender in self.contenders:
            if contender.name not in medians:
                continue
            values, own = known(contender.figures[figure.key]), medians[contender.name]
            cells = [f"{v:,.{figure.digits}f}" for v in (own, min(values), max(values))]
            cells = [contender.name, *cells, str(len(values))]
            if figure.has_ratio:
                rival = medians.get(contender.rival)
                if rival is None:
                    cells.append("–")
                else:
                    cells.append(f"{rival / own if figure.more_is_better else own / rival:.2f}")
            lines.append(f"| {' | '.join(cells)} |")
        return [*lines, ""]


@dataclass(frozen=True)
class Placeholders:
    """Paths of this machine, and what stands for them in a result."""

    names: dict[Path, str]

    def hide(self, word: str | Path) -> str:
        """A word of a command without this machine's paths."""
        text = str(word)
        for path in sorted(self.names, key=lambda p: -len(str(p))):
            text = text.replace(str(path), self.names[path])
        return text

    def command(self, words: list[str | Path]) -> str:
        """A whole command."""
        return " ".join(map(self.hide, words))


def document(
    title: str,
    facts: list[tuple[str, str]],
    commands: list[str],
    sections: list[Section],
    paths: Placeholders,
) -> str:
    """The whole result."""
    lines = [f"# {title}", "", "| | |", "| --- | --- |"]
    lines += [f"| {name} | {value} |" for name, value in facts]
    lines += ["", "Medians over runs that were made in turn. Ratios above 1 favour Gleaner.", ""]
    for section in sections:
        lines += section.tables()
    lines += ["## Commands", "", "```"]
    lines += commands
    for section in sections:
        lines += [f"# {section.title}"]
        lines += [f"{paths.command(list(c.command))}  # {c.name}" for c in section.contenders]
    lines += ["```", "", "## All runs", ""]
    for section in sections:
        for contender in section.contenders:
            for key, values in contender.figures.items():
                digits = next((f.digits for f in section.figures if f.key == key), 4)
                shown = ", ".join("failed" if v is None else f"{v:.{digits}f}" for v in values)
                lines.append(f"- {section.title}; {contender.name}; {key}: {shown}")
    return "\n".join(lines) + "\n"


def write(path: Path, text: str) -> None:
    """Writes a file under another name and renames it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
