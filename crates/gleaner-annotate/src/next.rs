//! Which sentences an annotator is shown next.

use crate::{
    draw::{Draw, bits, happens},
    project::Project,
};
use std::collections::{BTreeMap, BTreeSet};

/// A sentence to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) id: usize,
    pub(crate) why: Why,
}

/// Why a sentence is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// It is held out.
    HeldOut,
    /// The model chose it.
    Model,
    /// It is drawn at random.
    Random,
    /// An audit found something in it.
    Doubtful,
}

/// Chooses up to `take` sentences for an annotator, after those in `after`, which the annotator has but has not
/// answered. Sentences in `elsewhere`, which other annotators have, are chosen only if there are no others, unless they
/// are shared. `queue` are the sentences that a model chose, the most useful first.
///
/// In an audit these are the doubtful sentences, in its order.
///
/// An annotator is shown no sentence twice, and only shared ones that another one has accepted or rejected. The choice
/// is a function of the project and of the arguments.
pub(crate) fn next(
    project: &Project,
    annotator: &str,
    after: &[usize],
    elsewhere: &BTreeSet<usize>,
    take: usize,
    queue: &[usize],
) -> Vec<Choice> {
    let chosen =
        |free: &dyn Fn(usize) -> bool| choose(project, annotator, after, take, queue, free);
    let free = chosen(&|id| !elsewhere.contains(&id) || project.is_shared(id));
    if free.is_empty() { chosen(&|_| true) } else { free }
}

/// Chooses among the sentences that are `free`, as [`next`] does.
fn choose(
    project: &Project,
    annotator: &str,
    after: &[usize],
    take: usize,
    queue: &[usize],
    free: &dyn Fn(usize) -> bool,
) -> Vec<Choice> {
    let seed = project.settings().seed;
    let own = project.state().of(annotator);
    let is_open = open(project, annotator);
    let is_open = |id: usize| is_open(id) && !after.contains(&id) && free(id);
    if let Some(audit) = project.audit() {
        let open = audit.doubts.iter().map(|doubt| doubt.id).filter(|id| is_open(*id));
        return open.take(take).map(|id| Choice { id, why: Why::Doubtful }).collect();
    }
    let texts = project.texts().iter().filter(|text| !project.is_gold(text) && is_open(text.id));
    let (mut held_out, mut others): (Vec<usize>, Vec<usize>) =
        texts.map(|text| text.id).partition(|id| project.is_held_out(*id));
    for part in [&mut held_out, &mut others] {
        part.sort_by_cached_key(|id| bits(seed, Draw::Rank, *id as u64));
    }
    // Those of the queue come first, in its order.
    let places: BTreeMap<usize, usize> =
        queue.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    others.sort_by_key(|id| places.get(id).copied().unwrap_or(usize::MAX));
    let (mut held_out, mut others) = (held_out.into_iter(), others.into_iter().peekable());
    let before = own.len() + after.iter().collect::<BTreeSet<_>>().len();
    let choose = |turn: usize| {
        let is_random = happens(seed, Draw::Turn, turn as u64, project.settings().random_share);
        let mut test = || held_out.next().map(|id| Choice { id, why: Why::HeldOut });
        let wanted = if is_random || others.peek().is_none() { test() } else { None };
        wanted.or_else(|| {
            let id = others.next()?;
            let why = if places.contains_key(&id) { Why::Model } else { Why::Random };
            Some(Choice { id, why })
        })
    };
    (before..).map_while(choose).take(take).collect()
}

/// One sentence for an annotator; `None` if there is nothing left to answer in it.
pub(crate) fn this(
    project: &Project,
    annotator: &str,
    id: usize,
    queue: &[usize],
) -> Option<Choice> {
    let text = project.texts().get(id)?;
    if project.is_gold(text) || !open(project, annotator)(id) {
        return None;
    }
    let why = match project.audit() {
        Some(audit) => audit.doubt(id).map(|_| Why::Doubtful)?,
        None if project.is_held_out(id) => Why::HeldOut,
        None if queue.contains(&id) => Why::Model,
        None => Why::Random,
    };
    Some(Choice { id, why })
}

/// Whether an annotator may still answer a sentence.
fn open<'a>(project: &'a Project, annotator: &str) -> impl Fn(usize) -> bool + use<'a> {
    let own = project.state().of(annotator);
    let verdicts = project.state().verdicts();
    move |id| {
        let is_done = verdicts.contains_key(&id) && !project.is_shared(id);
        !is_done && !own.contains_key(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{answer, project};

    fn ids(choices: &[Choice]) -> Vec<usize> {
        choices.iter().map(|choice| choice.id).collect()
    }

    #[test]
    fn every_sentence_is_shown_once() {
        let (_folder, mut session) = project("seed = 4\nshared = 0.0\n", 40);
        let all = next(session.project(), "a", &[], &BTreeSet::new(), 100, &[]);
        let mut sorted = ids(&all);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..40).collect::<Vec<_>>());
        assert_ne!(sorted, ids(&all));
        // The same order, one by one and with two sentences ahead.
        for (at, choice) in all.iter().enumerate() {
            let ahead = &ids(&all[at..])[..2.min(all.len() - at)];
            assert_eq!(this(session.project(), "a", choice.id, &[]), Some(*choice));
            let found = next(session.project(), "a", ahead, &BTreeSet::new(), 3, &[]);
            assert_eq!(ids(&found), ids(&all[(at + ahead.len())..(at + ahead.len() + 3).min(40)]));
            session.answer(answer("a", choice.id, &[]), None).unwrap();
            for annotator in ["a", "b"] {
                assert_eq!(this(session.project(), annotator, choice.id, &[]), None);
            }
        }
        assert_eq!(this(session.project(), "a", 40, &[]), None);
        assert_eq!(next(session.project(), "a", &[], &BTreeSet::new(), 5, &[]), []);
        assert_eq!(next(session.project(), "b", &[], &BTreeSet::new(), 5, &[]), []);
    }

    #[test]
    fn held_out_sentences_come_at_random_among_those_that_the_model_chose() {
        let (_folder, session) = project("seed = 4\n", 200);
        let project = session.project();
        let queue: Vec<usize> = (0..200).rev().filter(|id| !project.is_held_out(*id)).collect();
        let all = next(project, "a", &[], &BTreeSet::new(), 50, &queue[..30]);
        for choice in &all {
            assert_eq!(choice.why == Why::HeldOut, project.is_held_out(choice.id));
        }
        let chosen: Vec<usize> = all.iter().filter(|c| c.why == Why::Model).map(|c| c.id).collect();
        assert_eq!(chosen, queue[..30]);
        let held_out = all.iter().filter(|choice| choice.why == Why::HeldOut).count();
        assert!((3..20).contains(&held_out), "{held_out}");
        assert!(all.iter().any(|choice| choice.why == Why::Random));
    }

    #[test]
    fn what_others_have_comes_last() {
        let (_folder, session) = project("seed = 4\nshared = 0.3\n", 40);
        let project = session.project();
        let first = ids(&next(project, "a", &[], &BTreeSet::new(), 12, &[]));
        let elsewhere: BTreeSet<usize> = first.iter().copied().collect();
        let others = ids(&next(project, "b", &[], &elsewhere, 100, &[]));
        let both: Vec<usize> = first.into_iter().filter(|id| others.contains(id)).collect();
        assert!(!both.is_empty() && both.iter().all(|id| project.is_shared(*id)), "{both:?}");
        // Nothing but what the other has is left.
        let rest: Vec<usize> = others.into_iter().chain(both).collect();
        let left = ids(&next(project, "b", &rest, &elsewhere, 100, &[]));
        assert_eq!(
            left.iter().copied().collect::<BTreeSet<_>>(),
            &elsewhere - &rest.into_iter().collect()
        );
    }

    #[test]
    fn shared_sentences_are_shown_to_all() {
        let (_folder, mut session) = project("shared = 0.5\n", 60);
        for id in 0..60 {
            session.answer(answer("a", id, &[]), None).unwrap();
        }
        let others = next(session.project(), "b", &[], &BTreeSet::new(), 100, &[]);
        assert!((15..45).contains(&others.len()), "{}", others.len());
        assert!(others.iter().all(|choice| session.project().is_shared(choice.id)));
    }
}
