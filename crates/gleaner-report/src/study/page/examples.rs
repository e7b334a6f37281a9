//! Sentences that a run tags differently from the baseline.

use crate::study::Change;
use crate::study::number::counted;
use gleaner_metrics::{Entity, SeqevalMode, entities};
use maud::{Markup, html};

/// The sentences by outcome: corrected ones first, then new errors.
pub(crate) fn examples(changes: &[Change]) -> Markup {
    let by_outcome: Vec<(Outcome, &Change)> =
        changes.iter().map(|change| (Outcome::of(change), change)).collect();
    html! {
        p.help {
            "Entities are framed, with their type. ✓: as in gold; ✗: wrong type or boundaries."
        }
        @for outcome in Outcome::ALL {
            @let found: Vec<&Change> =
                by_outcome.iter().filter(|(of, _)| *of == outcome).map(|(_, change)| *change).collect();
            @if !found.is_empty() {
                h3 { (outcome.heading()) " (" (counted(found.len(), "sentence")) ")" }
                @for change in found { (example(change)) }
            }
        }
    }
}

/// How a sentence's errors changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Corrected,
    NewErrors,
    Both,
    Unchanged,
}

impl Outcome {
    const ALL: [Outcome; 4] =
        [Outcome::Corrected, Outcome::NewErrors, Outcome::Both, Outcome::Unchanged];

    fn heading(self) -> &'static str {
        match self {
            Outcome::Corrected => "Corrected",
            Outcome::NewErrors => "New errors",
            Outcome::Both => "Partly corrected, with new errors",
            Outcome::Unchanged => "Same errors as before",
        }
    }

    fn of(change: &Change) -> Self {
        let [gold, before, after] = [&change.gold, &change.before, &change.after]
            .map(|tags| entities(tags, SeqevalMode::Default));
        // An error is a missed or a spurious entity.
        let errors = |found: &[Entity]| -> Vec<Entity> {
            let missed = gold.iter().filter(|entity| !found.contains(entity));
            let spurious = found.iter().filter(|entity| !gold.contains(entity));
            missed.chain(spurious).cloned().collect()
        };
        let (before, after) = (errors(&before), errors(&after));
        let corrected = before.iter().any(|error| !after.contains(error));
        let new = after.iter().any(|error| !before.contains(error));
        match (corrected, new) {
            (true, false) => Outcome::Corrected,
            (false, true) => Outcome::NewErrors,
            (true, true) => Outcome::Both,
            (false, false) => Outcome::Unchanged,
        }
    }
}

fn example(change: &Change) -> Markup {
    let Change { run, language, words, gold, before, after } = change;
    let gold_entities = entities(gold, SeqevalMode::Default);
    let fits = [gold, before, after].into_iter().all(|tags| tags.len() == words.len());
    html! {
        div.example {
            p.run dir="auto" { (language) ": " (run) }
            @if !fits {
                p { "This sentence has a different number of words and tags." }
            }
            dl {
                @for (name, tags) in [("gold", gold), ("before", before), ("after", after)] {
                    @let compared = (name != "gold").then_some(gold_entities.as_slice());
                    div { dt { (name) } dd dir="auto" { (marked(words, tags, compared)) } }
                }
            }
        }
    }
}

/// The words with their entities framed, and marked as correct or wrong if there are gold entities. Entities beyond the
/// words are cut.
fn marked(words: &[String], tags: &[String], gold: Option<&[Entity]>) -> Markup {
    let mut next = 0;
    let found = entities(&tags[..tags.len().min(words.len())], SeqevalMode::Default);
    html! {
        @for entity in &found {
            @let before = &words[next..entity.start];
            @if !before.is_empty() { (before.join(" ")) " " }
            @let correct = gold.map(|gold| gold.contains(entity));
            mark class=[correct.map(|correct| if correct { "correct" } else { "wrong" })] {
                (words[entity.start..entity.end].join(" "))
                " "
                span.type {
                    bdi { (entity.entity_type) }
                    @match correct {
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
    fn outcomes_depend_on_entities() {
        let correct = "B-PER I-PER O O B-LOC";
        assert_eq!(Outcome::of(&change("B-PER O O O B-LOC", correct)), Outcome::Corrected);
        assert_eq!(Outcome::of(&change(correct, "B-PER I-PER O O O")), Outcome::NewErrors);
        let both = change("B-PER I-PER O O O", "O O O O B-LOC");
        assert_eq!(Outcome::of(&both), Outcome::Both);
        let unchanged = change("B-PER I-PER O O B-ORG", "I-PER I-PER O O B-ORG");
        assert_eq!(Outcome::of(&unchanged), Outcome::Unchanged);
    }

    #[test]
    fn entities_are_framed_and_marked() {
        insta::assert_snapshot!(
            example(&change("B-PER O O O B-LOC", "O O B-PER O O"))
                .into_string()
                .replace("<div>", "\n<div>")
        );
    }
}
