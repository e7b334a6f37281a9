//! Sentences that a run tags otherwise than the baseline does.

use gleaner_metrics::{Entity, Mode, entities};
use maud::{Markup, html};

use crate::study::Change;
use crate::study::number::counted;

/// The sentences, those first that became better, then those that became worse.
pub(crate) fn examples(changes: &[Change]) -> Markup {
    let judged: Vec<(Verdict, &Change)> =
        changes.iter().map(|change| (Verdict::of(change), change)).collect();
    html! {
        p.help {
            "Entities are framed, with their type. ✓: as in gold; ✗: not in gold, by type or by borders."
        }
        @for verdict in Verdict::ALL {
            @let found: Vec<&Change> =
                judged.iter().filter(|(of, _)| *of == verdict).map(|(_, change)| *change).collect();
            @if !found.is_empty() {
                h3 { (verdict.heading()) " (" (counted(found.len(), "sentence")) ")" }
                @for change in found { (example(change)) }
            }
        }
    }
}

/// What became of a sentence's mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Corrected,
    NewErrors,
    Both,
    Unchanged,
}

impl Verdict {
    const ALL: [Verdict; 4] =
        [Verdict::Corrected, Verdict::NewErrors, Verdict::Both, Verdict::Unchanged];

    fn heading(self) -> &'static str {
        match self {
            Verdict::Corrected => "Corrected",
            Verdict::NewErrors => "New errors",
            Verdict::Both => "Corrected in part, with new errors",
            Verdict::Unchanged => "The same entities are right and wrong",
        }
    }

    fn of(change: &Change) -> Self {
        let [gold, before, after] =
            [&change.gold, &change.before, &change.after].map(|tags| entities(tags, Mode::Default));
        // A mistake is an entity that is missed or made up.
        let mistakes = |found: &[Entity]| -> Vec<Entity> {
            let missed = gold.iter().filter(|entity| !found.contains(entity));
            let made_up = found.iter().filter(|entity| !gold.contains(entity));
            missed.chain(made_up).cloned().collect()
        };
        let (before, after) = (mistakes(&before), mistakes(&after));
        let corrected = before.iter().any(|mistake| !after.contains(mistake));
        let new = after.iter().any(|mistake| !before.contains(mistake));
        match (corrected, new) {
            (true, false) => Verdict::Corrected,
            (false, true) => Verdict::NewErrors,
            (true, true) => Verdict::Both,
            (false, false) => Verdict::Unchanged,
        }
    }
}

fn example(change: &Change) -> Markup {
    let Change { run, language, words, gold, before, after } = change;
    let gold_entities = entities(gold, Mode::Default);
    let fits = [gold, before, after].into_iter().all(|tags| tags.len() == words.len());
    html! {
        div.example {
            p.run dir="auto" { (language) ": " (run) }
            @if !fits {
                p { "Words and tags of this sentence differ in number." }
            }
            dl {
                @for (name, tags) in [("gold", gold), ("before", before), ("after", after)] {
                    @let judged = (name != "gold").then_some(gold_entities.as_slice());
                    div { dt { (name) } dd dir="auto" { (marked(words, tags, judged)) } }
                }
            }
        }
    }
}

/// The words with their entities framed, and judged if there is something to judge them by. Entities
/// beyond the words are cut.
fn marked(words: &[String], tags: &[String], gold: Option<&[Entity]>) -> Markup {
    let mut next = 0;
    let found = entities(&tags[..tags.len().min(words.len())], Mode::Default);
    html! {
        @for entity in &found {
            @let before = &words[next..entity.start];
            @if !before.is_empty() { (before.join(" ")) " " }
            @let right = gold.map(|gold| gold.contains(entity));
            mark class=[right.map(|right| if right { "right" } else { "wrong" })] {
                (words[entity.start..entity.end].join(" "))
                " "
                span.type {
                    bdi { (entity.kind) }
                    @match right {
                        Some(true) => " ✓",
                        Some(false) => " ✗",
                        None => "",
                    }
                }
            }
            " "
            ({ next = entity.end; "" })
        }
        (words[next..].join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(before: &str, after: &str) -> Change {
        let tags = |tags: &str| tags.split(' ').map(str::to_owned).collect();
        Change {
            run: "transfer".to_owned(),
            language: "fo".to_owned(),
            words: tags("Jógvan Petersen býr í Klaksvík"),
            gold: tags("B-PER I-PER O O B-LOC"),
            before: tags(before),
            after: tags(after),
        }
    }

    #[test]
    fn sentences_are_judged_by_their_entities() {
        let right = "B-PER I-PER O O B-LOC";
        assert_eq!(Verdict::of(&change("B-PER O O O B-LOC", right)), Verdict::Corrected);
        assert_eq!(Verdict::of(&change(right, "B-PER I-PER O O O")), Verdict::NewErrors);
        let both = change("B-PER I-PER O O O", "O O O O B-LOC");
        assert_eq!(Verdict::of(&both), Verdict::Both);
        let unchanged = change("B-PER I-PER O O B-ORG", "I-PER I-PER O O B-ORG");
        assert_eq!(Verdict::of(&unchanged), Verdict::Unchanged);
    }

    #[test]
    fn entities_are_framed_and_judged() {
        insta::assert_snapshot!(
            example(&change("B-PER O O O B-LOC", "O O B-PER O O"))
                .into_string()
                .replace("<div>", "\n<div>")
        );
    }
}
