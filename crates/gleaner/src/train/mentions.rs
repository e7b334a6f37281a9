//! Mention replacement: mentions of training sentences are exchanged for others of their type, other ones in every
//! epoch, so that the tagger learns from the context rather than the names (Dai and Adel 2020, section 3).

use crate::{Dataset, Settings};
use gleaner_corpus::Sentence;
use gleaner_nn::rng::Stream;
use std::collections::BTreeMap;

/// A sentence with other mentions.
#[derive(Debug, PartialEq)]
pub(super) struct Replaced {
    pub(super) words: Vec<String>,
    /// IOB2 tags, `[words]`.
    pub(super) tags: Vec<String>,
}

/// Replaces mentions of training sentences.
pub(super) struct Replacement<'a> {
    sentences: &'a [Sentence],
    groups: Groups<'a>,
    /// The probability that a mention is replaced.
    share: f32,
    stream: Stream,
}

impl<'a> Replacement<'a> {
    /// The replacement that settings ask for.
    pub(super) fn of(settings: &Settings, data: &'a Dataset) -> Option<Self> {
        let mentions = data.mentions.as_ref()?;
        Some(Self {
            sentences: &data.train.sentences,
            groups: groups(mentions.types().flat_map(|t| mentions.of_type(t).map(move |m| (t, m)))),
            share: settings.data.replace_mentions as f32,
            stream: Stream::new(settings.run.seed).named("mentions"),
        })
    }

    /// The training sentence with this index as it is in an epoch; `None` if no mention of it is replaced.
    pub(super) fn sentence(&self, epoch: u32, index: usize) -> Option<Replaced> {
        let sentence = &self.sentences[index];
        let stream = self.stream.child(u64::from(epoch)).child(index as u64);
        let mut replaced = Replaced { words: Vec::new(), tags: Vec::new() };
        let mut from = 0;
        let mut changed = false;
        for (number, entity) in sentence.entities().into_iter().enumerate() {
            let old = &sentence.words[entity.start..entity.end];
            let chance = stream.uniform(2 * number as u64);
            let new = (chance < self.share)
                .then(|| self.other(&entity.entity_type, old, stream, 2 * number as u64 + 1))
                .flatten();
            let Some(new) = new else { continue };
            replaced.words.extend_from_slice(&sentence.words[from..entity.start]);
            replaced.tags.extend_from_slice(&sentence.tags[from..entity.start]);
            replaced.words.extend_from_slice(new);
            let inside = std::iter::repeat_n(format!("I-{}", entity.entity_type), new.len() - 1);
            replaced
                .tags
                .extend(std::iter::once(format!("B-{}", entity.entity_type)).chain(inside));
            from = entity.end;
            changed = true;
        }
        replaced.words.extend_from_slice(&sentence.words[from..]);
        replaced.tags.extend_from_slice(&sentence.tags[from..]);
        changed.then_some(replaced)
    }

    /// Another mention of a type: of like case, and of at most one word more or less.
    fn other<'s>(
        &'s self,
        entity_type: &'s str,
        old: &'s [String],
        stream: Stream,
        index: u64,
    ) -> Option<&'s [String]> {
        let like = case(old);
        let of_length = |length| -> &'s [&'s [String]] {
            self.groups.get(&(entity_type, like, length)).map_or(&[], Vec::as_slice)
        };
        let groups = [old.len() - 1, old.len(), old.len() + 1].map(of_length);
        // Where the old mention is among all of them, which are sorted.
        let shorter = groups[0].len();
        let own = groups[1].binary_search(&old).ok().map(|at| shorter + at);
        let all =
            groups.iter().map(|group| group.len()).sum::<usize>() - usize::from(own.is_some());
        if all == 0 {
            return None;
        }
        let drawn = stream.below(all, index);
        let mut at = drawn + usize::from(own.is_some_and(|own| drawn >= own));
        for group in groups {
            match group.get(at) {
                Some(mention) => return Some(mention),
                None => at -= group.len(),
            }
        }
        None
    }
}

/// Mentions by type, case and number of words, sorted.
type Groups<'a> = BTreeMap<(&'a str, (bool, bool), usize), Vec<&'a [String]>>;

fn groups<'a>(mentions: impl Iterator<Item = (&'a str, &'a [String])>) -> Groups<'a> {
    let mut groups = Groups::new();
    for (entity_type, words) in mentions {
        groups.entry((entity_type, case(words), words.len())).or_default().push(words);
    }
    groups.values_mut().for_each(|group| group.sort_unstable());
    groups
}

/// Whether the first letter of a mention is upper case, and whether all letters are. Scripts without case have neither.
fn case(words: &[String]) -> (bool, bool) {
    let mut letters = words.iter().flat_map(|word| word.chars()).filter(|c| c.is_alphabetic());
    let first = letters.clone().next().is_some_and(char::is_uppercase);
    let more = letters.clone().nth(1).is_some();
    (first, more && letters.all(char::is_uppercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(text: &str) -> Sentence {
        let pairs = text.split(' ').map(|pair| pair.split_once('/').expect("word/tag"));
        let (words, tags) = pairs.map(|(word, tag)| (word.to_owned(), tag.to_owned())).unzip();
        Sentence { words, tags, ..Sentence::default() }
    }

    fn text(replaced: &Replaced) -> String {
        let pairs = replaced.words.iter().zip(&replaced.tags);
        pairs.map(|(word, tag)| format!("{word}/{tag}")).collect::<Vec<_>>().join(" ")
    }

    fn replacement<'a>(
        sentences: &'a [Sentence],
        list: &'a [(&'a str, Vec<Vec<String>>)],
        share: f32,
    ) -> Replacement<'a> {
        let all = list.iter().flat_map(|(t, all)| all.iter().map(move |m| (*t, m.as_slice())));
        Replacement { sentences, groups: groups(all), share, stream: Stream::new(1) }
    }

    fn mention(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_mention_gives_way_to_one_of_its_type_case_and_length() {
        let sentences =
            [sentence("Anna/B-PER woon/O in/O New/B-LOC York/I-LOC ./O"), sentence("niks/O")];
        let list = [
            (
                "LOC",
                ["New York", "oudrif", "NASA", "Groot Klein Dal Oos", "Oudrif"]
                    .map(mention)
                    .to_vec(),
            ),
            ("PER", vec![mention("Anna")]),
        ];
        let all = replacement(&sentences, &list, 1.0);
        // Nobody else is called differently, and one place fits.
        let found = all.sentence(1, 0).unwrap();
        assert_eq!(text(&found), "Anna/B-PER woon/O in/O Oudrif/B-LOC ./O");
        assert_eq!(all.sentence(1, 1), None);
        assert_eq!(replacement(&sentences, &list, 0.0).sentence(1, 0), None);
    }

    #[test]
    fn epochs_draw_differently_and_repeatably_and_as_often_as_the_share_says() {
        let sentences = [sentence("in/O Oudrif/B-LOC ./O")];
        let names = (0..40).map(|i| mention(&format!("Plek{i}"))).collect();
        let list = [("LOC", names)];
        let half = replacement(&sentences, &list, 0.5);
        let drawn: Vec<_> = (0..400).map(|epoch| half.sentence(epoch, 0)).collect();
        let count = drawn.iter().flatten().count();
        assert!((150..250).contains(&count), "{count}");
        let different: std::collections::BTreeSet<_> = drawn.iter().flatten().map(text).collect();
        assert!(different.len() > 30, "{different:?}");
        assert_eq!(half.sentence(7, 0), half.sentence(7, 0));
    }

    #[test]
    fn case_is_that_of_the_first_letter_and_of_all() {
        let of = |text: &str| case(&mention(text));
        assert_eq!(
            [of("Anna"), of("van Wyk"), of("NASA"), of("A"), of("漢字")],
            [(true, false), (false, false), (true, true), (true, false), (false, false)]
        );
    }
}
