//! The agreement of two annotators of a project.

use crate::{
    answer::{Action, Span},
    project::Project,
};
use gleaner_metrics::Agreement;
use serde::Serialize;

/// How far two annotators agree on the sentences that both accepted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairAgreement {
    /// Their names.
    pub annotators: [String; 2],
    /// Number of sentences that both accepted.
    pub sentences: usize,
    /// Cohen's kappa over words: see [`Agreement::kappa`].
    pub kappa: Option<f64>,
    /// F1 over spans: see [`Agreement::f1`].
    pub f1: Option<f64>,
}

/// The agreement of the two annotators who have accepted the most sentences in common; of several such pairs, of the
/// first by name. `None` if no sentence was accepted by two.
pub(crate) fn agreement(project: &Project) -> Option<PairAgreement> {
    let names: Vec<&str> = project.state().annotators().collect();
    let mut best: Option<PairAgreement> = None;
    for (at, one) in names.iter().enumerate() {
        for other in &names[at + 1..] {
            let tags = tags_of_both(project, one, other);
            if tags.len() > best.as_ref().map_or(0, |best| best.sentences) {
                best = of_pair([*one, *other], &tags);
            }
        }
    }
    best
}

/// The tags that each of two annotators gave to the sentences that both accepted.
fn tags_of_both(project: &Project, one: &str, other: &str) -> Vec<[Vec<String>; 2]> {
    let others = project.state().of(other);
    let own = project.state().of(one).into_iter();
    let both = own.filter_map(|(id, entry)| Some((id, [entry, others.get(&id).copied()?])));
    let accepted = both.filter(|(_, pair)| pair.iter().all(|e| e.action == Action::Accept));
    accepted
        .map(|(id, pair)| pair.map(|e| Span::tags(&e.spans, project.texts()[id].words.len())))
        .collect()
}

fn of_pair(names: [&str; 2], tags: &[[Vec<String>; 2]]) -> Option<PairAgreement> {
    let pairs = tags.iter().map(|[one, other]| (one.as_slice(), other.as_slice()));
    // Types without white space make tags, so no tag is refused.
    let Agreement { sentences, kappa, f1, .. } = Agreement::of(pairs).ok()?;
    Some(PairAgreement { annotators: names.map(str::to_owned), sentences, kappa, f1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{answer, project};

    #[test]
    fn the_pair_with_the_most_common_sentences_is_compared() {
        let (_folder, mut session) = project("", 6);
        for (name, id, spans) in [
            ("a", 0, vec![(0, 1)]),
            ("a", 1, vec![(0, 1)]),
            ("b", 0, vec![(0, 1)]),
            ("b", 1, vec![(1, 2)]),
            ("c", 1, vec![(1, 2)]),
        ] {
            session.answer(answer(name, id, &spans), None).unwrap();
        }
        let found = agreement(session.project()).unwrap();
        assert_eq!((found.annotators, found.sentences), (["a".into(), "b".into()], 2));
        assert_eq!(found.f1, Some(0.5));
        assert!(found.kappa.unwrap() > 0.0);
        session.undo("a").unwrap();
        let found = agreement(session.project()).unwrap();
        assert_eq!((found.sentences, found.f1), (1, Some(1.0)));
    }
}
